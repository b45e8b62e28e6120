"""Verify a certificate: one of ours by its address, or a credential that somebody presents.

The issuer's identity and everything shown come from this installation's own records, never from the document.
Nothing is fetched: a credential of another installation could not be checked, and is said to be so.
"""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.domain.verdict import CHECKS, Check, VerdictName, verdict_of
from services.certification.formats.contexts import BADGE_CONTEXTS
from services.certification.formats.did import institution_of
from services.certification.formats.multikey import public_key
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.formats.statuslist import is_set
from services.certification.store import issuer_keys, queries, status_lists
from shared.settings import Settings

Document = Mapping[str, Any]

_WORDS: Final = {
    "suspended": "It is suspended: a result that it rests on is being looked at again.",
    "revoked": "It was revoked: the outcomes that it names are no longer achieved.",
    "superseded": "It was replaced by a newer certificate.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a certificate to anybody who has it; the holder's name is not part of it."""

    title: str
    issuer: str
    awarding_bodies: tuple[str, ...]
    issued_on: str
    language: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome. `shown` is None where the signature does not hold: nothing of such a document is repeated."""

    verdict: VerdictName
    checks: tuple[Check, ...]
    checked_at: datetime
    shown: Shown | None = None


def verify_address(
    connection: sa.Connection, settings: Settings, now: datetime, public_id: str
) -> Verdict | None:
    """The verdict on the certificate behind a verification address; None where there is none."""
    row = queries.by_public_id(connection, public_id)
    if row is None:
        return None
    rendering = queries.rendering(connection, row.id, OPEN_BADGES)
    if rendering is None:
        return None
    return _verdict(connection, settings, now, json.loads(rendering.content))


def verify_presented(
    connection: sa.Connection, settings: Settings, now: datetime, document: Document
) -> Verdict:
    """The verdict on a credential that somebody presents."""
    return _verdict(connection, settings, now, document)


def _verdict(connection: sa.Connection, settings: Settings, now: datetime, document: Document) -> Verdict:
    checks = _Checks(connection, settings, now, document).run()
    shown = None
    if all(check.outcome == "passed" for check in checks if check.name in {"format", "issuer", "proof"}):
        shown = _shown(connection, document)
    return Verdict(verdict_of(checks), checks, now, shown)


@dataclass(frozen=True, slots=True)
class _Checks:
    """The checks in their order; the first that does not pass before the proof leaves the rest unmade."""

    connection: sa.Connection
    settings: Settings
    now: datetime
    document: Document

    def run(self) -> tuple[Check, ...]:
        made: list[Check] = []
        for check in (self._format, self._issuer, self._proof):
            made.append(check())
            if made[-1].outcome != "passed":
                return (*made, *_unmade(made))
        return (*made, self._status(), self._dates())

    def _format(self) -> Check:
        document = self.document
        contexts, types = document.get("@context"), document.get("type")
        if (
            contexts != list(BADGE_CONTEXTS)
            or not isinstance(types, list)
            or "OpenBadgeCredential" not in types
        ):
            return Check(
                "format", "unchecked", "This is not an Open Badges 3.0 credential in the form issued here."
            )
        if not isinstance(document.get("id"), str) or not isinstance(document.get("credentialSubject"), dict):
            return Check("format", "failed", "It lacks members that every Open Badges 3.0 credential has.")
        return Check("format", "passed", "It is an Open Badges 3.0 credential.")

    @property
    def _institution(self) -> str | None:
        issuer = self.document.get("issuer")
        did = issuer.get("id") if isinstance(issuer, dict) else issuer
        return institution_of(did, self.settings.public_host) if isinstance(did, str) else None

    def _keys(self) -> list[str]:
        institution = self._institution
        if institution is None:
            return []
        return issuer_keys.in_states(self.connection, institution, issuer_keys.VERIFYING)

    def _issuer(self) -> Check:
        institution = self._institution
        if institution is None:
            return Check(
                "issuer", "unchecked", "Its issuer is not one of this installation; ask the issuer itself."
            )
        if not self._keys():
            return Check("issuer", "failed", f"{institution} has issued nothing here.")
        return Check("issuer", "passed", f"Its issuer, {institution}, is registered here with its keys.")

    def _proof(self) -> Check:
        try:
            _verified(json.dumps(self.document, sort_keys=True), tuple(self._keys()))
        except ProofError as error:
            return Check("proof", "failed", f"The signature does not hold: {error}.")
        return Check("proof", "passed", "The signature holds: nothing has been changed since it was issued.")

    def _status(self) -> Check:
        row = queries.by_credential_id(self.connection, self.document["id"])
        entry = self.document.get("credentialStatus")
        published = status_lists.find(self.connection, row.status_list_id) if row is not None else None
        if row is None or published is None or published.credential is None or not isinstance(entry, dict):
            return Check(
                "status", "unchecked", "The list that says whether it still stands could not be read."
            )
        encoded = json.loads(published.credential)["credentialSubject"]["encodedList"]
        if row.state in _WORDS:
            return Check("status", "failed", _WORDS[row.state])
        if is_set(encoded, int(entry["statusListIndex"])):
            return Check("status", "unchecked", "Its status is just being published; look again in a minute.")
        return Check("status", "passed", "It is neither suspended nor revoked nor replaced.")

    def _dates(self) -> Check:
        try:
            begins = datetime.fromisoformat(self.document["validFrom"])
            until = self.document.get("validUntil")
            ends = datetime.fromisoformat(until) if until is not None else None
            if begins > self.now:
                return Check("dates", "failed", f"It is valid only from {begins.date()} on.")
            if ends is not None and ends < self.now:
                return Check("dates", "remark", f"It expired on {ends.date()}.")
        except (KeyError, TypeError, ValueError):
            return Check("dates", "failed", "Its dates cannot be read.")
        return Check("dates", "passed", f"It has been valid since {begins:%Y-%m-%d at %H:%M UTC}.")


def _unmade(made: list[Check]) -> list[Check]:
    names = {check.name for check in made}
    return [
        Check(name, "unchecked", "Not looked at, because of the result above.")
        for name in CHECKS
        if name not in names
    ]


@lru_cache(maxsize=512)
def _verified(text: str, keys: tuple[str, ...]) -> None:
    """Return when the signature holds. The same text and keys always give the same answer, so it is kept.

    Raises:
        ProofError: it does not.
    """
    document = json.loads(text)
    issuer = document["issuer"]
    did = issuer["id"] if isinstance(issuer, dict) else issuer

    def key_of(method: str) -> Ed25519PublicKey | None:
        return next((public_key(key) for key in keys if method == f"{did}#{key}"), None)

    verify_proof(document, key_of)


def _shown(connection: sa.Connection, document: Document) -> Shown | None:
    row = queries.by_credential_id(connection, document["id"])
    if row is None:
        return None
    snapshot = Snapshot.from_json(row.snapshot)
    elements, language = snapshot.elements, snapshot.language
    return Shown(
        title=text_in(elements.title, language),
        issuer=text_in(elements.issuer.name, language),
        awarding_bodies=tuple(text_in(body.name, language) for body in elements.awarding_bodies),
        issued_on=elements.issued_on or "",
        language=language,
    )


def is_holder(connection: sa.Connection, public_id: str, name: str) -> bool:
    """Whether `name` is the holder's, apart from case, spaces and the way accents are encoded.

    The comparison takes the same time wherever the names differ.
    """
    row = queries.by_public_id(connection, public_id)
    if row is None:
        return False
    holder = Snapshot.from_json(row.snapshot).elements.learner.full_name
    return hmac.compare_digest(_fingerprint(name), _fingerprint(holder))


def _fingerprint(name: str) -> bytes:
    folded = unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).casefold().split()))
    return hashlib.sha256(folded.encode("utf-8", "replace")).digest()
