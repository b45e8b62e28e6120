"""The aggregate: one award per enrolment, with the facts it rests on and its certificates in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.certification.domain.machines import LIVE, OPEN
from shared.annex1 import ATTENDANCE, MICRO_CREDENTIAL

CALLED_OFF: Final = frozenset({"cancelled", "withdrawn"})
HELD: Final = frozenset({"associated", "finished"})


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
    """Confirmed attendance: a fact of the attendance track."""

    institution: str
    confirmed_on: str
    hours: int | None


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
    """One certificate's place in its award; what it says is in its snapshot."""

    id: str
    ordinal: int
    state: str
    completion_number: int
    results_digest: str
    supersedes: str | None = None
    missing: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Award:
    """Facts arrive in any order across topics, so each may be unknown (None) while others are known."""

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
        """The institutions with a registration: whom the certificate's events concern."""
        return frozenset(registration.institution for registration in self.registrations)

    @property
    def due(self) -> bool:
        """Whether there is to be a certificate that there is not: a completion that none answers yet.

        One that was revoked or replaced has answered its completion; a cancelled one has not.
        """
        completion = self.completion
        if completion is None or completion.state != "achieved" or self.enrolment_state in CALLED_OFF:
            return False
        if self.live is not None and self.live.results_digest == completion.results_digest:
            return False
        return not any(
            certificate.completion_number == completion.number
            for certificate in self.certificates
            if certificate.state not in OPEN and certificate.state != "cancelled"
        )
