"""Examine a credential of anybody: its model, its proofs, its issuer's say over the key, its status and its dates.

What cannot be had (a DID document, a status list) is "unchecked", never passed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.certification.domain.verdict import Finding, Outcome
from services.certification.formats.data_integrity import Expected, ProofFaultError, verify_proofs
from services.certification.formats.did_key import PublicKey
from services.certification.formats.general import UnreadContextError, general_form
from services.certification.formats.jws import JwtFaultError, read_jwt, verify_jwt
from services.certification.formats.vc_jwt import credential_in, require_current
from services.certification.formats.vc_model import credential_faults, party_of, period_of
from services.certification.formats.vc_status import StatusListError
from services.certification.handlers.related_resources import related_findings
from services.certification.handlers.resolution import Resolver, UnresolvedError
from services.certification.handlers.status_entries import status_findings
from shared.fetch import FetchError
from shared.web.strict_json import MalformedJsonError, loads

Document = Mapping[str, Any]

_MAX_LIST: Final = 256 * 1024
_LIST_TYPES: Final = (
    "application/vc+ld+json, application/vc, application/ld+json, application/json, application/vc+jwt"
)


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
        issuer = party_of(credential.get("issuer"))
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
        lists = partial(self._list, party_of(credential.get("issuer")))
        return [*status_findings(credential, lists), self._dates(credential), *self.related(credential)]

    def _proofs(self, secured: Document, expected: Expected) -> tuple[Finding, list[str]]:
        form = partial(general_form, inline_contexts=self.inline_contexts)
        try:
            proofs = verify_proofs(secured, self.key, expected, form=form)
        except UnresolvedError as error:
            return Finding("proof", "unchecked", f"{error}.", "PROOF_VERIFICATION_ERROR"), []
        except ProofFaultError as error:
            unread = isinstance(error.__cause__, UnreadContextError)
            outcome: Outcome = "unchecked" if unread else "failed"
            return Finding("proof", outcome, f"The signature does not hold: {error}.", error.code), []
        told = "The signature holds: nothing was changed since it was made."
        return Finding("proof", "passed", told), [proof["verificationMethod"] for proof in proofs]

    def key(self, method: str, purpose: str) -> PublicKey:
        """The key of a verification method that may make Data Integrity proofs for `purpose`.

        Raises:
            ProofFaultError, UnresolvedError: as `Resolver.key`; or it is of another kind.
        """
        key = self.resolver.key(method, purpose)
        if isinstance(key, RSAPublicKey):
            raise ProofFaultError("the key is not of the kind that the cryptosuite signs with")
        return key

    @staticmethod
    def _issuer(credential: Document, methods: list[str]) -> Finding:
        issuer = party_of(credential.get("issuer"))
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

    def _list(self, issuer: str, entry: Document) -> Document:
        """The status list that `entry` points to, once its own proof holds and it is of the same issuer.

        Raises:
            StatusListError: it cannot be had, or does not hold.
        """
        address = entry["statusListCredential"]
        try:
            body = self.own_list(address) or self.resolver.fetcher.get(
                address, accept=_LIST_TYPES, max_bytes=_MAX_LIST
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
        if party_of(listed.get("issuer")) != issuer:
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
        return related_findings(self.resolver.fetcher, credential)


def _require_plain(listed: object) -> None:
    """Refuse a list with a status or resources of its own: following those would never end."""
    if not isinstance(listed, dict) or {"credentialStatus", "relatedResource"} & set(listed):
        raise StatusListError("what the entry points to is no status list")


def _failed(detail: str) -> Finding:
    return Finding("proof", "failed", f"The signature does not hold: {detail}.", "PROOF_VERIFICATION_ERROR")
