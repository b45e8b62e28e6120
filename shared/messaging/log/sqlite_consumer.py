"""The member of a group on the SQLite log.

The member is the holder of a lease row. Every change of hands raises the row's epoch, and a commit of an older epoch
has no effect. Leases run by the machine's monotonic clock, so that a step of the wall clock ends none.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy.engine import Connection

from shared.db import Database
from shared.ids import new_id
from shared.messaging.log.base import LogUnavailableError, OffsetLostError, Record, TopicPartition
from shared.messaging.log.sqlite_file import available, unpack
from shared.messaging.signals import Signal

_RECHECK_SECONDS: Final = 0.1  # another process appends without setting this one's signal
_POLL_RECORDS: Final = 300

# A lease further away than one session is from before the machine started again.
_TAKE: Final = """INSERT INTO members (group_name, member, epoch, expires_at)
    VALUES (:group, :member, 1, :now + :session)
    ON CONFLICT (group_name) DO UPDATE SET
        member = excluded.member,
        epoch = members.epoch + (members.member <> excluded.member),
        expires_at = excluded.expires_at
    WHERE members.member = excluded.member
        OR members.expires_at NOT BETWEEN :now AND :now + :session
    RETURNING epoch"""

_KEEP: Final = """UPDATE members SET expires_at = :now + :session
    WHERE group_name = :group AND member = :member AND epoch = :epoch"""

_ADOPT: Final = """INSERT INTO offsets (group_name, topic, partition, "offset")
    SELECT ?, topic, partition, beginning FROM partitions
    WHERE topic IN (SELECT value FROM json_each(?)) ON CONFLICT DO NOTHING"""

_COMMIT: Final = """INSERT INTO offsets (group_name, topic, partition, "offset") VALUES (?, ?, ?, ?)
    ON CONFLICT (group_name, topic, partition) DO UPDATE SET "offset" = excluded."offset" """

_log = logging.getLogger(__name__)


class SqliteConsumer:
    """The member of a group while it holds the lease; without it, `poll` gives nothing and waits for its turn."""

    def __init__(
        self,
        database: Database,
        signal: Signal,
        group: str,
        topics: Sequence[str],
        *,
        accept_loss: bool,
        session: float,
    ) -> None:
        self._database = database
        self._signal = signal
        self._group = group
        self._topics = json.dumps(list(topics))
        self._accept_loss = accept_loss
        self._session = session
        self._member = new_id()
        self._epoch: int | None = None
        self._renew_at = 0.0
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()

    def poll(self, timeout: float) -> Sequence[Record]:
        """The next records, as the port says; an append in this process ends the wait at once."""
        deadline = time.monotonic() + timeout
        while True:
            seen = self._signal.count
            with available():
                records = self._read() if self._hold() else []
            remaining = deadline - time.monotonic()
            if records or remaining <= 0:
                return records
            self._signal.wait(min(remaining, _RECHECK_SECONDS), seen)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Remember the next offsets, if this member still holds the lease; raises LogUnavailableError."""
        if self._epoch is None:
            return
        with available(), self._database.write() as connection:
            if not connection.exec_driver_sql(_KEEP, self._lease()).rowcount:
                self._lose()
                return
            rows = [
                (self._group, *place, offset) for place, offset in offsets.items() if place in self._positions
            ]
            if rows:
                connection.exec_driver_sql(_COMMIT, rows)
        self._renew_at = time.monotonic() + self._session / 3

    def rewind(self, place: TopicPartition, offset: int) -> None:
        if place in self._positions:
            self._positions[place] = offset

    def pause(self, place: TopicPartition) -> None:
        if place in self._positions:
            self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        self._paused.discard(place)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._positions)

    def close(self) -> None:
        """Give the lease back and wake whoever waits for it."""
        if self._epoch is None:
            return
        with suppress(LogUnavailableError), available(), self._database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE members SET expires_at = 0 WHERE group_name = ? AND member = ?",
                (self._group, self._member),
            )
        self._lose()
        self._signal.set()

    def _hold(self) -> bool:
        """Whether this member holds the lease; renews it in time, takes it when it is free."""
        now = time.monotonic()
        if self._epoch is not None and now < self._renew_at:
            return True
        if self._epoch is None and self._taken(now):
            return False
        with self._database.write() as connection:
            now = time.monotonic()  # the wait for the write lock is not part of the lease
            epoch = connection.exec_driver_sql(_TAKE, self._lease(now)).scalar()
            if epoch is not None and epoch != self._epoch:
                self._positions = self._adopt(connection)
        self._epoch = epoch
        if epoch is None:
            self._lose()
        self._renew_at = now + self._session / 3
        return epoch is not None

    def _taken(self, now: float) -> bool:
        with self._database.read() as connection:
            return (
                connection.exec_driver_sql(
                    "SELECT 1 FROM members WHERE group_name = ? AND expires_at BETWEEN ? AND ?",
                    (self._group, now, now + self._session),
                ).first()
                is not None
            )

    def _lease(self, now: float | None = None) -> dict[str, Any]:
        return {
            "group": self._group,
            "member": self._member,
            "epoch": self._epoch,
            "now": time.monotonic() if now is None else now,
            "session": self._session,
        }

    def _lose(self) -> None:
        self._epoch = None
        self._positions = {}
        self._paused = set()

    def _adopt(self, connection: Connection) -> dict[TopicPartition, int]:
        """The group's offsets. A start at the beginning is written down at once, so that a later gap is noticed."""
        connection.exec_driver_sql(_ADOPT, (self._group, self._topics))
        rows = connection.exec_driver_sql(
            'SELECT topic, partition, "offset" FROM offsets'
            " WHERE group_name = ? AND topic IN (SELECT value FROM json_each(?))",
            (self._group, self._topics),
        )
        return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}

    def _read(self) -> list[Record]:
        with self._database.read() as connection:
            mine = connection.exec_driver_sql(
                "SELECT 1 FROM members WHERE group_name = ? AND member = ? AND epoch = ?",
                (self._group, self._member, self._epoch),
            ).first()
            if not mine:
                self._lose()
                return []
            held = connection.exec_driver_sql(
                "SELECT topic, partition, beginning, following FROM partitions"
                " WHERE topic IN (SELECT value FROM json_each(?))",
                (self._topics,),
            ).all()
            share = max(1, _POLL_RECORDS // max(1, len(held)))
            records: list[Record] = []
            for topic, partition, beginning, following in held:
                place = TopicPartition(topic, partition)
                if place in self._positions:
                    self._check(place, beginning, following)
                    records += self._next(connection, place, following, share)
        if len(held) > len(self._positions):
            with self._database.write() as connection:
                self._positions = {**self._adopt(connection), **self._positions}
        for record in records:
            self._positions[record.place] = record.offset + 1
        return records

    def _check(self, place: TopicPartition, beginning: int, following: int) -> None:
        position = self._positions[place]
        if beginning <= position <= following:
            return
        if not self._accept_loss:
            raise OffsetLostError(
                f"group {self._group} is at offset {position} of {place.topic}/{place.partition}, but the log "
                f"holds {beginning} to {following}; EVENT_LOG_ACCEPT_LOSS=true reads on from {beginning}"
            )
        seen = {"group": self._group, **place._asdict(), "position": position, "beginning": beginning}
        _log.warning("loss of events accepted", extra=seen)
        self._positions[place] = beginning

    def _next(
        self, connection: Connection, place: TopicPartition, following: int, limit: int
    ) -> list[Record]:
        position = self._positions[place]
        if place in self._paused or position >= following:
            return []
        rows = connection.exec_driver_sql(
            'SELECT "offset", key, headers, value FROM records'
            ' WHERE topic = ? AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?',
            (*place, position, limit),
        )
        return [Record(*place, offset, key, unpack(headers), value) for offset, key, headers, value in rows]
