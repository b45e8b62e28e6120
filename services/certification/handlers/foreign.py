"""Verify what somebody presents at the public door: credentials of ours and of others, as objects or as JWTs.

Ours are looked up in the register. For others the keys and status lists are fetched from where they say, by the
fetcher that goes nowhere private; only contexts that are pinned here are read.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.verdict import Check, Finding, verdict_of, whole
from services.certification.formats.did import did_document, institution_of, issuer_did, public_key_of
from services.certification.formats.jws import JwtFaultError, read_jwt, verify_jwt
from services.certification.formats.renderer import OPEN_BADGES_JWT
from services.certification.formats.vc_jwt import credential_in, require_claims
from services.certification.formats.vc_model import BASES, party_of
from services.certification.handlers.checks import Checks, registered
from services.certification.handlers.examination import Examiner
from services.certification.handlers.resolution import Resolver
from services.certification.handlers.status_lists import status_list_url
from services.certification.handlers.verification import Verdict, verdict_by, verify_presented
from services.certification.store import issuer_keys, queries, status_lists
from shared.fetch import Fetcher
from shared.settings import Settings

Document = Mapping[str, Any]

AT_ONCE: Final = 4
"""Examinations that may wait for other hosts at the same time: slow ones never take all threads."""

places: Final = threading.BoundedSemaphore(AT_ONCE)


def examiner(
    connection: sa.Connection,
    settings: Settings,
    now: datetime,
    fetcher: Fetcher,
    *,
    inline_contexts: bool = False,
) -> Examiner:
    """An examiner that knows this installation's issuers and their status lists from the register."""

    def own(did: str) -> Document | None:
        institution = institution_of(did, settings.public_host)
        if institution is None:
            return None
        keys = issuer_keys.those_in(connection, institution, issuer_keys.VERIFYING)
        return did_document(issuer_did(settings.public_host, institution), keys)

    lists = status_list_url(settings, "")

    def own_list(address: str) -> bytes | None:
        if not address.startswith(lists):
            return None
        published = status_lists.published(connection, address.removeprefix(lists))
        return None if published is None else published.encode()

    return Examiner(Resolver(fetcher, own), now, own_list, inline_contexts)


def verify_any(
    connection: sa.Connection,
    settings: Settings,
    now: datetime,
    fetcher: Fetcher,
    presented: object,
    *,
    patience: float = 0,
) -> Verdict:
    """The verdict on a credential as an object or a JWT, of whatever issuer; `patience` is in seconds, for a place."""
    token, document = _read(presented)
    if document is None:
        return _verdict([Finding("format", "failed", "This is no credential that can be read.")], now)
    ours = institution_of(party_of(document.get("issuer")), settings.public_host) is not None
    if token is None and (ours or not _is_credential(document)):
        return verify_presented(connection, settings, now, document)
    if ours and token is not None:
        row = registered(connection, document.get("id"))
        return verdict_by(_TokenChecks(connection, settings, now, document, row, token))
    looking = examiner(connection, settings, now, fetcher)

    def look() -> Verdict:
        return _verdict(looking.token(token) if token is not None else looking.credential(document), now)

    return in_turn(look, now, patience)


def in_turn(look: Callable[[], Verdict], now: datetime, patience: float = 0) -> Verdict:
    """What `look` finds; could not be checked where no place among those that wait for other hosts becomes free."""
    if not places.acquire(timeout=patience):
        told = "Too many credentials of other issuers are being looked at; try again in a moment."
        return _verdict([Finding("proof", "unchecked", told)], now)
    try:
        return look()
    finally:
        places.release()


def _read(presented: object) -> tuple[str | None, Document | None]:
    if isinstance(presented, dict):
        return None, presented
    if not isinstance(presented, str):
        return None, None
    try:
        return presented, credential_in(read_jwt(presented)[1])
    except JwtFaultError:
        return presented, None


def _is_credential(document: Document) -> bool:
    contexts = document.get("@context")
    return isinstance(contexts, list) and bool(contexts) and contexts[0] in BASES


@dataclass(frozen=True)
class _TokenChecks(Checks):
    """The checks of a credential of ours where the signature is that of a JWT."""

    token: str = ""

    def _proof(self) -> Check:
        did = party_of(self.document.get("issuer"))
        try:
            header, payload = read_jwt(self.token)
            require_claims(payload, self.document)
            key = self._signer(header, did)
            verify_jwt(self.token, public_key_of(key))
        except JwtFaultError as error:
            return Check("proof", "failed", f"The signature does not hold: {error}.")
        if key.compromised_from is not None:
            return self._compromised(key.compromised_from)
        return Check("proof", "passed", "The signature holds: nothing has been changed since it was issued.")

    def _as_stored(self, row: sa.Row[Any]) -> bool:
        made = queries.rendering(self.connection, row.id, OPEN_BADGES_JWT)
        return made is not None and bytes(made.content) == self.token.encode()

    def _signer(self, header: Document, did: str) -> IssuerKey:
        method, _, name = str(header.get("kid")).partition("#")
        key = issuer_keys.find(self.connection, name)
        known = key is not None and key.institution == self._institution and method == did
        if key is None or not known or key.algorithm == issuer_keys.EDDSA or key.state == "pending":
            raise JwtFaultError("the key of the token is not one of the issuer's")
        return key


def _verdict(findings: list[Finding], now: datetime) -> Verdict:
    checks = whole(Check(finding.name, finding.outcome, finding.detail) for finding in findings)
    return Verdict(verdict_of(checks), checks, now)
