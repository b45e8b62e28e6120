"""What comes next for a learner, by whom, until when (AST-28): the same words for the learner and for staff."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.assessment.domain.agreement import under_discussion
from services.assessment.domain.plan import OPEN_STATES, Attempt, Plan
from services.assessment.domain.standing import Standing, attempts_left, missing, standing
from services.assessment.domain.template import Instrument

_REVIEW = {"pending": "verify_identity", "second_review_required": "verify_identity_again"}
_JUDGE = {
    "notmarked": ("mark", "assessor"),
    "inmarking": ("mark", "assessor"),
    "readyforreview": ("moderate", "assessor"),
    "inreview": ("moderate", "assessor"),
    "readyforrelease": ("release", "assessor"),
    "released": ("confirm", "confirmer"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`until` is a deadline for the learner and a planning date for staff; None where nothing presses.

    `after` says from when on the step can be taken.
    """

    what: str
    who: str
    until: datetime | None = None
    after: datetime | None = None
    instrument: str | None = None
    attempt: str | None = None


def next_steps(plan: Plan) -> tuple[Step, ...]:
    """The steps that can be taken now, the most pressing first; none once the plan is settled."""
    if plan.state in {"achieved", "not_achieved", "voided"}:
        return ()
    if plan.state == "lapsed":
        return (Step("extend", "coordinator"),)
    if plan.held:
        return (Step("resume_studies", "institution"), *_under_way(plan))
    if plan.briefed_at is None:
        return (Step("read_briefing", "learner", plan.expected_end), *_under_way(plan))
    hold = (Step("lift_integrity_hold", "institution"),) if plan.integrity_hold else ()
    return (*hold, *_under_way(plan), *_open_instruments(plan))


def available(plan: Plan, instrument: Instrument, now: Standing) -> str:
    """Whether an instrument is `shown`, `under_way`, `spent`, `locked` by what comes first, or `open`."""
    attempts = plan.attempts_at(instrument.id)
    if instrument.summative and not missing(plan, instrument):
        return "shown"
    if any(attempt.in_flight for attempt in attempts):
        return "under_way"
    if attempts_left(plan, instrument) == 0:
        return "spent"
    needed = {first for outcome in instrument.outcomes for first in plan.template.prerequisites[outcome]}
    return "open" if now.shown(needed - set(instrument.outcomes)) else "locked"


def task_of(plan: Plan, attempt: Attempt) -> Step | None:
    """What has to be done with one attempt next, and by whom; None where nothing has, or nothing can."""
    if plan.state in {"lapsed", "voided"}:
        return None
    step = _learners(plan, attempt) if attempt.state in OPEN_STATES else _judges(plan, attempt)
    if step is None or (plan.integrity_hold and step.what in {"release", "confirm"}):
        return None
    return replace(step, instrument=attempt.instrument_id, attempt=attempt.id)


def _under_way(plan: Plan) -> tuple[Step, ...]:
    steps = [step for attempt in plan.attempts if (step := task_of(plan, attempt)) is not None]
    return tuple(sorted(steps, key=lambda step: step.who != "learner"))


def _learners(plan: Plan, attempt: Attempt) -> Step:
    if attempt.state == "pending":
        return Step("book", "learner", plan.expected_end)
    return Step("submit", "learner", attempt.closes_at or plan.expected_end, attempt.opens_at)


def _judges(plan: Plan, attempt: Attempt) -> Step | None:
    if attempt.cancelled or attempt.rejected or attempt.marking == "final":
        return None
    if attempt.open_dispute is not None:
        return Step("answer_dispute", "confirmer", plan.expected_end)
    if attempt.marking == "readyforrelease" and attempt.verification in _REVIEW:
        return Step(_REVIEW[attempt.verification], "assessor", plan.expected_end)
    if attempt.stands and not standing(plan).decides(attempt):
        return None
    if attempt.marking == "inmarking" and under_discussion(plan.instrument_of(attempt), attempt):
        return Step("agree_marks", "assessor", plan.expected_end)
    what, who = _JUDGE[attempt.marking]
    return Step(what, who, plan.expected_end, attempt.disputable_until)


def _open_instruments(plan: Plan) -> tuple[Step, ...]:
    now = standing(plan)
    return tuple(
        Step("attempt", "learner", plan.expected_end, instrument=instrument.id)
        for instrument in plan.template.instruments
        if available(plan, instrument, now) == "open"
        and (instrument.summative or plan.state != "awaiting_confirmation")
    )
