"""Find the public key behind a verification method: did:key by itself, did:web by fetching, ours from the register."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from services.certification.formats.data_integrity import ProofFaultError
from services.certification.formats.did_key import is_did_key, key_from_multikey, key_of_method, method_of
from services.certification.formats.jws import JwtFaultError, JwtKey, key_from_jwk
from shared.fetch import Fetcher, FetchError
from shared.web.strict_json import MalformedJsonError, loads

Document = Mapping[str, Any]

_WEB: Final = "did:web:"
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::[0-9]{1,5})?")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_MAX_METHODS: Final = 50
_DID_TYPES: Final = "application/did+json, application/did+ld+json, application/json"


class UnresolvedError(Exception):
    """The identifier's document could not be had, so that nothing is known about its keys."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Keys by verification method, for one examination: a document is fetched once, and a few at most.

    `own` gives the DID document of an issuer of this installation, or None where `did` is none.
    """

    fetcher: Fetcher
    own: Callable[[str], Document | None]
    most: int = 4
    kept: dict[str, Document] = field(default_factory=dict)

    def key(self, method: str, purpose: str) -> JwtKey:
        """The key of `method`, which its identifier allows for `purpose`.

        Raises:
            ProofFaultError: there is no such method, it is not meant for that, or its key cannot be read.
            UnresolvedError: the identifier's document cannot be had.
        """
        did = method.partition("#")[0]
        if is_did_key(did):
            try:
                return key_of_method(method)
            except ValueError as error:
                raise ProofFaultError(f"the verification method is not one: {error}") from error
        document = self.document(did)
        for named in _listed(document, purpose):
            found = _found(document, named)
            if found is not None and _absolute(str(found.get("id")), did) == method:
                return _key(found)
        raise ProofFaultError(f"the issuer has no key of that name for {purpose}")

    def methods(self, did: str, purpose: str) -> list[str]:
        """The verification methods that `did` allows for `purpose`.

        Raises:
            ProofFaultError, UnresolvedError: as `key`.
        """
        if is_did_key(did):
            try:
                return [method_of(key_of_method(did))]
            except ValueError as error:
                raise ProofFaultError(f"the issuer is not a did:key: {error}") from error
        document = self.document(did)
        named = [each.get("id") if isinstance(each, dict) else each for each in _listed(document, purpose)]
        return [_absolute(each, did) for each in named if isinstance(each, str)]

    def method(self, issuer: str, kid: str | None, purpose: str) -> str:
        """The verification method of `issuer` that the `kid` of a token names, or the only one where it names none.

        Raises:
            ProofFaultError: it names another's, or none where there is more or less than one.
            UnresolvedError: the identifier's document cannot be had.
        """
        if kid is None or kid == issuer:
            methods = self.methods(issuer, purpose)
            if len(methods) != 1:
                raise ProofFaultError("the token does not say with which of its issuer's keys it was signed")
            return methods[0]
        method = kid if kid.startswith("did:") else f"{issuer}#{kid.removeprefix('#')}"
        if method.partition("#")[0] != issuer:
            raise ProofFaultError("the token was signed with the key of somebody else than its issuer")
        return method

    def document(self, did: str) -> Document:
        """The DID document of `did`.

        Raises:
            UnresolvedError: it cannot be had, or says that it is another's.
        """
        if did not in self.kept:
            if len(self.kept) >= self.most:
                raise UnresolvedError("it names more identifiers than are looked up")
            own = self.own(did)
            self.kept[did] = own if own is not None else self._fetched(did)
        return self.kept[did]

    def _fetched(self, did: str) -> Document:
        try:
            document = loads(self.fetcher.get(address_of(did), accept=_DID_TYPES))
        except (FetchError, MalformedJsonError) as error:
            raise UnresolvedError(f"the keys of its issuer could not be fetched: {error}") from error
        if not isinstance(document, dict) or document.get("id") != did:
            raise UnresolvedError("what is published in its issuer's place is the document of another")
        return document


def address_of(did: str) -> str:
    """Where did:web publishes the document of `did`.

    Raises:
        UnresolvedError: not a did:web, or one that no host can have.
    """
    if not did.startswith(_WEB):
        raise UnresolvedError("its issuer has an identifier of a kind that is not looked up here")
    host, *path = did.removeprefix(_WEB).split(":")
    segments = [unquote(segment) for segment in path]
    if _HOST.fullmatch(unquote(host)) is None or not all(_is_segment(segment) for segment in segments):
        raise UnresolvedError("its issuer has an identifier that no host can answer for")
    return f"https://{unquote(host)}/{'/'.join(segments or ['.well-known'])}/did.json"


def _is_segment(segment: str) -> bool:
    return _SEGMENT.fullmatch(segment) is not None and segment not in {".", ".."}


def _listed(document: Document, purpose: str) -> list[Any]:
    found = document.get(purpose)
    return found[:_MAX_METHODS] if isinstance(found, list) else []


def _found(document: Document, named: Any) -> Document | None:
    """The method that an entry of a purpose is or names."""
    if isinstance(named, dict):
        return named
    did = str(document.get("id"))
    methods = document.get("verificationMethod")
    for method in methods[:_MAX_METHODS] if isinstance(methods, list) else []:
        if isinstance(method, dict) and _absolute(str(method.get("id")), did) == _absolute(str(named), did):
            return method
    return None


def _absolute(name: str, did: str) -> str:
    return did + name if name.startswith("#") else name


def _key(method: Document) -> JwtKey:
    multikey, jwk = method.get("publicKeyMultibase"), method.get("publicKeyJwk")
    try:
        if isinstance(multikey, str):
            return key_from_multikey(multikey)
        if isinstance(jwk, dict):
            return key_from_jwk(jwk)
    except (ValueError, JwtFaultError) as error:
        raise ProofFaultError(f"the issuer's key cannot be read: {error}") from error
    raise ProofFaultError("the issuer's key is written in a way that is not known here")
