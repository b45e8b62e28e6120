"""Read SD-JWTs (RFC 9901), ours and others', by code that shares nothing with what makes them.

A digest that occurs twice, a disclosure that nothing refers to, a claim that would overwrite another: each is refused,
because two verifiers could read different credentials out of the same presentation. The signature is looked at by
whoever has the key.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.certification.formats.jws import JwtFaultError, key_from_jwk, read_jwt, verify_jwt
from shared.web.strict_json import MAX_DEPTH, MalformedJsonError, loads

MEDIA_TYPE: Final = "application/dc+sd-jwt"
TYPES: Final = frozenset({"dc+sd-jwt", "vc+sd-jwt"})
"""The second name is the one of earlier drafts; credentials under it are still about."""

NEVER_WITHHELD: Final = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"})
LEEWAY_SECONDS: Final = 60
FRESH_SECONDS: Final = 300
"""How old a holder's signature over a presentation may be."""

_BINDING: Final = frozenset({"kb+jwt"})
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
_OF_A_CLAIM: Final = 3
_OF_AN_ITEM: Final = 2
_MOST_DISCLOSURES: Final = 500


@dataclass(frozen=True, slots=True)
class SdJwt:
    """What was presented. `payload` is what the issuer signed, `claims` the same with what the holder discloses."""

    jwt: str
    disclosed_part: str
    key_binding: str | None
    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    claims: Mapping[str, Any]


def is_sd_jwt(presented: object) -> bool:
    """Whether it is a text in the form of an SD-JWT; nothing is said about what it contains."""
    return isinstance(presented, str) and "~" in presented


def read_sd_jwt(text: str) -> SdJwt:
    """Take a presentation apart and put disclosed claims in their places; no signature is looked at.

    Raises:
        JwtFaultError: it is no SD-JWT VC, or one that verifiers could read differently.
    """
    jwt, *rest = text.split("~")
    if not rest or len(rest) > _MOST_DISCLOSURES:
        raise JwtFaultError("this is not an SD-JWT")
    *disclosures, binding = rest
    header, payload = read_jwt(jwt, TYPES)
    if "typ" not in header:
        raise JwtFaultError("the token does not say that it is an SD-JWT VC")
    claims = _Filling(payload, disclosures).claims()
    if withheld := sorted((NEVER_WITHHELD & claims.keys()) - payload.keys()):
        raise JwtFaultError(f"the claim {withheld[0]} may not be disclosed selectively")
    return SdJwt(jwt, text[: len(text) - len(binding)], binding or None, header, payload, claims)


