"""Places in status lists, and the lists themselves."""

from typing import Any

import sqlalchemy as sa

from services.certification.domain.machines import WITHDRAWN
from services.certification.store import places
from services.certification.store.places import Place
from services.certification.store.recognition_tables import recognition_statements
from services.certification.store.tables import certificates, status_lists
from services.certification.store.vc_api_tables import vc_api_status_lists
from shared.messaging.unit_of_work import UnitOfWork


def allocate(uow: UnitOfWork, issuer: str, entries: int) -> Place:
    """A place in a list of `issuer`; certificates and statements about recognition have theirs in the same lists."""
    given = (certificates, recognition_statements)
    (place,) = places.allocate(uow, status_lists, *given, kind="status-list", issuer=issuer, entries=entries)
    return place


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
