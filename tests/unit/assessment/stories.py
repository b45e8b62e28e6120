"""A learner's plan told step by step through the pure domain, with a clock that moves only when told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from services.assessment.domain import (
    agreement,
    attempts,
    confirmation,
    lifecycle,
    marking,
)
from services.assessment.domain.decision import Decision
from services.assessment.domain.enrolment import EnrolmentStanding
from services.assessment.domain.plan import Claim, IntegrityHold, Overturn, Plan, Recognition, Sheet, Vote
from services.assessment.domain.standing import standing
from services.assessment.domain.template import Template, read_template
from shared.domain import Actor
from tests.support import documents

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SESSION = {
    "id": "june",
    "opens_at": "2026-06-01T09:00:00Z",
    "closes_at": "2026-06-01T12:00:00Z",
    "place": "Helsinki",
    "capacity": 2,
}
ASSESSOR = Actor("ada", "assessor", "kuleuven.be")
SECOND = Actor("ben", "assessor", "unibo.it")
THIRD = Actor("cleo", "assessor", "ucm.es")
CONFIRMER = Actor("dora", "confirmer", "helsinki.fi")
OTHER_CONFIRMER = Actor("emil", "confirmer", "helsinki.fi")


def instrument(identifier: str, *outcomes: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": {"en": identifier},
        "purpose": "summative",
        "type": "written_examination",
        "mode": "online",
        "outcomes": list(outcomes),
        "max_attempts": 2,
        "min_interval": "P0D",
        "duration": None,
        "markers": 1,
        "agreement": {"policy": "average_within_tolerance", "tolerance": "5"},
        "scale": {"type": "grade_0_100", "pass": "50"},
        "supervision": "unsupervised",
        "identity_verification": False,
        "booking_required": False,
        "sessions": [],
        **changes,
    }


def template(*instruments: dict[str, Any], **assessment: Any) -> Template:
    """A template whose outcomes are those of its instruments; by default two, a beside b, without an order."""
    chosen = instruments or (instrument("essay", "a"), instrument("project", "b"))
    outcomes = list(dict.fromkeys(outcome for each in chosen for outcome in each["outcomes"]))
    changes = {
        "instruments": list(chosen),
        "groups": [{"id": o, "title": {"en": o}, "outcomes": [o], "requires": []} for o in outcomes],
        **assessment,
    }
    return read_template(
        documents.offering(
            components=[],
            outcomes=[{"id": o, "title": {"en": o}, "kind": "skill", "component": None} for o in outcomes],
            assessment=changes,
        )
    )


class Story:
    """Applies decisions to one plan and remembers every event and change they led to."""

    def __init__(self, chosen: Template | None = None, *, briefed: bool = True) -> None:
        self.now = START
        self.numbers = count(1)
        self.events: list[Any] = []
        self.changes: list[Any] = []
        self.plan: Plan
        self.apply(
            lifecycle.assign(
                plan_id="plan-1",
                enrolment_id="enrolment-1",
                learner_id="learner-1",
                track="assessed",
                template=chosen or template(),
                enrolment=EnrolmentStanding(activated=True),
                now=self.now,
            )
        )
        if briefed:
            self.apply(lifecycle.brief(self.plan, self.now))

    def apply(self, decision: Decision | None) -> Plan:
        if decision is not None:
            self.plan = (
                replace(decision.plan, version=self.plan.version + 1) if self.events else decision.plan
            )
            self.events.extend(decision.events)
            self.changes.extend(decision.changes)
        return self.plan

    def new(self, kind: str) -> str:
        return f"{kind}-{next(self.numbers)}"

    @property
    def told(self) -> list[str]:
        return [event.name for event in self.events]

    def outcome(self, outcome: str) -> str:
        return standing(self.plan).of(outcome).state

    def passes(self, by: timedelta) -> None:
        self.now += by

    def open(self, instrument_id: str, session: str | None = None) -> str:
        attempt_id = self.new("attempt")
        chosen = self.plan.template.instrument(instrument_id)
        self.apply(attempts.open_attempt(self.plan, attempt_id, chosen, session, self.now))
        return attempt_id

    def submit(self, attempt_id: str) -> None:
        self.apply(attempts.submit(self.plan, attempt_id, (), self.now))

    def begin(self, attempt_id: str, who: Actor = ASSESSOR) -> None:
        round_ = self.plan.attempt(attempt_id).round
        claim = Claim(self.new("claim"), round_, who.subject, who.institution, self.now)
        self.apply(marking.begin(self.plan, attempt_id, claim))

    def mark(self, attempt_id: str, *, who: Actor = ASSESSOR, day: date | None = None, **marks: str) -> None:
        sheet = Sheet(
            id=self.new("sheet"),
            round=self.plan.attempt(attempt_id).round,
            kind=agreement.INDEPENDENT,
            marker=who.subject,
            institution=who.institution,
            marks=marks,
            assessed_on=day or self.now.date(),
            feedback=(),
            given_at=self.now,
        )
        self.apply(marking.hand_in(self.plan, attempt_id, sheet))

    def release(self, attempt_id: str) -> None:
        self.apply(marking.release(self.plan, attempt_id, self.now))

    def confirm(self, attempt_id: str, who: Actor = CONFIRMER) -> None:
        round_ = self.plan.attempt(attempt_id).round
        vote = Vote(self.new("vote"), round_, who.subject, who.institution, self.now)
        self.apply(confirmation.confirm(self.plan, attempt_id, vote, who, self.now))

    def judged(self, attempt_id: str, **marks: str) -> str:
        """Hand in, mark and release: the learner has seen the result."""
        self.submit(attempt_id)
        self.begin(attempt_id)
        self.mark(attempt_id, **marks)
        self.release(attempt_id)
        return attempt_id

    def final(self, instrument_id: str, **marks: str) -> str:
        """One attempt from opening to a final result."""
        attempt_id = self.judged(self.open(instrument_id), **marks)
        self.confirm(attempt_id)
        return attempt_id

    def remark(self, attempt_id: str, who: Actor = CONFIRMER) -> None:
        self.apply(marking.remark(self.plan, attempt_id, "marked the wrong page", who, self.now))

    def propose_overturn(self, attempt_id: str, who: Actor = CONFIRMER) -> None:
        attempt = self.plan.attempt(attempt_id)
        proposed = Overturn(self.new("overturn"), attempt.round, "misconduct proven", who.subject, self.now)
        self.apply(confirmation.propose_overturn(self.plan, attempt_id, proposed, who))

    def overturn(self, attempt_id: str) -> None:
        self.propose_overturn(attempt_id)
        self.apply(confirmation.overturn(self.plan, attempt_id, OTHER_CONFIRMER, self.now))

    def recognise(self, outcome: str, who: Actor = CONFIRMER) -> None:
        recognition = Recognition(
            self.new("recognition"), outcome, "ten years of practice", who.subject, who.institution, self.now
        )
        self.apply(lifecycle.recognise(self.plan, recognition, who))

    def hold(self) -> None:
        hold = IntegrityHold(self.new("hold"), "similarity report", ASSESSOR.subject, self.now)
        self.apply(lifecycle.place_hold(self.plan, hold))

    def lift(self) -> None:
        self.apply(lifecycle.lift_hold(self.plan, "cleared", ASSESSOR, self.now))

    def enrolment(self, **changes: Any) -> None:
        known = EnrolmentStanding(
            activated=True, paused=self.plan.paused, suspended_since=self.plan.held_since
        )
        self.apply(lifecycle.follow(self.plan, replace(known, **changes), self.now))

    def suspend(self) -> None:
        self.enrolment(suspended_since=self.now)

    def resume(self) -> None:
        since = self.plan.held_since or self.now
        self.enrolment(suspended_since=None, paused=self.plan.paused + (self.now - since))