@dataclass(slots=True)
class _Filling:
    """One pass over a payload; every digest and every disclosure is met exactly once."""

    payload: Mapping[str, Any]
    disclosures: list[str]
    _known: dict[str, str] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)
    _depth: int = 0

    def claims(self) -> dict[str, Any]:
        algorithm = self.payload.get("_sd_alg", "sha-256")
        if not isinstance(algorithm, str) or algorithm not in _HASHES:
            raise JwtFaultError("its disclosures are hashed by an algorithm that is not known here")
        self._known = {digest_of(each, algorithm): each for each in self.disclosures}
        filled: dict[str, Any] = self._object(
            {name: value for name, value in self.payload.items() if name != "_sd_alg"}
        )
        if len(self._used) != len(self.disclosures):
            raise JwtFaultError("it discloses something that its issuer did not sign, or the same twice")
        return filled

    def _value(self, value: Any) -> Any:
        if not isinstance(value, dict | list):
            return value
        # Each disclosure is as deep as JSON may be, and may refer to the next one.
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise JwtFaultError(f"with what it discloses it is nested deeper than {MAX_DEPTH} levels")
        filled = self._object(value) if isinstance(value, dict) else self._list(value)
        self._depth -= 1
        return filled

    def _list(self, value: list[Any]) -> list[Any]:
        return [filled for item in value for filled in self._item(item)]

    def _object(self, value: Mapping[str, Any]) -> dict[str, Any]:
        if "..." in value or "_sd_alg" in value:
            raise JwtFaultError("it has a claim of a name that is reserved")
        filled = {name: self._value(part) for name, part in value.items() if name != "_sd"}
        digests = value.get("_sd", [])
        if not isinstance(digests, list):
            raise JwtFaultError("its digests are not a list")
        for digest in digests:
            found = self._disclosure(digest, _OF_A_CLAIM)
            if found is None:
                continue
            _, name, content = found
            if not isinstance(name, str) or name in {"_sd", "..."} or name in filled:
                raise JwtFaultError("it discloses a claim of a name that is reserved or taken")
            filled[name] = self._value(content)
        return filled

    def _item(self, item: Any) -> list[Any]:
        if not isinstance(item, dict) or "..." not in item:
            return [self._value(item)]
        if len(item) != 1:
            raise JwtFaultError("a withheld item has other members")
        found = self._disclosure(item["..."], _OF_AN_ITEM)
        return [] if found is None else [self._value(found[1])]

    def _disclosure(self, digest: Any, length: int) -> list[Any] | None:
        if not isinstance(digest, str) or digest in self._met:
            raise JwtFaultError("a digest is no text, or there twice")
        self._met.add(digest)
        disclosure = self._known.get(digest)
        if disclosure is None:
            return None
        self._used.add(digest)
        content = _decoded(disclosure)
        if not isinstance(content, list) or len(content) != length or not isinstance(content[0], str):
            raise JwtFaultError("a disclosure is not of the form that belongs in its place")
        return content


def digest_of(text: str, algorithm: str = "sha-256") -> str:
    """The digest of a disclosure, or of a whole presentation, in base64url."""
    return base64.urlsafe_b64encode(_HASHES[algorithm](text.encode()).digest()).rstrip(b"=").decode()


def verify_key_binding(
    presented: SdJwt, now: datetime, *, nonce: str | None = None, audience: str | None = None
) -> None:
    """Return when the holder's key signed this presentation a short while ago, for `audience` and with `nonce`.

    What is None is not compared.

    Raises:
        JwtFaultError: it did not, or the credential is not bound to a key.
    """
    key = presented.payload.get("cnf", {})
    jwk = key.get("jwk") if isinstance(key, dict) else None
    if not isinstance(jwk, dict) or presented.key_binding is None:
        raise JwtFaultError("nothing shows that its holder presents it")
    header, claims = read_jwt(presented.key_binding, _BINDING)
    if header.get("typ") not in _BINDING:
        raise JwtFaultError("the holder's signature is not one over a presentation")
    verify_jwt(presented.key_binding, key_from_jwk(jwk), _BINDING)
    if claims.get("sd_hash") != digest_of(
        presented.disclosed_part, presented.payload.get("_sd_alg", "sha-256")
    ):
        raise JwtFaultError("the holder signed other disclosures than those presented")
    if not isinstance(claims.get("nonce"), str) or not isinstance(claims.get("aud"), str):
        raise JwtFaultError("the holder did not say for whom the presentation is, or for which question")
    if nonce is not None and claims["nonce"] != nonce:
        raise JwtFaultError("the holder answered another question (nonce)")
    if audience is not None and claims["aud"] != audience:
        raise JwtFaultError("the holder presented it to somebody else (aud)")
    _require_fresh(claims.get("iat"), now)


def _require_fresh(moment: Any, now: datetime) -> None:
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise JwtFaultError("the holder did not say when")
    age = now.timestamp() - moment
    if not -LEEWAY_SECONDS <= age <= FRESH_SECONDS:
        raise JwtFaultError("the holder's signature is not of this moment")


def _decoded(disclosure: str) -> Any:
    try:
        data = base64.b64decode(disclosure + "=" * (-len(disclosure) % 4), altchars=b"-_", validate=True)
        return loads(data)
    except (ValueError, MalformedJsonError) as error:
        raise JwtFaultError("a disclosure cannot be read") from error
