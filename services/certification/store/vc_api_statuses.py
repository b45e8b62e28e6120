"""Places in the status lists of the VC-API: each index is given once, however many ask at the same moment."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from services.certification.store.upsert import insert_new
from services.certification.store.vc_api_tables import vc_api_status_lists as lists
from services.certification.store.vc_api_tables import vc_api_statuses as statuses
from shared.messaging.unit_of_work import UnitOfWork


def latest(connection: sa.Connection, issuer: str, purpose: str) -> sa.Row[Any] | None:
    """The list of `issuer` for `purpose` that was begun last."""
    ordered = lists.select().where(lists.c.issuer == issuer, lists.c.purpose == purpose)
    return connection.execute(ordered.order_by(lists.c.ordinal.desc())).first()


def begin(uow: UnitOfWork, list_id: str, **values: Any) -> None:
    """Begin a list with its issuer, purpose, ordinal and signed form, unless somebody else has begun it."""
    insert_new(uow.connection, lists, {**values, "id": list_id, "allocated": 0})


def count_one(uow: UnitOfWork, list_id: str) -> None:
    """Count one more place of the list as given."""
    uow.connection.execute(
        lists.update().where(lists.c.id == list_id).values(allocated=lists.c.allocated + 1)
    )


def take(uow: UnitOfWork, list_id: str, index: int, credential_digest: str) -> bool:
    """Give the place to a credential, its bit clear; False where it is given already."""
    values = {"status_list_id": list_id, "status_index": index}
    return insert_new(
        uow.connection, statuses, {**values, "credential_digest": credential_digest, "is_set": False}
    )


def lock_lists_with(uow: UnitOfWork, issuer: str, purpose: str, credential_digest: str) -> list[sa.Row[Any]]:
    """The lists of `issuer` for `purpose` in which a credential has a place, locked one after the other by id."""
    named = sa.select(statuses.c.status_list_id).where(statuses.c.credential_digest == credential_digest)
    found = lists.select().where(lists.c.issuer == issuer, lists.c.purpose == purpose, lists.c.id.in_(named))
    return list(uow.connection.execute(found.order_by(lists.c.id).with_for_update()))


def places(connection: sa.Connection, list_id: str, credential_digest: str) -> list[sa.Row[Any]]:
    """The places of a credential in one list."""
    found = statuses.select().where(
        statuses.c.status_list_id == list_id, statuses.c.credential_digest == credential_digest
    )
    return list(connection.execute(found.order_by(statuses.c.status_index)))


def put_bits(uow: UnitOfWork, list_id: str, indexes: Iterable[int], *, is_set: bool) -> None:
    place = (statuses.c.status_list_id == list_id, statuses.c.status_index == sa.bindparam("index"))
    changed = statuses.update().where(*place).values(is_set=is_set)
    uow.connection.execute(changed, [{"index": index} for index in indexes])


def set_indexes(connection: sa.Connection, list_id: str) -> list[int]:
    """The indexes whose bits are set, in order."""
    found = sa.select(statuses.c.status_index).where(statuses.c.status_list_id == list_id, statuses.c.is_set)
    return list(connection.execute(found.order_by(statuses.c.status_index)).scalars())


def put_credential(uow: UnitOfWork, list_id: str, credential: str) -> None:
    uow.connection.execute(lists.update().where(lists.c.id == list_id).values(credential=credential))
