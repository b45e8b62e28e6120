"""Attempts: opened when the learner is ready or booked into a session, handed in, timed out, cancelled, verified."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.assessment.domain.completion import settled
from services.assessment.domain.decision import Decision
from services.assessment.domain.machines import ATTEMPT, NOT_REQUIRED, VERIFICATION
from services.assessment.domain.plan import OPEN_STATES, Attempt, Evidence, Plan
from services.assessment.domain.standing import attempts_left, missing, standing
from services.assessment.domain.template import Instrument
from shared.domain import Actor, ConflictError, InvalidError, Pointer
from shared.durations import add_duration

_VERDICTS = {"verified": "verify", "rejected": "reject", "second_review_required": "refer"}


def open_attempt(
    plan: Plan, attempt_id: str, instrument: Instrument, session_id: str | None, now: datetime
) -> Decision:
    """A new attempt, booked in the same step unless its instrument needs a booking that is still to come.

    Raises:
        ConflictError: studies are suspended, the briefing is missing (AST-15), an outcome that comes first is not
            achieved (AST-31), an attempt is under way, none is left, or it is too early for the next.
        InvalidError: a session is missing or unknown.
    """
    _may_attempt(plan, instrument, now)
    attempt = Attempt(
        id=attempt_id,
        ordinal=len(plan.attempts) + 1,
        instrument_id=instrument.id,
        created_at=now,
        verification="pending" if instrument.identity_verification else NOT_REQUIRED,
    )
    decision = Decision(replace(plan, attempts=(*plan.attempts, attempt)))
    if plan.state == "assigned":
        decision = decision.move_plan("start")
    if session_id is None and instrument.booking_required:
        return decision.note(decision.plan, attempt_id, "open", subject_type="attempt", state=attempt.state)
    return _booked(decision, attempt_id, instrument, session_id, now)


def book(plan: Plan, attempt_id: str, session_id: str, now: datetime) -> Decision:
    """Book a pending attempt into one of its instrument's sessions."""
    _not_held(plan)
    instrument = plan.instrument_of(plan.attempt(attempt_id))
    return _booked(Decision(plan), attempt_id, instrument, session_id, now)


def appoint(
    plan: Plan, attempt_id: str, *, opens_at: datetime, closes_at: datetime, place: str | None, now: datetime
) -> Decision:
    """Book a pending attempt at a time and place that staff arranged, where no session is published."""
    _not_held(plan)
    if not now < closes_at or not opens_at < closes_at:
        raise InvalidError(
            "an appointment ends in the future and after it begins",
            pointers=[Pointer("/closes_at", "give a moment later than opens_at and than now")],
        )
    _before_the_end(plan, opens_at)
    return Decision(plan).move_attempt(
        attempt_id, ATTEMPT, "book", opens_at=opens_at, closes_at=closes_at, place=place
    )


def submit(plan: Plan, attempt_id: str, evidence: Sequence[Evidence], now: datetime) -> Decision:
    """Hand the attempt in, inside its time only."""
    _not_held(plan)
    attempt = plan.attempt(attempt_id)
    if attempt.state == "associated":
        if attempt.opens_at is not None and now < attempt.opens_at:
            raise ConflictError(f"this attempt opens at {attempt.opens_at.isoformat()}")
        if attempt.closes_at is not None and now > attempt.closes_at:
            raise ConflictError(f"this attempt closed at {attempt.closes_at.isoformat()}")
    decision = Decision(plan).move_attempt(
        attempt_id, ATTEMPT, "submit", submitted_at=now, evidence=tuple(evidence)
    )
    return settled(plan, decision)


def time_out(plan: Plan, attempt_id: str, now: datetime) -> Decision | None:
    """End an attempt whose time is over; None where it is not, or has ended already."""
    attempt = plan.attempt(attempt_id)
    over = attempt.closes_at is not None and attempt.closes_at <= now
    if attempt.state != "associated" or plan.held or not over:
        return None
    decision = Decision(plan).move_attempt(
        attempt_id, ATTEMPT, "time_out", facts={"timed_out": True}, submitted_at=now, timed_out=True
    )
    return settled(plan, decision)


def cancel(
    plan: Plan, attempt_id: str, now: datetime, *, by_learner: bool, reason: str | None = None
) -> Decision:
    """Take an attempt back without using it up; a learner may until it has opened, staff until it is handed in."""
    attempt = plan.attempt(attempt_id)
    opened = attempt.opens_at is not None and attempt.opens_at <= now
    if by_learner and attempt.state == "associated" and opened:
        raise ConflictError("this attempt has opened; ask the institution if it has to be cancelled")
    decision = Decision(plan).move_attempt(attempt_id, ATTEMPT, "cancel", reason=reason)
    return settled(plan, decision)


def cancel_open(decision: Decision, reason: str) -> Decision:
    """Cancel every attempt that has not been handed in, because its plan ends."""
    for attempt in decision.plan.attempts:
        if attempt.state in OPEN_STATES:
            decision = decision.move_attempt(attempt.id, ATTEMPT, "cancel", reason=reason)
    return decision


