"""What people ask of an attempt until its result is released. Each returns the plan and the attempt's id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.assessment.domain import attempts, marking
from services.assessment.domain.agreement import INDEPENDENT
from services.assessment.domain.plan import Claim, Evidence, Feedback, Plan, Sheet
from services.assessment.domain.template import Instrument
from services.assessment.handlers.keeping import Acting, keep
from services.assessment.store import queries
from shared.domain import ForbiddenError, InvalidError, NotFoundError, Pointer
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Marks:
    """What a marker hands in: a mark per outcome, the day it was judged, and feedback."""

    marks: Mapping[str, str]
    assessed_on: date
    feedback: Sequence[Feedback] = ()


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time and place that staff arranged."""

    opens_at: datetime
    closes_at: datetime
    place: str | None


def open_attempt(
    uow: UnitOfWork, acting: Acting, *, plan_id: str, instrument_id: str, session_id: str | None
) -> tuple[Plan, str]:
    """Open an attempt for the learner, booked at once where nothing else has to be arranged (D5)."""
    try:
        plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    except NotFoundError as error:
        raise InvalidError(
            "There is no such plan.", pointers=[Pointer("/plan_id", "give the id of one of your plans")]
        ) from error
    attempt_id = new_id()
    instrument = _instrument(plan, instrument_id)
    decision = attempts.open_attempt(plan, attempt_id, instrument, session_id, uow.now)
    return keep(uow, plan, decision), attempt_id


def book(
    uow: UnitOfWork,
    acting: Acting,
    attempt_id: str,
    session_id: str | None,
    appointment: Appointment | None,
) -> tuple[Plan, str]:
    """Book a pending attempt: into a session, or, by staff, at an appointed time and place."""
    plan = queries.plan_of_attempt(uow.connection, acting.scope, attempt_id)
    if appointment is None:
        decision = attempts.book(plan, attempt_id, session_id or "", uow.now)
    elif acting.scope.learner is not None:
        raise ForbiddenError("appointments are made by the institution; choose a session instead")
    else:
        decision = attempts.appoint(
            plan,
            attempt_id,
            opens_at=appointment.opens_at,
            closes_at=appointment.closes_at,
            place=appointment.place,
            now=uow.now,
        )
    return keep(uow, plan, decision), attempt_id


def submit(
    uow: UnitOfWork, acting: Acting, attempt_id: str, evidence: Sequence[Evidence]
) -> tuple[Plan, str]:
    """Hand the attempt in."""
    plan = queries.plan_of_attempt(uow.connection, acting.scope, attempt_id)
    return keep(uow, plan, attempts.submit(plan, attempt_id, evidence, uow.now)), attempt_id


def cancel(uow: UnitOfWork, acting: Acting, attempt_id: str, reason: str | None) -> tuple[Plan, str]:
    """Take an attempt back without using it up."""
    plan = queries.plan_of_attempt(uow.connection, acting.scope, attempt_id)
    by_learner = acting.scope.learner is not None
    if not by_learner:
        acting.judges(plan)
    decision = attempts.cancel(plan, attempt_id, uow.now, by_learner=by_learner, reason=reason)
    return keep(uow, plan, decision), attempt_id


def verify(
    uow: UnitOfWork, acting: Acting, attempt_id: str, verdict: str, reason: str | None
) -> tuple[Plan, str]:
    """Say whether the person who sat the attempt was the learner (AST-09, AST-19)."""
    plan = _to_judge(uow, acting, attempt_id)
    return keep(uow, plan, attempts.verify(plan, attempt_id, verdict, reason, acting.actor)), attempt_id


def begin_marking(uow: UnitOfWork, acting: Acting, attempt_id: str) -> tuple[Plan, str]:
    """Take a marker's place."""
    plan = _to_judge(uow, acting, attempt_id)
    actor = acting.actor
    claim = Claim(new_id(), plan.attempt(attempt_id).round, actor.subject, actor.institution, uow.now)
    return keep(uow, plan, marking.begin(plan, attempt_id, claim)), attempt_id


def hand_in_marks(uow: UnitOfWork, acting: Acting, attempt_id: str, given: Marks) -> tuple[Plan, str]:
    """Hand in a mark for every outcome of the instrument."""
    plan = _to_judge(uow, acting, attempt_id)
    sheet = Sheet(
        id=new_id(),
        round=plan.attempt(attempt_id).round,
        kind=INDEPENDENT,
        marker=acting.actor.subject,
        institution=acting.actor.institution,
        marks=given.marks,
        assessed_on=given.assessed_on,
        feedback=tuple(given.feedback),
        given_at=uow.now,
    )
    return keep(uow, plan, marking.hand_in(plan, attempt_id, sheet)), attempt_id


def release(uow: UnitOfWork, acting: Acting, attempt_id: str) -> tuple[Plan, str]:
    """Show the result to the learner."""
    plan = _to_judge(uow, acting, attempt_id)
    return keep(uow, plan, marking.release(plan, attempt_id, uow.now)), attempt_id


def remark(uow: UnitOfWork, acting: Acting, attempt_id: str, reason: str) -> tuple[Plan, str]:
    """Have a released result marked again."""
    plan = _to_judge(uow, acting, attempt_id)
    decision = marking.remark(plan, attempt_id, reason, acting.actor, uow.now)
    return keep(uow, plan, decision), attempt_id


def _to_judge(uow: UnitOfWork, acting: Acting, attempt_id: str) -> Plan:
    plan = queries.plan_of_attempt(uow.connection, acting.scope, attempt_id)
    acting.judges(plan)
    return plan


def _instrument(plan: Plan, instrument_id: str) -> Instrument:
    try:
        return plan.template.instrument(instrument_id)
    except NotFoundError as error:
        known = ", ".join(instrument.id for instrument in plan.template.instruments)
        raise InvalidError(
            error.detail, pointers=[Pointer("/instrument_id", f"choose one of: {known}")]
        ) from error
