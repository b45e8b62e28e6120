"""The transparency log: entries are written with what they tell, then put in order and into the tree by one job."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.merkle import Node, parent
from services.certification.domain.transparency import Checkpoint, Entry
from services.certification.store.tables import log_checkpoints, log_entries, log_heads, log_nodes
from services.certification.store.upsert import insert_new
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork

SEAL_LOG: Final = "seal_log"
_HEAD: Final = "log"
_MEMBERS: Final = ("kind", "subject", "issuer", "at", "salt", "digest")


def append(uow: UnitOfWork, kind: str, subject: str, issuer: str, digest: str | None = None) -> None:
    """Write an entry in the transaction of what it tells, and have it put into the tree.

    It gets its place later: a place given here would make every issuer wait for every other.
    """
    entry = Entry(kind, subject, issuer, uow.now, secrets.token_hex(32), digest)
    uow.connection.execute(
        log_entries.insert().values(
            id=new_id(), leaf=entry.leaf.hex(), **{name: getattr(entry, name) for name in _MEMBERS}
        )
    )
    uow.schedule(SEAL_LOG, subject)


def place_waiting(uow: UnitOfWork, limit: int) -> int | None:
    """Put up to `limit` waiting entries into the tree, oldest first; the new size, None where none waited.

    One transaction at a time does so.
    """
    insert_new(uow.connection, log_heads, {"id": _HEAD, "size": 0})
    head = uow.lock(log_heads, _HEAD)
    waiting = uow.connection.execute(
        sa.select(log_entries.c.id, log_entries.c.leaf)
        .where(log_entries.c.position.is_(None))
        .order_by(log_entries.c.at, log_entries.c.id)
        .limit(limit)
    ).all()
    if head is None or not waiting:
        return None
    for position, row in enumerate(waiting, start=head.size):
        placed = log_entries.update().where(log_entries.c.id == row.id).values(position=position)
        uow.connection.execute(placed)
        _grow(uow.connection, position, bytes.fromhex(row.leaf))
    size: int = head.size + len(waiting)
    uow.connection.execute(log_heads.update().where(log_heads.c.id == _HEAD).values(size=size))
    return size


def _grow(connection: sa.Connection, index: int, hash_: bytes) -> None:
    """Add a leaf and every subtree that it completes."""
    level, node = 0, nodes(connection)
    while True:
        connection.execute(log_nodes.insert().values(level=level, index=index, hash=hash_.hex()))
        if not index & 1:
            return
        hash_ = parent(node(level, index - 1), hash_)
        level, index = level + 1, index >> 1


def nodes(connection: sa.Connection) -> Node:
    """The tree as `domain/merkle.py` reads it."""

    def node(level: int, index: int) -> bytes:
        statement = sa.select(log_nodes.c.hash).where(log_nodes.c.level == level, log_nodes.c.index == index)
        return bytes.fromhex(connection.execute(statement).scalar_one())

    return node


def put_checkpoint(uow: UnitOfWork, checkpoint: Checkpoint, note: str) -> None:
    uow.connection.execute(
        log_checkpoints.insert().values(
            size=checkpoint.size, root=checkpoint.root.hex(), at=checkpoint.at, note=note
        )
    )


def latest(connection: sa.Connection) -> sa.Row[Any] | None:
    """The latest checkpoint."""
    return connection.execute(
        log_checkpoints.select().order_by(log_checkpoints.c.size.desc()).limit(1)
    ).first()


def checkpoints(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """All checkpoints, oldest first."""
    return connection.execute(log_checkpoints.select().order_by(log_checkpoints.c.size)).all()


def entries(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """All entries in their order; those that wait come last."""
    order = (log_entries.c.position.is_(None), log_entries.c.position, log_entries.c.at)
    return connection.execute(log_entries.select().order_by(*order)).all()


def entry_of(row: sa.Row[Any]) -> Entry:
    return Entry(**{name: getattr(row, name) for name in _MEMBERS})


def about(connection: sa.Connection, subjects: Sequence[str]) -> list[sa.Row[Any]]:
    """The entries about `subjects` that have their place, in order."""
    statement = log_entries.select().where(
        log_entries.c.subject.in_(subjects), log_entries.c.position.is_not(None)
    )
    return list(connection.execute(statement.order_by(log_entries.c.position)))


def position_of(connection: sa.Connection, leaf: str) -> int | None:
    """The place of a leaf (hexadecimal); None where it has none."""
    found: int | None = connection.execute(
        sa.select(log_entries.c.position).where(log_entries.c.leaf == leaf)
    ).scalar()
    return found


def leaves(connection: sa.Connection, start: int, limit: int) -> list[str]:
    """Up to `limit` leaves from `start` on, in hexadecimal."""
    statement = sa.select(log_nodes.c.hash).where(log_nodes.c.level == 0, log_nodes.c.index >= start)
    return list(connection.execute(statement.order_by(log_nodes.c.index).limit(limit)).scalars())
