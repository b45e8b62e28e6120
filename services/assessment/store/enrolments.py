"""What was heard of enrolments, each fact once, and the seats of sessions."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.assessment.domain.enrolment import Fact
from services.assessment.store.tables import enrolment_facts, enrolments, seats
from shared.messaging.unit_of_work import UnitOfWork


def record_fact(uow: UnitOfWork, enrolment: dict[str, Any], fact: Fact) -> None:
    """Remember a fact of an enrolment and take the enrolment's lock; what is known already changes nothing.

    The lock keeps a fact and the making of the plan apart: whichever comes second sees the first.
    """
    _insert_once(uow.connection, enrolments, enrolment)
    lock_enrolment(uow, enrolment["id"])
    row = {"enrolment_id": enrolment["id"], "sequence": fact.sequence, "kind": fact.kind}
    _insert_once(uow.connection, enrolment_facts, {**row, "at": fact.at, "reason": fact.reason})


def lock_enrolment(uow: UnitOfWork, enrolment_id: str) -> sa.Row[Any] | None:
    """The enrolment as it was heard of, locked; None where nothing was heard."""
    return uow.lock(enrolments, enrolment_id)


def known_enrolment(connection: sa.Connection, enrolment_id: str) -> sa.Row[Any]:
    """What was heard of an enrolment first: learner, offering version, track."""
    return connection.execute(enrolments.select().where(enrolments.c.id == enrolment_id)).one()


def facts_of(connection: sa.Connection, enrolment_id: str) -> list[Fact]:
    """Every fact known of an enrolment."""
    rows = connection.execute(enrolment_facts.select().where(enrolment_facts.c.enrolment_id == enrolment_id))
    return [Fact(row.sequence, row.kind, row.at, row.reason) for row in rows]


def take_seat(connection: sa.Connection, seat: str, capacity: int) -> bool:
    """Take one seat of a session; False where all are taken. Never more than `capacity`, whoever races."""
    _insert_once(connection, seats, {"id": seat, "taken": 0})
    taken = connection.execute(
        seats.update().where(seats.c.id == seat, seats.c.taken < capacity).values(taken=seats.c.taken + 1)
    )
    return taken.rowcount == 1


def free_seat(connection: sa.Connection, seat: str) -> None:
    """Give a seat of a session back."""
    connection.execute(seats.update().where(seats.c.id == seat).values(taken=seats.c.taken - 1))


def _insert_once(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing())
