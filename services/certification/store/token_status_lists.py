"""Places in Token Status Lists, and the lists themselves. What they say is derived from the certificates every time."""

import secrets
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.wallet import INVALID, SUSPENDED
from services.certification.store.tables import certificates
from services.certification.store.upsert import insert_new
from services.certification.store.wallet_tables import token_status_lists, wallet_copies
from shared.ids import derived_id
from shared.messaging.unit_of_work import UnitOfWork

STATUSES: Final = {"suspended": SUSPENDED, "revoked": INVALID, "superseded": INVALID}


def allocate(uow: UnitOfWork, issuer: str, entries: int, wanted: int) -> list[tuple[str, int]]:
    """`wanted` free places of `issuer`, drawn at random so that neighbours tell nothing about each other.

    A list is used up to half, so that a draw succeeds quickly; then the next one is begun.
    """
    lists = token_status_lists
    insert_new(uow.connection, lists, _new(issuer, 1))
    newest = lists.select().where(lists.c.issuer == issuer).order_by(lists.c.ordinal.desc()).limit(1)
    row = uow.connection.execute(newest.with_for_update()).one()
    if row.allocated + wanted > entries // 2:
        insert_new(uow.connection, lists, _new(issuer, row.ordinal + 1))
        row = uow.connection.execute(newest.with_for_update()).one()
    uow.connection.execute(
        lists.update().where(lists.c.id == row.id).values(allocated=lists.c.allocated + wanted)
    )
    found: set[int] = set()
    while len(found) < wanted:
        index = secrets.randbelow(entries)
        if uow.connection.execute(_at(row.id, index)).first() is None:
            found.add(index)
    return [(row.id, index) for index in found]


def _new(issuer: str, ordinal: int) -> dict[str, Any]:
    identifier = derived_id("token-status-list", issuer, str(ordinal))
    return {"id": identifier, "issuer": issuer, "ordinal": ordinal, "allocated": 0}


def _at(list_id: str, index: int) -> sa.Select[Any]:
    return sa.select(wallet_copies.c.id).where(
        wallet_copies.c.status_list_id == list_id, wallet_copies.c.status_index == index
    )


def find(connection: sa.Connection, list_id: str) -> sa.Row[Any] | None:
    statement = token_status_lists.select().where(token_status_lists.c.id == list_id)
    return connection.execute(statement).first()


def of_issuer(connection: sa.Connection, issuer: str) -> list[str]:
    """The ids of the issuer's lists."""
    statement = sa.select(token_status_lists.c.id).where(token_status_lists.c.issuer == issuer)
    return list(connection.execute(statement.order_by(token_status_lists.c.ordinal)).scalars())


def lists_with(connection: sa.Connection, certificate_ids: Iterable[str]) -> list[str]:
    """The lists in which copies of these certificates have their places."""
    wanted = list(certificate_ids)
    if not wanted:
        return []
    statement = sa.select(wallet_copies.c.status_list_id).where(wallet_copies.c.certificate_id.in_(wanted))
    return list(connection.execute(statement.distinct()).scalars())


def statuses(connection: sa.Connection, list_id: str) -> dict[int, int]:
    """The places whose copies are not valid, with their status."""
    joined = wallet_copies.join(certificates, certificates.c.id == wallet_copies.c.certificate_id)
    statement = (
        sa.select(wallet_copies.c.status_index, certificates.c.state)
        .select_from(joined)
        .where(wallet_copies.c.status_list_id == list_id, certificates.c.state.in_(STATUSES))
    )
    return {row.status_index: STATUSES[row.state] for row in connection.execute(statement)}


def put_token(uow: UnitOfWork, list_id: str, token: str) -> None:
    uow.connection.execute(
        token_status_lists.update()
        .where(token_status_lists.c.id == list_id)
        .values(token=token, signed_at=uow.now)
    )
