"""The keys of issuers: `pending`, then `active`, then `retired`; `compromised` at any time."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.certification.store.tables import issuer_keys
from services.certification.store.upsert import insert_new
from shared.messaging.unit_of_work import UnitOfWork

PUBLISHED = ("active", "retired", "pending")
VERIFYING = ("active", "retired")


def active(connection: sa.Connection, institution: str) -> sa.Row[Any] | None:
    """The row of the key that signs for `institution` now."""
    return connection.execute(
        issuer_keys.select().where(issuer_keys.c.institution == institution, issuer_keys.c.state == "active")
    ).first()


def in_states(connection: sa.Connection, institution: str, states: Sequence[str]) -> list[str]:
    """The Multikey strings of the institution's keys in `states`, oldest first."""
    statement = (
        sa.select(issuer_keys.c.multikey)
        .where(issuer_keys.c.institution == institution, issuer_keys.c.state.in_(states))
        .order_by(issuer_keys.c.created_at, issuer_keys.c.multikey)
    )
    return list(connection.execute(statement).scalars())


def add_first(uow: UnitOfWork, institution: str, multikey: str, wrapped: bytes) -> None:
    """Add an active key where the institution has none; nothing happens where it has one by now."""
    insert_new(
        uow.connection,
        issuer_keys,
        {
            "multikey": multikey,
            "institution": institution,
            "state": "active",
            "wrapped": wrapped,
            "created_at": uow.now,
            "changed_at": uow.now,
        },
    )
