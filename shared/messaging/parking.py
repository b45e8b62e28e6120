"""Events that cannot be handled stand aside, visibly, and only their own key waits for them."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from shared.domain import NotFoundError
from shared.messaging.log.base import Record
from shared.messaging.tables import blocked_keys, inbox, parked

_KEY_LENGTH: Final = 200
_KNOWN_LENGTHS: Final = {"event_id": 100, "type": 200}
_TEXT_LENGTH: Final = 2000

# Asked for every event and in every round; building a statement costs more than running it.
_BLOCK: Final = (
    blocked_keys.select()
    .where(
        blocked_keys.c.topic == sa.bindparam("of_topic"),
        blocked_keys.c.key == sa.bindparam("of_key"),
    )
    .with_for_update()
)
_TO_DRAIN: Final = sa.select(blocked_keys.c.topic, blocked_keys.c.key).where(
    blocked_keys.c.retry_requested.is_(sa.true())
)


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """`correlation_id` ties it to what caused it, in the logs of all services; None where the record names none."""

    id: int
    topic: str
    partition: int
    offset: int
    key: str
    event_id: str | None
    type: str | None
    reason: str
    parked_at: datetime
    correlation_id: str | None


@cache
def _insert_unless_there(table: sa.Table, dialect: str) -> sa.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def insert_once(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Insert a row unless one like it is there; whether it was inserted."""
    statement = _insert_unless_there(table, connection.dialect.name)
    # Without the option SQLAlchemy reports -1 for this INSERT on PostgreSQL, and every event would look seen.
    inserted = connection.execute(statement, values, execution_options={"preserve_rowcount": True})
    return inserted.rowcount > 0


def blocking_key(record: Record) -> str:
    """The key that an event blocks when it is parked; a record without one blocks nothing but itself.

    A key that the database cannot hold stands there as its digest.
    """
    if record.key is None:
        return f"offset:{record.partition}:{record.offset}"
    if storable(record.key, _KEY_LENGTH) == record.key:
        return record.key
    return f"sha256:{hashlib.sha256(record.key.encode(errors='surrogatepass')).hexdigest()}"


