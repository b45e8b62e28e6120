"""Verify a sealed European Digital Credential: of ours by the register, of others by the authorities that are trusted.

Nothing is fetched. Seals of others tell who sealed, and whether an authority that this installation trusts says so;
the format has no place for a status, so a stranger's is never said to be current.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.verdict import Check, hold, verdict_of, whole
from services.certification.formats.did import institution_of
from services.certification.formats.elm_sealed import FORMAT, readable
from services.certification.formats.jades_verification import SealError, VerifiedSeal, verify_seal
from services.certification.formats.seal_certificates import SealCertificateError, legal_identifier
from services.certification.handlers.part_checks import part_checks
from services.certification.handlers.standing import why_not
from services.certification.handlers.verification import Verdict, shown_of
from services.certification.keys.seals import Seals
from services.certification.store import queries
from shared.settings import Settings
from shared.web.strict_json import MalformedJsonError, loads

Document = Mapping[str, Any]
_TYPE: Final = "EuropeanDigitalCredential"


def is_sealed(presented: object) -> bool:
    """Whether it is a JWS in a JSON serialisation, the form of a sealed credential."""
    return isinstance(presented, dict) and "payload" in presented and "signatures" in presented


def verify_sealed(
    connection: sa.Connection, settings: Settings, now: datetime, seals: Seals, presented: Document
) -> Verdict:
    """The verdict on a sealed credential."""
    try:
        seal = verify_seal(presented, now, anchors=seals.anchors(), stamp_anchors=seals.stamp_anchors)
        document = loads(seal.payload.encode())
    except (SealError, MalformedJsonError) as error:
        made = whole([Check("proof", "failed", f"The seal does not hold: {error}.")])
        return Verdict(verdict_of(made), made, now)
    form = _format(document)
    if form.outcome != "passed":
        made = whole([form])
        return Verdict(verdict_of(made), made, now)
    named = document["issuer"].get("id")
    institution = institution_of(named, settings.public_host) if isinstance(named, str) else None
    row = None if institution is None else queries.by_credential_id(connection, document["id"])
    checks = (form, *_SealChecks(connection, now, seal, document, institution, row).run())
    shown = shown_of(row) if hold(checks, "issuer", "proof", "dates") else None
    return Verdict(verdict_of(checks), checks, now, shown)


def _format(document: object) -> Check:
    if not isinstance(document, dict):
        return Check("format", "failed", "What is sealed is no European Digital Credential.")
    types = document.get("type")
    if not isinstance(types, list) or _TYPE not in types:
        return Check("format", "failed", "What is sealed is no European Digital Credential.")
    if not isinstance(document.get("issuer"), dict) or not isinstance(document.get("id"), str):
        return Check("format", "failed", "It lacks members that every European Digital Credential has.")
    return Check("format", "passed", "It is a sealed European Digital Credential.")


@dataclass(frozen=True, slots=True)
class _SealChecks:
    """The checks of a seal that holds over a document of the right form.

    `institution` is its issuer where that is one of ours, and `row` the certificate that it is on record for.
    """

    connection: sa.Connection
    now: datetime
    seal: VerifiedSeal
    document: Document
    institution: str | None
    row: sa.Row[Any] | None

    def run(self) -> tuple[Check, ...]:
        parts = part_checks(self.connection, self.row)
        return (self._issuer(), self._proof(), self._status(), self._dates(), *parts)

    def _issuer(self) -> Check:
        if self.institution is not None:
            return self._ours(self.institution)
        stated = self.document["issuer"].get("eIDASIdentifier")
        try:
            sealed_by = legal_identifier(self.seal.certificate).notation
        except SealCertificateError as error:
            return Check("issuer", "failed", f"Nobody can say whose seal it is: {error}.")
        if not isinstance(stated, dict) or stated.get("notation") != sealed_by:
            return Check("issuer", "failed", "The seal is not that of the issuer whom the credential names.")
        if not self.seal.trusted:
            return Check("issuer", "remark", "It was sealed under an authority that is not in our list.")
        return Check("issuer", "passed", "It was sealed by its issuer, as an authority in our list confirms.")

    def _ours(self, institution: str) -> Check:
        """Whoever may have a certificate in our name: ours is what the register holds."""
        row = self.row
        made = queries.rendering(self.connection, row.id, FORMAT) if row is not None else None
        if made is None or readable(made.content).decode() != self.seal.payload:
            return Check("issuer", "failed", f"{institution} has sealed nothing like it here.")
        return Check(
            "issuer", "passed", f"Its issuer, {institution}, is registered here, and so is what it sealed."
        )

    def _proof(self) -> Check:
        if self.seal.lapsed(self.now):
            told = "The seal holds; its certificate has expired since, and no time stamp says how old the seal is."
            return Check("proof", "remark", told)
        return Check("proof", "passed", "The seal holds: nothing has been changed since it was made.")

    def _status(self) -> Check:
        row = self.row
        if row is None:
            return Check("status", "remark", "It names no place where its present status could be looked up.")
        if told := why_not(row):
            return Check("status", "failed", told)
        return Check("status", "passed", "It is neither suspended nor revoked nor replaced.")

    def _dates(self) -> Check:
        try:
            begins = datetime.fromisoformat(self.document["validFrom"])
            until = self.document.get("validUntil") or self.document.get("expirationDate")
            if begins > self.now:
                return Check("dates", "failed", f"It is valid only from {begins.date()} on.")
            if until is not None and datetime.fromisoformat(until) < self.now:
                return Check("dates", "remark", f"It expired on {until[:10]}.")
        except (KeyError, TypeError, ValueError):
            return Check("dates", "failed", "Its dates cannot be read.")
        return Check("dates", "passed", f"It has been valid since {begins:%Y-%m-%d at %H:%M UTC}.")
