"""Places in status lists, and the lists themselves."""

import secrets
from typing import Any

import sqlalchemy as sa

from services.certification.domain.machines import WITHDRAWN
from services.certification.store.recognition_tables import recognition_statements
from services.certification.store.tables import certificates, status_lists
from services.certification.store.vc_api_tables import vc_api_status_lists
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
        if not _is_taken(uow.connection, row.id, index):
            return row.id, index


def _is_taken(connection: sa.Connection, list_id: str, index: int) -> bool:
    """Certificates and statements about recognition have their places in the same lists."""
    return any(
        connection.execute(
            sa.select(table.c.id).where(table.c.status_list_id == list_id, table.c.status_index == index)
        ).first()
        for table in (certificates, recognition_statements)
    )


def _begin(uow: UnitOfWork, issuer: str, ordinal: int) -> str:
    identifier = derived_id("status-list", issuer, str(ordinal))
    uow.connection.execute(
        status_lists.insert().values(id=identifier, issuer=issuer, ordinal=ordinal, allocated=1)
    )
    return identifier


def find(connection: sa.Connection, list_id: str) -> sa.Row[Any] | None:
    return connection.execute(status_lists.select().where(status_lists.c.id == list_id)).first()


def published(connection: sa.Connection, list_id: str) -> str | None:
    """The signed list under this id, an awarding body's or one of the VC-API; None where there is none."""
    found = [
        sa.select(table.c.credential).where(table.c.id == list_id)
        for table in (status_lists, vc_api_status_lists)
    ]
    credential: str | None = connection.execute(sa.union_all(*found)).scalar()
    return credential


def of_issuer(connection: sa.Connection, issuer: str) -> list[str]:
    """The ids of the issuer's lists."""
    statement = sa.select(status_lists.c.id).where(status_lists.c.issuer == issuer)
    return list(connection.execute(statement.order_by(status_lists.c.ordinal)).scalars())


def withdrawn_indexes(connection: sa.Connection, list_id: str) -> list[int]:
    """The indexes whose bits are set, in order: suspended now, or revoked or superseded for good."""
    found = [
        sa.select(table.c.status_index).where(table.c.status_list_id == list_id, table.c.state.in_(WITHDRAWN))
        for table in (certificates, recognition_statements)
    ]
    return sorted(connection.execute(sa.union_all(*found)).scalars())


def put_credential(uow: UnitOfWork, list_id: str, credential: str) -> None:
    uow.connection.execute(
        status_lists.update()
        .where(status_lists.c.id == list_id)
        .values(credential=credential, signed_at=uow.now)
    )
