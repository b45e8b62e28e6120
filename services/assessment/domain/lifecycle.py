"""The plan's own steps: assigned, briefed, recognised, held, extended, lapsed, voided."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.assessment.domain.attempts import cancel_open
from services.assessment.domain.completion import settled
from services.assessment.domain.confirmation import named_confirmer
from services.assessment.domain.decision import Decision, outcome_facts, plan_facts
from services.assessment.domain.enrolment import EnrolmentStanding
from services.assessment.domain.machines import ATTEMPT
from services.assessment.domain.plan import Attempt, IntegrityHold, Plan, Recognition
from services.assessment.domain.standing import SHOWN, standing
from services.assessment.domain.template import Template
from shared.domain import Actor, ConflictError, DomainEvent, InvalidError, Pointer
from shared.durations import NEVER, add_duration

LAPSE: Final = "plan.lapse"
TIME_OUT: Final = "attempt.time_out"
UNSETTLED: Final = frozenset({"assigned", "in_progress", "awaiting_confirmation"})


def assign(
    *,
    plan_id: str,
    enrolment_id: str,
    learner_id: str,
    track: str,
    template: Template,
    enrolment: EnrolmentStanding,
    now: datetime,
) -> Decision:
    """A learner's own plan from the template of the offering version they were admitted to (AST-01)."""
    plan = Plan(
        id=plan_id,
        enrolment_id=enrolment_id,
        learner_id=learner_id,
        track=track,
        template=template,
        assigned_at=now,
        expected_end=add_duration(now, template.expected_end),
        held_since=enrolment.suspended_since,
        paused=enrolment.paused,
    )
    event = DomainEvent("assessment_plan.assigned", plan_facts(plan))
    return Decision(plan).note(plan, plan_id, "assign", event=event)


def brief(plan: Plan, now: datetime) -> Decision | None:
    """Record that rules, sample and instructions were delivered; None when they had been (AST-15, AST-20)."""
    if plan.briefed_at is not None:
        return None
    return Decision(plan).note(replace(plan, briefed_at=now), plan.id, "brief")


def recognise(plan: Plan, recognition: Recognition, actor: Actor) -> Decision:
    """Recognise an outcome by prior learning (AST-22): a named confirmer's decision, with its reason.

    Raises:
        ForbiddenError: the template does not name this confirmer.
        ConflictError: the plan is settled, or the outcome is achieved or recognised already.
        InvalidError: the plan has no such outcome.
    """
    named_confirmer(plan, actor)
    if recognition.outcome not in plan.template.outcomes:
        raise InvalidError(
            "this plan has no such outcome",
            pointers=[Pointer("/outcome", f"one of: {', '.join(plan.template.outcomes)}")],
        )
    if plan.state not in UNSETTLED:
        raise ConflictError(f"the plan is {plan.state}; outcomes are recognised while it is open")
    if (state := standing(plan).of(recognition.outcome).state) in SHOWN:
        raise ConflictError(f"{recognition.outcome} is {state} already")
    event = DomainEvent("outcome.recognised", outcome_facts(plan, recognition.outcome))
    decision = Decision(plan)
    if plan.state == "assigned":
        decision = decision.move_plan("start")
    recognised = replace(decision.plan, recognitions=(*plan.recognitions, recognition))
    decision = decision.note(recognised, plan.id, "recognise", reason=recognition.reason, event=event)
    return settled(plan, decision)


def place_hold(plan: Plan, hold: IntegrityHold) -> Decision:
    """Hold back this learner's results while their integrity is looked into (AST-18); nobody else's."""
    if plan.integrity_hold is not None:
        raise ConflictError("an integrity hold is in force already")
    held = replace(plan, holds=(*plan.holds, hold))
    event = DomainEvent("integrity.hold_placed", plan_facts(plan))
    return Decision(plan).note(held, plan.id, "place_hold", reason=hold.reason, event=event)


def lift_hold(plan: Plan, reason: str, actor: Actor, now: datetime) -> Decision:
    """Lift the integrity hold; what waited for it goes on in the same step."""
    hold = plan.integrity_hold
    if hold is None:
        raise ConflictError("no integrity hold is in force")
    lifted = replace(hold, lifted_by=actor.subject, lifted_at=now, lifted_because=reason)
    free = replace(plan, holds=tuple(lifted if h.id == hold.id else h for h in plan.holds))
    event = DomainEvent("integrity.hold_lifted", plan_facts(plan))
    return settled(plan, Decision(plan).note(free, plan.id, "lift_hold", reason=reason, event=event))