def verify(plan: Plan, attempt_id: str, verdict: str, reason: str | None, actor: Actor) -> Decision:
    """Say whether the person who sat the attempt was the learner (AST-09, AST-19).

    A second review is another person's; what is not a plain yes needs a reason.

    Raises:
        ConflictError: nothing is to be verified, it is too late, or the reviewer is the one who asked for a second.
        InvalidError: the reason is missing.
    """
    attempt = plan.attempt(attempt_id)
    if plan.state in {"achieved", "lapsed", "voided"}:
        raise ConflictError(f"the plan is {plan.state}; identities are no longer reviewed")
    if attempt.verification == NOT_REQUIRED:
        raise ConflictError("this instrument asks for no identity verification")
    if attempt.cancelled or attempt.state == "pending" or attempt.stands:
        raise ConflictError(
            "identity is verified between the booking of an attempt and the release of its result"
        )
    if verdict != "verified" and not reason:
        raise InvalidError("a reason is needed", pointers=[Pointer("/reason", f"say why it is {verdict}")])
    if attempt.verification == "second_review_required" and attempt.verification_by == actor.subject:
        raise ConflictError("a second review has to be made by another person")
    decision = Decision(plan).move_attempt(
        attempt_id, VERIFICATION, _VERDICTS[verdict], reason=reason, verification_by=actor.subject
    )
    return settled(plan, decision)


def _may_attempt(plan: Plan, instrument: Instrument, now: datetime) -> None:
    if plan.state not in {"assigned", "in_progress"}:
        raise ConflictError(f"the plan is {plan.state}; it takes no attempts")
    _not_held(plan)
    if plan.briefed_at is None:
        raise ConflictError(
            "rules, sample and instructions come before the first attempt: POST /plans/{id}/briefing"
        )
    _before_the_end(plan, now)
    _in_order(plan, instrument)
    _attempt_left(plan, instrument, now)


def _in_order(plan: Plan, instrument: Instrument) -> None:
    now = standing(plan)
    needed = {first for outcome in instrument.outcomes for first in plan.template.prerequisites[outcome]}
    if first := sorted(o for o in needed - set(instrument.outcomes) if not now.shown([o])):
        raise ConflictError(f"{instrument.id} opens after these outcomes are achieved: {', '.join(first)}")


def _attempt_left(plan: Plan, instrument: Instrument, now: datetime) -> None:
    earlier = plan.attempts_at(instrument.id)
    if any(a.in_flight if instrument.summative else a.state in OPEN_STATES for a in earlier):
        raise ConflictError(f"an attempt at {instrument.id} is under way or waits for its result")
    if instrument.summative and not missing(plan, instrument):
        raise ConflictError(f"{instrument.id} has shown all its outcomes already")
    if attempts_left(plan, instrument) == 0:
        raise ConflictError(f"no attempt at {instrument.id} is left")
    if earlier:
        last = earlier[-1].submitted_at or earlier[-1].created_at
        if now < (earliest := add_duration(last, instrument.min_interval)):
            raise ConflictError(f"the next attempt at {instrument.id} opens at {earliest.isoformat()}")


def _not_held(plan: Plan) -> None:
    if plan.held:
        raise ConflictError("studies are suspended; attempts go on after they are resumed")


def _before_the_end(plan: Plan, moment: datetime) -> None:
    if moment >= plan.expected_end:
        raise ConflictError(f"the plan ends at {plan.expected_end.isoformat()}; ask for an extension")


def _booked(
    decision: Decision, attempt_id: str, instrument: Instrument, session_id: str | None, now: datetime
) -> Decision:
    if session_id is None:
        return _opened(decision, attempt_id, instrument, now)
    session = instrument.session(session_id)
    if now > session.closes_at:
        raise ConflictError(f"session {session.id} closed at {session.closes_at.isoformat()}")
    if now < session.opens_at and not instrument.booking_required:
        raise ConflictError(f"session {session.id} opens at {session.opens_at.isoformat()}")
    _before_the_end(decision.plan, session.opens_at)
    closes_at = session.closes_at
    if instrument.duration and not instrument.booking_required:
        closes_at = min(closes_at, add_duration(now, instrument.duration))
    return decision.move_attempt(
        attempt_id,
        ATTEMPT,
        "book",
        session_id=session.id,
        place=session.place,
        opens_at=session.opens_at,
        closes_at=closes_at,
    )


def _opened(decision: Decision, attempt_id: str, instrument: Instrument, now: datetime) -> Decision:
    if instrument.sessions:
        known = ", ".join(session.id for session in instrument.sessions)
        raise InvalidError(
            f"{instrument.id} is taken in sessions",
            pointers=[Pointer("/session_id", f"choose one of: {known}")],
        )
    closes_at = add_duration(now, instrument.duration) if instrument.duration else None
    return decision.move_attempt(attempt_id, ATTEMPT, "book", opens_at=now, closes_at=closes_at)
