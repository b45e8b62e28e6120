"""Examine a credential of anybody: its model, its proofs, its issuer's say over the key, its status and its dates.

What cannot be had (a DID document, a status list) is "unchecked", never passed.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib import resources
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.certification.domain.verdict import Outcome
from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.data_integrity import Expected, ProofFaultError, verify_proofs
from services.certification.formats.did_key import PublicKey
from services.certification.formats.general import general_form
from services.certification.formats.multikey import decode_base58
from services.certification.formats.vc_jwt import (
    JwtFaultError,
    credential_in,
    read_jwt,
    require_current,
    verify_jwt,
)
from services.certification.formats.vc_model import credential_faults, period_of
from services.certification.formats.vc_status import REFUSING, StatusListError, bits_of, is_entry, value_at
from services.certification.handlers.resolution import Resolver, UnresolvedError
from shared.fetch import FetchError
from shared.web.strict_json import MalformedJsonError, loads

Document = Mapping[str, Any]

MAX_LIST: Final = 256 * 1024
_MAX_ENTRIES: Final = 4
_FETCHED: Final = ("https:", "http:")
_SRI: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_SHA256: Final = b"\x12\x20"
_LIST_TYPES: Final = (
    "application/vc+ld+json, application/vc, application/ld+json, application/json, application/vc+jwt"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `code` is the name of the error in the W3C's specifications."""

    name: str
    outcome: Outcome
    detail: str
    code: str = "MALFORMED_VALUE_ERROR"


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examines at the moment `now`. `inline_contexts`: whether a document may bring JSON-LD contexts of its own.

    `own_list` gives the status list that this installation publishes at an address, or None where it has none there.
    """

    resolver: Resolver
    now: datetime
    own_list: Callable[[str], bytes | None]
    inline_contexts: bool = False

    def credential(self, credential: Document, expected: Expected | None = None) -> list[Finding]:
        """The findings about a credential with Data Integrity proofs, in the order of the checks."""
        faults = credential_faults(credential)
        if faults:
            told = "; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults[:5])
            return [Finding("format", "failed", f"It breaks the data model. {told}")]
        expected = expected or Expected(self.now)
        proof, methods = self._proofs(credential, expected)
        found = [Finding("format", "passed", "It is a verifiable credential."), proof]
        if proof.outcome != "passed":
            return found
        return [*found, self._issuer(credential, methods), *self.claims(credential)]

    def token(self, token: str) -> list[Finding]:
        """The findings about a credential in JOSE form."""
        try:
            header, payload = read_jwt(token)
            credential = credential_in(payload)
        except JwtFaultError as error:
            return [Finding("format", "failed", f"It is no credential: {error}.", "PARSING_ERROR")]
        if faults := credential_faults(credential):
            return [Finding("format", "failed", f"It breaks the data model. {faults[0].detail}")]
        found = [Finding("format", "passed", "It is a verifiable credential in JOSE form.")]
        issuer = _party(credential.get("issuer"))
        try:
            method = self.resolver.method(issuer, header.get("kid"), "assertionMethod")
            verify_jwt(token, self.resolver.key(method, "assertionMethod"))
            require_current(payload, self.now)
        except UnresolvedError as error:
            return [*found, Finding("proof", "unchecked", f"{error}.", "PROOF_VERIFICATION_ERROR")]
        except (ProofFaultError, JwtFaultError) as error:
            return [*found, _failed(f"{error}")]
        found.append(
            Finding("proof", "passed", "The signature holds: nothing was changed since it was made.")
        )
        return [*found, self._issuer(credential, [method]), *self.claims(credential)]

    def claims(self, credential: Document) -> list[Finding]:
        """The findings about what a credential whose proof holds says of itself: status, dates, resources."""
        return [*self._status(credential), self._dates(credential), *self.related(credential)]

    def _proofs(self, secured: Document, expected: Expected) -> tuple[Finding, list[str]]:
        form = partial(general_form, inline_contexts=self.inline_contexts)
        try:
            proofs = verify_proofs(secured, self._key, expected, form=form)
        except UnresolvedError as error:
            return Finding("proof", "unchecked", f"{error}.", "PROOF_VERIFICATION_ERROR"), []
        except ProofFaultError as error:
            outcome: Outcome = "unchecked" if "context" in str(error) and "pinned" in str(error) else "failed"
            return Finding("proof", outcome, f"The signature does not hold: {error}.", error.code), []
        told = "The signature holds: nothing was changed since it was made."
        return Finding("proof", "passed", told), [proof["verificationMethod"] for proof in proofs]

    def _key(self, method: str, purpose: str) -> PublicKey:
        key = self.resolver.key(method, purpose)
        if isinstance(key, RSAPublicKey):
            raise ProofFaultError("the key is not of the kind that the cryptosuite signs with")
        return key

    @staticmethod
    def _issuer(credential: Document, methods: list[str]) -> Finding:
        issuer = _party(credential.get("issuer"))
        if not issuer.startswith("did:"):
            told = (
                f"It names {issuer[:200]} as its issuer, which publishes no keys by which that could be seen."
            )
            return Finding("issuer", "unchecked", told)
        if not any(method.partition("#")[0] == issuer for method in methods):
            told = "It was signed with the key of somebody else than the issuer that it names."
            return Finding("issuer", "failed", told, "CRYPTOGRAPHIC_SECURITY_ERROR")
        told = f"The key is that of {issuer[:200]}, which is not registered here: who that is remains to be seen."
        return Finding("issuer", "remark", told)

    def _status(self, credential: Document) -> Iterator[Finding]:
        entries = credential.get("credentialStatus", [])
        entries = entries if isinstance(entries, list) else [entries]
        if not entries:
            yield Finding("status", "passed", "It names no status list: its issuer cannot withdraw it.")
        if len(entries) > _MAX_ENTRIES:
            yield Finding("status", "unchecked", "It names more status lists than are looked up.")
            return
        for entry in entries:
            yield self._entry(credential, entry)

    def _entry(self, credential: Document, entry: Document) -> Finding:
        if not is_entry(entry):
            told = "It has a status of a kind that is not known here."
            return Finding("status", "unchecked", told, "STATUS_VERIFICATION_ERROR")
        try:
            bits = bits_of(self._list(credential, entry), entry["statusPurpose"])
            value = value_at(bits, entry)
        except StatusListError as error:
            outcome: Outcome = "unchecked" if error.code == "STATUS_RETRIEVAL_ERROR" else "failed"
            return Finding("status", outcome, f"Its status is not known: {error}.", error.code)
        if value and entry["statusPurpose"] in REFUSING:
            told = f"Its issuer has withdrawn it: the bit for {entry['statusPurpose']} is set."
            return Finding("status", "failed", told, "STATUS_VERIFICATION_ERROR")
        if value:
            return Finding(
                "status", "remark", f"Its status list says {value} for {entry['statusPurpose'][:60]}."
            )
        return Finding("status", "passed", f"Its status list does not say {entry['statusPurpose'][:60]}.")

    def _list(self, credential: Document, entry: Document) -> Document:
        """The status list that `entry` points to, once its own proof holds and its issuer is the credential's.

        Raises:
            StatusListError: it cannot be had, or does not hold.
        """
        address = entry["statusListCredential"]
        try:
            body = self.own_list(address) or self.resolver.fetcher.get(
                address, accept=_LIST_TYPES, max_bytes=MAX_LIST
            )
        except FetchError as error:
            raise StatusListError(
                f"the list could not be fetched: {error}", "STATUS_RETRIEVAL_ERROR"
            ) from error
        listed, findings = self._read_list(body)
        for finding in findings:
            if finding.outcome in {"failed", "unchecked"}:
                code = (
                    "STATUS_VERIFICATION_ERROR" if finding.outcome == "failed" else "STATUS_RETRIEVAL_ERROR"
                )
                raise StatusListError(f"the list itself does not hold: {finding.detail}", code)
            if finding.name == "dates" and finding.outcome == "remark":
                raise StatusListError(f"the list is out of date: {finding.detail}", "STATUS_RETRIEVAL_ERROR")
        if _party(listed.get("issuer")) != _party(credential.get("issuer")):
            raise StatusListError("the list is of another issuer")
        return listed

    def _read_list(self, body: bytes) -> tuple[Document, list[Finding]]:
        if body.startswith(b"ey"):
            token = body.decode("ascii", "replace").strip()
            try:
                listed = credential_in(read_jwt(token)[1])
            except JwtFaultError as error:
                raise StatusListError("what the entry points to is no status list") from error
            _require_plain(listed)
            return listed, self.token(token)
        try:
            listed = loads(body)
        except MalformedJsonError as error:
            raise StatusListError("the list is not JSON", "STATUS_RETRIEVAL_ERROR") from error
        _require_plain(listed)
        return listed, replace(self, inline_contexts=False).credential(listed)

    def _dates(self, credential: Document) -> Finding:
        begins, ends = period_of(credential)
        if begins is not None and begins > self.now:
            return Finding("dates", "failed", f"It is valid only from {begins.date()} on.", "RANGE_ERROR")
        if ends is not None and ends < self.now:
            return Finding("dates", "remark", f"It expired on {ends.date()}.", "RANGE_ERROR")
        return Finding("dates", "passed", "The present moment is within its dates.")

    def related(self, credential: Document) -> Iterator[Finding]:
        """A finding about each resource whose digest the credential states."""
        resources_named = credential.get("relatedResource", [])
        listed = resources_named if isinstance(resources_named, list) else [resources_named]
        fetched = [resource for resource in listed if resource["id"].startswith(_FETCHED)]
        if len(fetched) < len(listed):
            told = "It names related resources without an address: compare their digests with those of your copies."
            yield Finding("related", "remark", told)
        for resource in fetched[:_MAX_ENTRIES]:
            yield self._resource(resource)
        if len(fetched) > _MAX_ENTRIES:
            yield Finding("related", "unchecked", "It names more resources than are looked up.")

    def _resource(self, resource: Document) -> Finding:
        if not all(_well_formed(resource, name) for name in ("digestSRI", "digestMultibase")):
            return Finding("related", "failed", "A related resource has a digest that is none.")
        try:
            body = _known(resource["id"]) or self.resolver.fetcher.get(
                resource["id"], accept=resource.get("mediaType", "*/*"), max_bytes=MAX_LIST
            )
        except FetchError as error:
            return Finding("related", "unchecked", f"A related resource could not be fetched: {error}.")
        if not all(check(body) for check in _digests(resource)):
            told = "A related resource is not the one whose digest is stated."
            return Finding("related", "failed", told, "CRYPTOGRAPHIC_SECURITY_ERROR")
        return Finding("related", "passed", "A related resource is the one whose digest is stated.")


def _require_plain(listed: object) -> None:
    """Refuse a list with a status or resources of its own: following those would never end."""
    if not isinstance(listed, dict) or {"credentialStatus", "relatedResource"} & set(listed):
        raise StatusListError("what the entry points to is no status list")


def _failed(detail: str) -> Finding:
    return Finding("proof", "failed", f"The signature does not hold: {detail}.", "PROOF_VERIFICATION_ERROR")


def _party(party: object) -> str:
    identifier = party.get("id") if isinstance(party, dict) else party
    return identifier if isinstance(identifier, str) else ""


def _known(address: str) -> bytes | None:
    if address != CREDENTIALS:
        return None
    return resources.files("openbadgeslib.ob3.contexts").joinpath("credentials-v2.json").read_bytes()


def _well_formed(resource: Document, name: str) -> bool:
    return name not in resource or any(True for _ in _digests({name: resource[name]}))


def _digests(resource: Document) -> Iterator[Callable[[bytes], bool]]:
    """Tests of a body, one for each digest of `resource` that can be read."""
    stated = resource.get("digestSRI")
    if isinstance(stated, str):
        name, _, text = stated.partition("-")
        expected = _unbase64(text)
        if name in _SRI and expected is not None and len(expected) == _SRI[name]().digest_size:
            yield lambda body: _SRI[name](body).digest() == expected
    multibase = resource.get("digestMultibase")
    if isinstance(multibase, str):
        digest = _multihash(multibase)
        if digest is not None:
            yield lambda body: hashlib.sha256(body).digest() == digest


def _multihash(text: str) -> bytes | None:
    try:
        data = (
            decode_base58(text) if text.startswith("z") else _unbase64(text[1:]) if text[:1] == "u" else None
        )
    except ValueError:
        return None
    length = hashlib.sha256().digest_size
    if data is not None and len(data) == length + 2 and data.startswith(_SHA256):
        return data[2:]
    return data if data is not None and len(data) == length else None


def _unbase64(text: str) -> bytes | None:
    try:
        plain = text.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
