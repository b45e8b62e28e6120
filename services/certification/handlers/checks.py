"""The checks of a credential, in their order: each says in a sentence what was tested and found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.domain.issuer_key import IssuerKey
from services.certification.domain.recognition import REPLACED, REVOKED, SUSPENDED
from services.certification.domain.verdict import Check, whole
from services.certification.formats.contexts import BADGE_CONTEXTS
from services.certification.formats.did import institution_of
from services.certification.formats.multikey import public_key
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.formats.statuslist import is_set
from services.certification.formats.vc_model import party_of
from services.certification.handlers.part_checks import part_checks
from services.certification.handlers.standing import why_not
from services.certification.store import issuer_keys, queries, statements, status_lists
from shared.settings import Settings

Document = Mapping[str, Any]

_CAUSES: Final = {
    SUSPENDED: "certificate that it is about is suspended",
    REVOKED: "certificate that it is about was revoked",
    REPLACED: "certificate that it is about was replaced by another",
}


@dataclass(frozen=True)
class Checks:
    """The checks in their order; the first that does not pass before the proof leaves the rest unmade.

    `row` is what the register has under the document's `id`.
    """

    connection: sa.Connection
    settings: Settings
    now: datetime
    document: Document
    row: sa.Row[Any] | None

    def run(self) -> tuple[Check, ...]:
        made: list[Check] = []
        for check in (self._format, self._issuer, self._proof):
            made.append(check())
            if not made[-1].passed:
                return whole(made)
        return (*made, self._status(), self._dates(), *part_checks(self.connection, self.row))

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
        return institution_of(party_of(self.document.get("issuer")), self.settings.public_host)

    @cached_property
    def _keys(self) -> dict[str, IssuerKey]:
        institution = self._institution
        if institution is None:
            return {}
        keys = issuer_keys.those_in(self.connection, institution, issuer_keys.SIGNED)
        return {key.multikey: key for key in keys if key.algorithm == issuer_keys.EDDSA}

    def _issuer(self) -> Check:
        institution = self._institution
        if institution is None:
            return Check(
                "issuer", "unchecked", "Its issuer is not one of this installation; ask the issuer itself."
            )
        if not self._keys:
            return Check("issuer", "failed", f"{institution} has issued nothing here.")
        return Check("issuer", "passed", f"Its issuer, {institution}, is registered here with its keys.")

    def _proof(self) -> Check:
        try:
            method = _verified(json.dumps(self.document, sort_keys=True), tuple(self._keys))
        except ProofError as error:
            return Check("proof", "failed", f"The signature does not hold: {error}.")
        since = self._keys[method.partition("#")[2]].compromised_from
        if since is not None:
            return self._compromised(since)
        return Check("proof", "passed", "The signature holds: nothing has been changed since it was issued.")

    def _compromised(self, since: datetime) -> Check:
        """The register says when it was signed; what the document says of that may be the thief's word."""
        row = self.row
        if row is None or not self._as_stored(row) or row.issued_at >= since:
            detail = f"It was signed with a key that others may have had since {since:%Y-%m-%d at %H:%M UTC}."
            return Check("proof", "failed", detail)
        detail = f"The signature holds; its key was compromised later, on {since:%Y-%m-%d at %H:%M UTC}."
        return Check("proof", "remark", detail)

    def _as_stored(self, row: sa.Row[Any]) -> bool:
        made = signed_content(self.connection, row)
        return made is not None and json.loads(made) == self.document

    def _status(self) -> Check:
        row = self.row
        entry = self.document.get("credentialStatus")
        published = status_lists.find(self.connection, row.status_list_id) if row is not None else None
        if row is None or published is None or published.credential is None or not isinstance(entry, dict):
            return Check(
                "status", "unchecked", "The list that says whether it still stands could not be read."
            )
        encoded = json.loads(published.credential)["credentialSubject"]["encodedList"]
        if (told := why_not(row)) is not None:
            return Check("status", "failed", told)
        if is_set(encoded, int(entry["statusListIndex"])):
            return Check("status", "unchecked", "Its status is just being published; look again in a minute.")
        return _in_review(row) or Check(
            "status", "passed", "It is neither suspended nor revoked nor replaced."
        )

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


def registered(connection: sa.Connection, credential_id: object) -> sa.Row[Any] | None:
    """What the register has of a signed credential of ours: its certificate, or its statement about recognition."""
    if not isinstance(credential_id, str):
        return None
    row = queries.by_credential_id(connection, credential_id)
    return row if row is not None else statements.by_credential_id(connection, credential_id)


def signed_content(connection: sa.Connection, row: sa.Row[Any] | None) -> bytes | None:
    """The credential as it was signed, of whichever kind it is."""
    if row is None or hasattr(row, "recognition_id"):
        return None if row is None else bytes(row.content)
    made = queries.rendering(connection, row.id, OPEN_BADGES)
    return None if made is None else bytes(made.content)


def _in_review(row: sa.Row[Any]) -> Check | None:
    """A statement stands until its institution decides otherwise; that it has been asked to is said."""
    if getattr(row, "case_state", None) != "under_review":
        return None
    told = f"The {_CAUSES[row.cause]}; the institution that decided has been asked to look at it again."
    return Check("status", "remark", told)


@lru_cache(maxsize=512)
def _verified(text: str, keys: tuple[str, ...]) -> str:
    """The verification method of the signature, when it holds.

    The same text and keys always give the same answer, so it is kept.

    Raises:
        ProofError: it does not.
    """
    document = json.loads(text)
    did = party_of(document["issuer"])

    def key_of(method: str) -> Ed25519PublicKey | None:
        return next((public_key(key) for key in keys if method == f"{did}#{key}"), None)

    return str(verify_proof(document, key_of)["verificationMethod"])
