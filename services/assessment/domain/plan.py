"""The aggregate: one learner's plan with its attempts, marks, results, recognitions and holds.

Attempts are immutable in what the learner did; a result is derived from mark sheets, and every round of marking
keeps the sheets of the rounds before (practice: a second mark must never overwrite a first).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.assessment.domain.machines import NOT_REQUIRED
from services.assessment.domain.template import Instrument, Template
from shared.domain import NotFoundError

OPEN_STATES: Final = frozenset({"pending", "associated"})
STANDING: Final = frozenset({"released", "final"})
IDENTITY_SETTLED: Final = frozenset({NOT_REQUIRED, "verified"})


@dataclass(frozen=True, slots=True)
class Feedback:
    """A word to the learner: `automated`, `instructor` or `peer` (AST-12 to AST-14)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reference to what was handed in; the work itself stays where it was made (AST-04, AST-11)."""

    kind: str
    reference: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An assessor took one of the marker's places of a round."""

    id: str
    round: int
    marker: str
    institution: str | None
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """One marker's marks per outcome. `assessed_on` is the day the work was judged; it gates nothing."""

    id: str
    round: int
    kind: str
    marker: str
    institution: str | None
    marks: Mapping[str, str]
    assessed_on: date
    feedback: tuple[Feedback, ...]
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """A named confirmer confirmed the result of a round."""

    id: str
    round: int
    confirmer: str
    institution: str | None
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """The learner disputes a released result; open until it is dismissed or the result is marked again."""

    id: str
    round: int
    reason: str
    raised_at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overturn:
    """Somebody proposed to overturn a final result; it takes a second person to do it."""

    id: str
    round: int
    reason: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one instrument; `marks` is what the markers of the present round agreed on."""

    id: str
    ordinal: int
    instrument_id: str
    created_at: datetime
    state: str = "pending"
    marking: str = "notmarked"
    verification: str = NOT_REQUIRED
    verification_by: str | None = None
    session_id: str | None = None
    place: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    submitted_at: datetime | None = None
    timed_out: bool = False
    evidence: tuple[Evidence, ...] = ()
    round: int = 1
    marks: Mapping[str, str] | None = None
    assessed_on: date | None = None
    released_at: datetime | None = None
    disputable_until: datetime | None = None
    final_at: datetime | None = None
    claims: tuple[Claim, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    votes: tuple[Vote, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    overturns: tuple[Overturn, ...] = ()

    @property
    def cancelled(self) -> bool:
        return self.state == "cancelled"

    @property
    def stands(self) -> bool:
        """Whether there is a result that the learner has been shown."""
        return self.marking in STANDING

    @property
    def rejected(self) -> bool:
        """Handed in by somebody who was not identified as the learner: used up, and without a result."""
        return self.state == "finished" and self.verification == "rejected"

    @property
    def in_flight(self) -> bool:
        """Whether a result may still come of it."""
        return not (self.cancelled or self.stands or self.rejected)

    @property
    def being_judged(self) -> bool:
        """The learner's part is done, or ends by itself; no deadline may fall in between."""
        return self.in_flight and (self.state == "finished" or self.closes_at is not None)

    @property
    def present_claims(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim.round == self.round)

    def present_sheets(self, kind: str) -> tuple[Sheet, ...]:
        """The sheets of the present round in the order they came."""
        return tuple(sheet for sheet in self.sheets if sheet.round == self.round and sheet.kind == kind)

    @property
    def present_votes(self) -> tuple[Vote, ...]:
        return tuple(vote for vote in self.votes if vote.round == self.round)

    @property
    def open_dispute(self) -> Dispute | None:
        return next((d for d in self.disputes if d.answered_at is None), None)

    @property
    def open_overturn(self) -> Overturn | None:
        return next((o for o in self.overturns if o.confirmed_at is None and o.round == self.round), None)

    def marked_by(self, subject: str) -> bool:
        """Whether this person marked the attempt in any round."""
        return any(sheet.marker == subject for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class Recognition:
    """An outcome shown by prior learning, decided by a named confirmer with a reason (AST-22)."""

    id: str
    outcome: str
    reason: str
    recognised_by: str
    institution: str | None
    recognised_at: datetime


@dataclass(frozen=True, slots=True)
class IntegrityHold:
    """While one is in force nothing of this learner's results is released or confirmed; nobody else waits."""

    id: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_because: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`held_since` is set while studies are suspended; `paused` is how long they have been, in all."""

    id: str
    enrolment_id: str
    learner_id: str
    track: str
    template: Template
    assigned_at: datetime
    expected_end: datetime
    state: str = "assigned"
    version: int = 0
    briefed_at: datetime | None = None
    held_since: datetime | None = None
    paused: timedelta = timedelta()
    completion_number: int = 0
    results_digest: str | None = None
    attempts: tuple[Attempt, ...] = ()
    recognitions: tuple[Recognition, ...] = ()
    holds: tuple[IntegrityHold, ...] = ()

    @property
    def held(self) -> bool:
        return self.held_since is not None

    def clock(self, now: datetime) -> datetime:
        """The time that counts for this learner's deadlines: it stands still while studies are suspended."""
        return now if self.held_since is None else min(now, self.held_since)

    @property
    def integrity_hold(self) -> IntegrityHold | None:
        return next((hold for hold in self.holds if hold.lifted_at is None), None)

    def attempt(self, attempt_id: str) -> Attempt:
        for attempt in self.attempts:
            if attempt.id == attempt_id:
                return attempt
        raise NotFoundError(f"this plan has no attempt '{attempt_id}'")

    def instrument_of(self, attempt: Attempt) -> Instrument:
        return self.template.instrument(attempt.instrument_id)

    def at_fixed_time(self, attempt: Attempt) -> bool:
        """Whether its time was set for it (a session, an appointment) and not by the learner."""
        return attempt.session_id is not None or self.instrument_of(attempt).booking_required

    def attempts_at(self, instrument_id: str) -> tuple[Attempt, ...]:
        """The attempts that count against the number allowed: all but cancelled ones."""
        return tuple(a for a in self.attempts if a.instrument_id == instrument_id and not a.cancelled)

    @property
    def summative_attempts(self) -> tuple[Attempt, ...]:
        return tuple(a for a in self.attempts if self.instrument_of(a).summative)

    def recognised(self, outcome: str) -> Recognition | None:
        return next((r for r in self.recognitions if r.outcome == outcome), None)

    def with_attempt(self, attempt_id: str, **changes: Any) -> "Plan":
        """This plan with one of its attempts changed."""
        return replace(
            self,
            attempts=tuple(replace(a, **changes) if a.id == attempt_id else a for a in self.attempts),
        )
