"""Load an application, locked, and save it with all that follows from a step.

Every writer takes the application's row first and the offering's seats after it. The order is the same everywhere,
so that two cases never wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.application import Application, Decided
from services.admission.domain.machine import HAS_OFFER
from services.admission.domain.offer import OFFER
from services.admission.domain.procedure import Procedure
from services.admission.store import cases, seats
from services.admission.store.applications import (
    application_of,
    changed_values,
    find_application,
    live_application,
)
from services.admission.store.documents import InForce, in_force
from services.admission.store.scope import EVERYTHING, Scope
from services.admission.store.tables import applications, offers
from shared.domain import ConflictError
from shared.messaging.unit_of_work import UnitOfWork

DEADLINE: Final = "application_deadline"

PROMOTION: Final = "promotion"

PRESENTED: Final = "presented_credential"

_TIMED: Final = frozenset({"draft", "information_requested"})


@dataclass(frozen=True, slots=True)
class Case:
    """An application as loaded or saved, with the procedure that it follows and the state of its offering."""

    application: Application
    version: int
    created_at: datetime
    updated_at: datetime
    procedure: Procedure
    offering_state: str


def read(connection: sa.Connection, scope: Scope, application_id: str, *, lock: bool = False) -> Case:
    """The application, locked until the transaction ends where `lock`.

    Raises:
        NotFoundError: there is none in this scope.
    """
    (case,) = cases_of(connection, [find_application(connection, scope, application_id, lock=lock)])
    return case


def cases_of(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Case]:
    """The cases of rows of `applications`, each offering version read once."""
    versions = {(row.offering_id, row.offering_version) for row in rows}
    found = {version: in_force(connection, *version) for version in versions}
    return [_case(row, found[row.offering_id, row.offering_version]) for row in rows]


def _case(row: sa.Row[Any], found: InForce) -> Case:
    return Case(
        application_of(row),
        row.version,
        row.created_at,
        row.updated_at,
        found.procedure,
        found.offering_state,
    )


def load(uow: UnitOfWork, scope: Scope, application_id: str) -> Case:
    """The application, locked until the transaction ends.

    Raises:
        NotFoundError: there is none in this scope.
    """
    return read(uow.connection, scope, application_id, lock=True)


def load_any(uow: UnitOfWork, application_id: str) -> Case:
    return load(uow, EVERYTHING, application_id)


def check_not_again(uow: UnitOfWork, application: Application) -> None:
    """Refuse to take up an application whose learner has applied to the offering again meanwhile.

    Raises:
        ConflictError: it names the other application.
    """
    other = live_application(
        uow.connection, application.learner_id, application.offering_id, other_than=application.id
    )
    if other is not None:
        raise ConflictError(
            f"The learner has applied to the offering again: {other}. Review that application."
        )


def save(uow: UnitOfWork, case: Case, decided: Decided, *, from_queue: bool = False) -> Case:
    """Write what was decided: the row, history, events, the offer it settles, the seat it frees, its deadline.

    `from_queue`: the step took the seat of the queue's first, who has thereby left the queue.
    """
    before, after = case.application, decided.application
    version = uow.save(
        applications,
        after.id,
        version=case.version,
        values=changed_values(before, after),
        events=decided.events,
        changes=decided.changes,
    )
    if before.state in HAS_OFFER:
        _settle_offer(uow, decided)
    if decided.freed_seat:
        seats.free(uow.connection, after.offering_id)
        uow.schedule(PROMOTION, after.offering_id)
    if before.state == "waitlisted" and after.state != "waitlisted" and not from_queue:
        seats.leave_queue(uow.connection, after.offering_id)
    _keep_time(uow, case, after)
    return replace(case, application=after, version=version, updated_at=uow.now)


def _settle_offer(uow: UnitOfWork, decided: Decided) -> None:
    offer = cases.current_offer(uow.connection, decided.application.id)
    if offer is None:
        return
    state = offer.state
    for change in decided.changes:
        if change.subject_type == "application" and OFFER.allows(state, change.trigger):
            state = OFFER.fire(state, change.trigger).target
    if state != offer.state:
        cases.change(uow.connection, offers, offer.id, state=state)


def _keep_time(uow: UnitOfWork, case: Case, after: Application) -> None:
    def timed(application: Application) -> bool:
        by_default = application.state == "offer" and case.procedure.decline_by_default
        return application.state in _TIMED or by_default

    if timed(after):
        uow.schedule(DEADLINE, after.id, due_at=after.deadline_at, replace=True)
    elif timed(case.application):
        uow.cancel(DEADLINE, after.id)
