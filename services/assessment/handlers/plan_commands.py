"""What people ask of a plan as a whole."""

from datetime import datetime

from services.assessment.domain import lifecycle
from services.assessment.domain.plan import IntegrityHold, Plan, Recognition
from services.assessment.handlers.keeping import Acting, keep
from services.assessment.store import queries
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


def brief(uow: UnitOfWork, acting: Acting, plan_id: str) -> Plan:
    """Record that rules, sample and instructions were delivered; said again it changes nothing (AST-15)."""
    plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    return keep(uow, plan, lifecycle.brief(plan, uow.now))


def recognise(uow: UnitOfWork, acting: Acting, plan_id: str, outcome: str, reason: str) -> Plan:
    """Recognise an outcome by prior learning (AST-22)."""
    plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    acting.judges(plan)
    recognition = Recognition(
        new_id(), outcome, reason, acting.actor.subject, acting.actor.institution, uow.now
    )
    return keep(uow, plan, lifecycle.recognise(plan, recognition, acting.actor))


def extend(uow: UnitOfWork, acting: Acting, plan_id: str, until: datetime, reason: str) -> Plan:
    """Give the learner more time (ENR-19)."""
    plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    acting.judges(plan)
    return keep(uow, plan, lifecycle.extend(plan, until, reason, uow.now))


def place_hold(uow: UnitOfWork, acting: Acting, plan_id: str, reason: str) -> Plan:
    """Hold back this learner's results while their integrity is looked into (AST-18)."""
    plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    acting.judges(plan)
    hold = IntegrityHold(new_id(), reason, acting.actor.subject, uow.now)
    return keep(uow, plan, lifecycle.place_hold(plan, hold))


def lift_hold(uow: UnitOfWork, acting: Acting, plan_id: str, reason: str) -> Plan:
    """Lift the hold; what waited for it goes on."""
    plan = queries.plan_by_id(uow.connection, acting.scope, plan_id)
    acting.judges(plan)
    return keep(uow, plan, lifecycle.lift_hold(plan, reason, acting.actor, uow.now))