def storable(text: str, length: int = _TEXT_LENGTH) -> str:
    """`text` as every database takes it: it may quote what anybody wrote, and setting aside must not fail."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")[:length]


def is_blocked(connection: sa.Connection, topic: str, key: str) -> bool:
    """Whether events of the key are parked; takes the lock under which the key is drained, if so."""
    return connection.execute(_BLOCK, {"of_topic": topic, "of_key": key}).first() is not None


def park(
    connection: sa.Connection, record: Record, now: datetime, *, reason: str, **known: str | None
) -> None:
    """Set `record` aside and block its key, in the transaction that would have handled it.

    `known` are `event_id` and `type`, where the record could be read so far. A record that was parked and resolved
    before, and comes again, blocks nothing.
    """
    key = blocking_key(record)
    row = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": key,
        "headers": [[storable(name), base64.b64encode(value).decode()] for name, value in record.headers],
        "value": record.value,
        "reason": storable(reason),
        "parked_at": now,
        **{name: value and storable(value, _KNOWN_LENGTHS[name]) for name, value in known.items()},
    }
    if insert_once(connection, parked, row) or _is_open(connection, record):
        block = {"topic": record.topic, "key": key, "blocked_at": now, "retry_requested": False}
        insert_once(connection, blocked_keys, block)


def _is_open(connection: sa.Connection, record: Record) -> bool:
    same = (
        parked.c.topic == record.topic,
        parked.c.partition == record.partition,
        parked.c.offset == record.offset,
    )
    return (
        connection.execute(parked.select().where(*same, parked.c.resolved_at.is_(None))).first() is not None
    )


def record_of(row: Any) -> Record:
    """The record as it was read from the log."""
    key = None if row.key.startswith("offset:") else row.key
    headers = tuple((name, base64.b64decode(value)) for name, value in row.headers)
    return Record(row.topic, row.partition, row.offset, key, headers, row.value)


def waiting(connection: sa.Connection) -> Sequence[ParkedEvent]:
    """All parked events, in the order in which they will be handled."""
    rows = connection.execute(
        parked.select()
        .where(parked.c.resolved_at.is_(None))
        .order_by(parked.c.topic, parked.c.key, parked.c.id)
    )
    return [_parked(row) for row in rows]


def _parked(row: Any) -> ParkedEvent:
    named = dict(record_of(row).headers).get("ce_correlationid")
    return ParkedEvent(
        row.id,
        row.topic,
        row.partition,
        row.offset,
        row.key,
        row.event_id,
        row.type,
        row.reason,
        row.parked_at,
        storable(named.decode(errors="backslashreplace")) if named else None,
    )


def request_retry(connection: sa.Connection, parked_id: int | None = None) -> int:
    """Mark the key of one parked event (or all keys) to be drained by the worker; returns how many keys."""
    statement = blocked_keys.update().values(retry_requested=True)
    if parked_id is not None:
        row = _open_row(connection, parked_id)
        statement = statement.where(blocked_keys.c.topic == row.topic, blocked_keys.c.key == row.key)
    return connection.execute(statement).rowcount


def discard(connection: sa.Connection, parked_id: int, reason: str, now: datetime) -> None:
    """Give one parked event up for good, for a recorded reason; the rest of its key is marked to be drained.

    Raises:
        NotFoundError: no such event is parked.
        ValueError: no reason is given.
    """
    if not reason.strip():
        raise ValueError("discarding an event needs a reason")
    row = _open_row(connection, parked_id)
    is_blocked(connection, row.topic, row.key)
    if row.event_id is not None:
        insert_once(connection, inbox, {"event_id": row.event_id, "type": row.type or "", "handled_at": now})
    resolve(connection, row.id, now, f"discarded: {reason}")
    request_retry_of_key(connection, row.topic, row.key)


def request_retry_of_key(connection: sa.Connection, topic: str, key: str) -> None:
    connection.execute(
        blocked_keys.update()
        .where(blocked_keys.c.topic == topic, blocked_keys.c.key == key)
        .values(retry_requested=True)
    )


def resolve(connection: sa.Connection, parked_id: int, now: datetime, resolution: str) -> None:
    connection.execute(
        parked.update().where(parked.c.id == parked_id).values(resolved_at=now, resolution=resolution)
    )


def next_of(connection: sa.Connection, topic: str, key: str) -> Any | None:
    """The oldest parked row of a key, whose block row the caller holds; None lifts the block."""
    row = connection.execute(
        parked.select()
        .where(parked.c.topic == topic, parked.c.key == key, parked.c.resolved_at.is_(None))
        .order_by(parked.c.id)
        .limit(1)
    ).first()
    if row is None:
        connection.execute(
            blocked_keys.delete().where(blocked_keys.c.topic == topic, blocked_keys.c.key == key)
        )
    return row


def stop_retrying(connection: sa.Connection, topic: str, key: str, parked_id: int, reason: str) -> None:
    """The oldest event of the key failed again: keep it with its new reason, and wait for a person again."""
    mine = sa.and_(blocked_keys.c.topic == topic, blocked_keys.c.key == key)
    connection.execute(blocked_keys.update().where(mine).values(retry_requested=False))
    connection.execute(parked.update().where(parked.c.id == parked_id).values(reason=storable(reason)))


def keys_to_drain(connection: sa.Connection) -> list[tuple[str, str]]:
    return [(row.topic, row.key) for row in connection.execute(_TO_DRAIN)]


def _open_row(connection: sa.Connection, parked_id: int) -> Any:
    row = connection.execute(
        parked.select().where(parked.c.id == parked_id, parked.c.resolved_at.is_(None))
    ).first()
    if row is None:
        raise NotFoundError(f"no event {parked_id} is parked; `passerelle parked list` shows those that are")
    return row