def lapse(plan: Plan, now: datetime) -> Decision | None:
    """End a plan whose time is over; None where it is not, or where the learner's part is done and being judged."""
    if LAPSE not in {kind for kind, _ in deadlines(plan)} or plan.expected_end > now:
        return None
    return cancel_open(Decision(plan), "plan_lapsed").move_plan("lapse", reason="expected_end")


def extend(plan: Plan, until: datetime, reason: str, now: datetime) -> Decision:
    """Give the learner more time; a lapsed plan goes on where it stopped."""
    if until <= max(now, plan.expected_end):
        raise InvalidError(
            "an extension ends in the future and later than before",
            pointers=[Pointer("/until", f"give a moment after {max(now, plan.expected_end).isoformat()}")],
        )
    if plan.state == "lapsed":
        return settled(plan, Decision(plan).move_plan("extend", reason=reason, expected_end=until))
    if plan.state not in UNSETTLED:
        raise ConflictError(f"the plan is {plan.state}; there is nothing to extend")
    return Decision(plan).note(replace(plan, expected_end=until), plan.id, "extend", reason=reason)


def follow(plan: Plan, enrolment: EnrolmentStanding, now: datetime) -> Decision | None:
    """Bring the plan into line with its enrolment; None where it is already.

    Cancelled, withdrawn or a no-show voids a plan that is not settled; a suspension stops every clock of it, and a
    resumption moves its deadlines by as long as it lasted. A settled plan stays.
    """
    decision = Decision(plan)
    if enrolment.over is not None and plan.state in UNSETTLED:
        decision = cancel_open(decision, f"enrolment_{enrolment.over}")
        decision = decision.move_plan("void", reason=enrolment.over)
    if enrolment.suspended_since != plan.held_since or enrolment.paused != plan.paused:
        decision = _paused(decision, enrolment, now)
    return decision if decision.changes else None


def deadlines(plan: Plan) -> Mapping[tuple[str, str], datetime]:
    """What has to be looked at when, by (job, id): none while studies are suspended (D4, `held`)."""
    if plan.held:
        return {}
    due = {
        (TIME_OUT, a.id): a.closes_at
        for a in plan.attempts
        if a.state == "associated" and a.closes_at is not None
    }
    judged = any(attempt.being_judged for attempt in plan.summative_attempts)
    if plan.state in {"assigned", "in_progress"} and not judged:
        due[LAPSE, plan.id] = plan.expected_end
    return due


def _paused(decision: Decision, enrolment: EnrolmentStanding, now: datetime) -> Decision:
    """Hold or resume. What had not ended when the suspension began ends later by the time it took."""
    plan, by = decision.plan, enrolment.paused - decision.plan.paused
    stopped = plan.held_since or now - by
    moved = replace(
        plan,
        held_since=enrolment.suspended_since,
        paused=enrolment.paused,
        expected_end=_later(plan.expected_end, by, stopped),
        attempts=tuple(_moved(plan, attempt, by, stopped) for attempt in plan.attempts),
    )
    decision = decision.note(moved, plan.id, "hold" if moved.held else "resume")
    if moved.held:
        return decision
    for attempt in moved.attempts:
        # A session is held once; who was suspended while it was has not used an attempt up.
        if attempt.state == "associated" and moved.at_fixed_time(attempt) and _ended(attempt, now):
            decision = decision.move_attempt(attempt.id, ATTEMPT, "cancel", reason="suspended_at_session")
    return settled(plan, decision)


def _moved(plan: Plan, attempt: Attempt, by: timedelta, stopped: datetime) -> Attempt:
    closes, until = attempt.closes_at, attempt.disputable_until
    if closes is not None and attempt.state == "associated" and not plan.at_fixed_time(attempt):
        closes = _later(closes, by, stopped)
    return replace(
        attempt, closes_at=closes, disputable_until=None if until is None else _later(until, by, stopped)
    )


def _later(moment: datetime, by: timedelta, stopped: datetime) -> datetime:
    return min(moment, NEVER - by) + by if moment > stopped else moment


def _ended(attempt: Attempt, now: datetime) -> bool:
    return attempt.closes_at is not None and attempt.closes_at <= now
