"""Keep a decision: the plan's rows, its events, its deadlines and the seats it takes, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.assessment.domain.decision import Decision
from services.assessment.domain.lifecycle import deadlines
from services.assessment.domain.plan import Plan
from services.assessment.store import enrolments
from services.assessment.store.plans import save_plan
from services.assessment.store.queries import Scope
from shared.domain import Actor, ConflictError, ForbiddenError
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Acting:
    """Who asks: the actor for the history, the learner this person would be, and what they may see."""

    actor: Actor
    person: str
    scope: Scope

    def judges(self, plan: Plan) -> None:
        """Refuse staff who are the learner themselves: nobody marks, verifies or confirms their own work."""
        if plan.learner_id == self.person:
            raise ForbiddenError("this is your own plan; others have to judge it")


def keep(uow: UnitOfWork, before: Plan | None, decision: Decision | None) -> Plan:
    """Write `decision` (nothing where it is None) and return the plan as it is then.

    Raises:
        ConflictError: a session it books has no seat left.
        StaleAggregateError: somebody else changed the plan since `before` was loaded.
    """
    if decision is None:
        if before is None:
            raise ValueError("nothing was decided about a plan that does not exist")
        return before
    version = save_plan(uow, before, decision)
    _seat(uow, before, decision.plan)
    _schedule(uow, before, decision.plan)
    return replace(decision.plan, version=version)


def _seat(uow: UnitOfWork, before: Plan | None, after: Plan) -> None:
    old, new = _seats(before), _seats(after)
    for attempt, (seat, _) in sorted(old.items()):
        if attempt not in new:
            enrolments.free_seat(uow.connection, seat)
    for attempt, (seat, capacity) in sorted(new.items()):
        if attempt not in old and not enrolments.take_seat(uow.connection, seat, capacity):
            raise ConflictError("this session has no seat left; choose another one")


def _seats(plan: Plan | None) -> Mapping[str, tuple[str, int]]:
    """The seats that a plan's attempts take, by attempt: sessions that have a capacity only."""
    found: dict[str, tuple[str, int]] = {}
    for attempt in plan.attempts if plan else ():
        if plan and attempt.session_id is not None and not attempt.cancelled:
            session = plan.instrument_of(attempt).session(attempt.session_id)
            if session.capacity is not None:
                seat = f"{plan.template.offering_id}/{attempt.instrument_id}/{session.id}"
                found[attempt.id] = (seat, session.capacity)
    return found


def _schedule(uow: UnitOfWork, before: Plan | None, after: Plan) -> None:
    old = {} if before is None else deadlines(before)
    new = deadlines(after)
    for kind, key in old.keys() - new.keys():
        uow.cancel(kind, key)
    for (kind, key), due in new.items():
        if old.get((kind, key)) != due:
            uow.schedule(kind, key, due_at=due, payload={"plan_id": after.id}, replace=True)
