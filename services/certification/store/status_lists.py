"""Places in status lists, and the lists themselves."""

import secrets
from typing import Any

import sqlalchemy as sa

from services.certification.domain.machines import WITHDRAWN
from services.certification.store.tables import certificates, status_lists
from shared.ids import derived_id
from shared.messaging.unit_of_work import UnitOfWork


def allocate(uow: UnitOfWork, issuer: str, entries: int) -> tuple[str, int]:
    """A list of `issuer` and a free index in it, drawn at random so that neighbours tell nothing about each other.

    A list is used up to half, so that a draw succeeds quickly; then the next one is begun.
    """
    row = uow.connection.execute(
        status_lists.select().where(status_lists.c.issuer == issuer).order_by(status_lists.c.ordinal.desc())
    ).first()
    if row is None or row.allocated >= entries // 2:
        return _begin(uow, issuer, row.ordinal + 1 if row else 1), secrets.randbelow(entries)
    uow.connection.execute(
        status_lists.update()
        .where(status_lists.c.id == row.id)
        .values(allocated=status_lists.c.allocated + 1)
    )
    while True:
        index = secrets.randbelow(entries)
        taken = sa.select(certificates.c.id).where(
            certificates.c.status_list_id == row.id, certificates.c.status_index == index
        )
        if uow.connection.execute(taken).first() is None:
            return row.id, index


def _begin(uow: UnitOfWork, issuer: str, ordinal: int) -> str:
    identifier = derived_id("status-list", issuer, str(ordinal))
    uow.connection.execute(
        status_lists.insert().values(id=identifier, issuer=issuer, ordinal=ordinal, allocated=1)
    )
    return identifier


def find(connection: sa.Connection, list_id: str) -> sa.Row[Any] | None:
    return connection.execute(status_lists.select().where(status_lists.c.id == list_id)).first()


def of_issuer(connection: sa.Connection, issuer: str) -> list[str]:
    """The ids of the issuer's lists."""
    statement = sa.select(status_lists.c.id).where(status_lists.c.issuer == issuer)
    return list(connection.execute(statement.order_by(status_lists.c.ordinal)).scalars())


def withdrawn_indexes(connection: sa.Connection, list_id: str) -> list[int]:
    """The indexes whose bits are set: suspended now, or revoked or superseded for good."""
    statement = sa.select(certificates.c.status_index).where(
        certificates.c.status_list_id == list_id, certificates.c.state.in_(WITHDRAWN)
    )
    return list(connection.execute(statement).scalars())


def put_credential(uow: UnitOfWork, list_id: str, credential: str) -> None:
    uow.connection.execute(
        status_lists.update()
        .where(status_lists.c.id == list_id)
        .values(credential=credential, signed_at=uow.now)
    )
