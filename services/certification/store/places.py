"""Places in status lists of either kind, drawn at random so that neighbours tell nothing about each other."""

import secrets
from typing import Any

import sqlalchemy as sa

from services.certification.store.upsert import insert_new
from shared.ids import derived_id
from shared.messaging.unit_of_work import UnitOfWork

Place = tuple[str, int]
"""The id of a list, and an index in it."""


def allocate(
    uow: UnitOfWork, lists: sa.Table, *given: sa.Table, kind: str, issuer: str, entries: int, wanted: int = 1
) -> list[Place]:
    """`wanted` places in one of the `lists` of `issuer`, that no row of the tables in which places are `given` has.

    A list of `entries` is used up to half, so that a draw succeeds quickly; then the next one is begun. Who draws at
    the same moment waits for the end of this transaction. The ids of lists are derived from `kind`.
    """
    row = _newest(uow, lists, issuer)
    while row is None or row.allocated + wanted > entries // 2:
        ordinal = row.ordinal + 1 if row is not None else 1
        new = {"id": derived_id(kind, issuer, str(ordinal)), "issuer": issuer, "ordinal": ordinal}
        insert_new(uow.connection, lists, {**new, "allocated": 0})
        row = _newest(uow, lists, issuer)
    uow.connection.execute(
        lists.update().where(lists.c.id == row.id).values(allocated=lists.c.allocated + wanted)
    )
    found: set[int] = set()
    while len(found) < wanted:
        index = secrets.randbelow(entries)
        if not any(_is_given(uow.connection, table, row.id, index) for table in given):
            found.add(index)
    return [(row.id, index) for index in found]


def _newest(uow: UnitOfWork, lists: sa.Table, issuer: str) -> sa.Row[Any] | None:
    """The list that was begun last, locked."""
    statement = lists.select().where(lists.c.issuer == issuer).order_by(lists.c.ordinal.desc()).limit(1)
    return uow.connection.execute(statement.with_for_update()).first()


def _is_given(connection: sa.Connection, table: sa.Table, list_id: str, index: int) -> bool:
    statement = sa.select(table.c.id).where(table.c.status_list_id == list_id, table.c.status_index == index)
    return connection.execute(statement).first() is not None
