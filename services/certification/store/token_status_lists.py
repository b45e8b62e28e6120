"""Places in Token Status Lists, and the lists themselves. What they say is derived from the certificates every time."""

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.wallet import INVALID, SUSPENDED
from services.certification.store import places
from services.certification.store.places import Place
from services.certification.store.tables import certificates
from services.certification.store.wallet_tables import token_status_lists, wallet_copies
from shared.messaging.unit_of_work import UnitOfWork

STATUSES: Final = {"suspended": SUSPENDED, "revoked": INVALID, "superseded": INVALID}


def allocate(uow: UnitOfWork, issuer: str, entries: int, wanted: int) -> list[Place]:
    """`wanted` places in a list of `issuer`."""
    return places.allocate(
        uow,
        token_status_lists,
        wallet_copies,
        kind="token-status-list",
        issuer=issuer,
        entries=entries,
        wanted=wanted,
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
