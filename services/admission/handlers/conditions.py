"""Conditions of an offer: found, settled, and the admission that follows from the last one."""

from collections.abc import Mapping
from typing import Any

from services.admission.domain import offer_steps
from services.admission.domain.application import Decided
from services.admission.domain.offer import CONDITION, conditions_open
from services.admission.handlers.case import Case, save
from services.admission.store import cases
from services.admission.store.tables import conditions
from shared.domain import Change, InvalidError, Pointer
from shared.messaging.unit_of_work import UnitOfWork


def meet_condition(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> Case:
    """Record that a condition is met; the last one admits an applicant who has accepted."""
    condition = find_condition(uow, case, body["condition_id"])
    settle_condition(uow, condition, "meet", note=body["note"])
    change = Change("condition", condition.id, "meet", condition.state, "met")
    return save(uow, case, admit_if_complete(uow, Decided(case.application, (change,))))


def find_condition(uow: UnitOfWork, case: Case, condition_id: str) -> Any:
    """A condition of the current offer of this case.

    Raises:
        InvalidError: it is none.
    """
    offer = cases.current_offer(uow.connection, case.application.id)
    for row in cases.conditions_of(uow.connection, offer.id) if offer else ():
        if row.id == condition_id:
            return row
    raise InvalidError(
        "This is no condition of the application's offer.",
        pointers=[Pointer("/condition_id", "Take an id from the offer's conditions.")],
    )


def settle_condition(
    uow: UnitOfWork,
    condition: Any,
    trigger: str,
    *,
    note: str | None = None,
    people: tuple[str, str] | None = None,
) -> None:
    row = CONDITION.fire(condition.state, trigger)
    decided_by, decided_with = people or (uow.actor.subject, None)
    cases.change(
        uow.connection,
        conditions,
        condition.id,
        state=row.target,
        decided_by=decided_by,
        decided_with=decided_with,
        note=note,
    )


def admit_if_complete(uow: UnitOfWork, decided: Decided) -> Decided:
    """Admit an applicant who accepted, once no condition is open."""
    application = decided.application
    offer = cases.current_offer(uow.connection, application.id)
    if application.state != "pending_conditions" or offer is None:
        return decided
    remaining = [cases.condition_of(row) for row in cases.conditions_of(uow.connection, offer.id)]
    return decided if conditions_open(remaining) else decided.then(offer_steps.confirm_conditions_met)
