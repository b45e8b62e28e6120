"""The aggregate: one award per enrolment, with the facts it rests on and its certificates in order."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.certification.domain.machines import ACCEPTANCE, LIVE, OPEN
from shared.annex1 import ATTENDANCE, MICRO_CREDENTIAL

CALLED_OFF: Final = frozenset({"cancelled", "withdrawn"})
HELD: Final = frozenset({"associated", "finished"})
STACKED: Final = "stacked"
"""The track of a larger award, which rests on other certificates and has no enrolment (ADR 0010)."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of one registration. `ordinal` counts them as they were requested."""

    id: str
    institution: str
    required_for: str
    state: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Completion:
    """The last word of assessment: `achieved`, `not_achieved` or `overturned`, with the number it goes by."""

    number: int
    state: str
    results_digest: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Attendance:
    """Confirmed attendance: the whole proof of the attendance track, which assesses nothing."""

    institution: str
    confirmed_on: str
    hours: int | None

    @property
    def proof(self) -> Completion:
        """The confirmation as the completion that it is: the first and only one of its enrolment."""
        said = f"{self.institution}|{self.confirmed_on}|{self.hours}"
        digest = "sha256:" + hashlib.sha256(said.encode()).hexdigest()
        return Completion(
            1, "achieved", digest, datetime.fromisoformat(self.confirmed_on).replace(tzinfo=UTC)
        )


@dataclass(frozen=True, slots=True)
class Replacement:
    """A request to replace a certificate, open until what it says differs from what is on record.

    `reason_code` is one of `REPLACEMENT_REASONS`.
    """

    certificate_id: str
    reason_code: str


@dataclass(frozen=True, slots=True)
class Need:
    """A named fact that keeps a certificate from being issued, and from whom it comes.

    `element` is its number in Annex I, None where the fact is of another kind.
    """

    name: str
    reason: str
    source: str
    element: int | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate's place in its award; what it says is in its snapshot.

    `reason_code` says publicly why it does not stand, `held` that people suspended it and results do not reinstate
    it, `acceptance` what the holder says to it (D8).
    """

    id: str
    ordinal: int
    state: str
    completion_number: int
    results_digest: str
    supersedes: str | None = None
    missing: tuple[Need, ...] = ()
    reason_code: str | None = None
    held: bool = False
    acceptance: str = ACCEPTANCE.initial


@dataclass(frozen=True, slots=True)
class Award:
    """Facts arrive in any order across topics, so each may be unknown (None) while others are known.

    Of a larger award `enrolment_id` is the id of its stack, and `offering_id` and `offering_version` are those of the
    rule under which `deciding_body` granted it.
    """

    id: str
    enrolment_id: str
    learner_id: str
    offering_id: str
    offering_version: int
    track: str | None = None
    enrolment_state: str | None = None
    completion: Completion | None = None
    attendance: Attendance | None = None
    registrations: tuple[Registration, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    replacement: Replacement | None = None
    deciding_body: str | None = None

    @property
    def proof(self) -> Completion | None:
        """What a certificate rests on: the last word of assessment, or the confirmed attendance of that track."""
        if self.track != "attendance":
            return self.completion
        return self.attendance.proof if self.attendance is not None else None

    @property
    def replaces_live(self) -> bool:
        """Whether the live certificate is to be replaced by one with the same results; never a suspended one."""
        live, wanted, proof = self.live, self.replacement, self.proof
        return (
            live is not None
            and wanted is not None
            and proof is not None
            and live.state == "issued"
            and wanted.certificate_id == live.id
            and live.results_digest == proof.results_digest
        )

    @property
    def stacked(self) -> bool:
        """Whether this is a larger award, made of other certificates."""
        return self.track == STACKED

    @property
    def document_type(self) -> str:
        return ATTENDANCE if self.track == "attendance" else MICRO_CREDENTIAL

    @property
    def open(self) -> Certificate | None:
        """The certificate that is being made; at most one."""
        return next((c for c in self.certificates if c.state in OPEN), None)

    @property
    def live(self) -> Certificate | None:
        """The signed certificate that stands or is suspended; at most one."""
        return next((c for c in self.certificates if c.state in LIVE), None)

    @property
    def institutions(self) -> frozenset[str]:
        """Whom the certificate's events concern: institutions with a registration; who granted a larger award."""
        registered = frozenset(registration.institution for registration in self.registrations)
        return registered if self.deciding_body is None else registered | {self.deciding_body}

    @property
    def due(self) -> bool:
        """Whether there is to be a certificate that there is not: a proof that none answers yet, or a replacement.

        One that was revoked or replaced has answered its proof; a cancelled one has not.
        """
        proof = self.proof
        if proof is None or proof.state != "achieved" or self.enrolment_state in CALLED_OFF:
            return False
        if self.replaces_live:
            return True
        if self.live is not None and self.live.results_digest == proof.results_digest:
            return False
        return not any(
            certificate.completion_number == proof.number
            for certificate in self.certificates
            if certificate.state not in OPEN and certificate.state != "cancelled"
        )
