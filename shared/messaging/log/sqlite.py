"""An event log in one SQLite file: the embedded profile's broker, with one member per group at a time.

An append is one transaction in WAL mode with `synchronous=FULL`: acknowledged means on the disk.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.engine import Connection

from shared.db import Database
from shared.messaging.log.base import LogUnavailableError, Message, TopicPartition, check_size
from shared.messaging.log.sqlite_consumer import SqliteConsumer
from shared.messaging.log.sqlite_file import SCHEMA, available, pack
from shared.messaging.signals import Signal, signal_for

SCHEME: Final = "sqlite-log"
_SESSION_SECONDS: Final = 2.0

_BACKLOG: Final = """SELECT coalesce(sum(p.following - max(p.beginning, min(
        coalesce(o."offset", p.beginning), p.following))), 0)
    FROM partitions p LEFT JOIN offsets o
        ON o.group_name = ? AND o.topic = p.topic AND o.partition = p.partition
    WHERE p.topic IN (SELECT value FROM json_each(?))"""


class SqliteEventLog:
    """The log in the file of `url` (`sqlite-log:///file`); safe for many threads and for several processes."""

    def __init__(self, url: str, *, accept_loss: bool = False, session: float = _SESSION_SECONDS) -> None:
        self._database = Database(f"sqlite{url.removeprefix(SCHEME)}")
        self._signal = signal_for(url)
        self._accept_loss = accept_loss
        self._session = session
        with available(), self._database.write() as connection:
            for statement in SCHEMA:
                connection.exec_driver_sql(statement)

    def create_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create what is missing; existing topics stay as they are."""
        with available(), self._database.write() as connection:
            for topic in topics:
                known = connection.exec_driver_sql(
                    "SELECT 1 FROM partitions WHERE topic = ?", (topic,)
                ).first()
                if not known:
                    rows = [(topic, partition) for partition in range(partitions)]
                    connection.exec_driver_sql("INSERT INTO partitions VALUES (?, ?, 0, 0)", rows)

    def producer(self) -> "SqliteProducer":
        return SqliteProducer(self._database, self._signal)

    def consumer(self, group: str, topics: Sequence[str]) -> SqliteConsumer:
        return SqliteConsumer(
            self._database, self._signal, group, topics, accept_loss=self._accept_loss, session=self._session
        )

    def backlog(self, group: str, topics: Sequence[str]) -> int:
        """How many records the group has not read yet; raises LogUnavailableError."""
        with available(), self._database.read() as connection:
            return int(connection.exec_driver_sql(_BACKLOG, (group, json.dumps(list(topics)))).scalar_one())

    def delete_before(self, place: TopicPartition, offset: int) -> None:
        """Forget the records of `place` below `offset`, as a broker's retention would."""
        with available(), self._database.write() as connection:
            connection.exec_driver_sql(
                'DELETE FROM records WHERE topic = ? AND partition = ? AND "offset" < ?', (*place, offset)
            )
            connection.exec_driver_sql(
                "UPDATE partitions SET beginning = max(beginning, min(?, following)) WHERE topic = ? AND partition = ?",
                (offset, *place),
            )

    def close(self) -> None:
        self._database.dispose()


class SqliteProducer:
    def __init__(self, database: Database, signal: Signal) -> None:
        self._database = database
        self._signal = signal

    def append(self, messages: Sequence[Message]) -> None:
        """Append all `messages` or none, in one transaction; raises as the port says."""
        for message in messages:
            check_size(message)
        if not messages:
            return
        with available(), self._database.write() as connection:
            following = _following(connection, sorted({message.topic for message in messages}))
            rows = [_row(message, following) for message in messages]
            connection.exec_driver_sql(
                'INSERT INTO records (topic, partition, "offset", key, headers, value) VALUES (?, ?, ?, ?, ?, ?)',
                rows,
            )
            connection.exec_driver_sql(
                "UPDATE partitions SET following = ? WHERE topic = ? AND partition = ?",
                [
                    (offset, topic, part)
                    for topic, ends in following.items()
                    for part, offset in enumerate(ends)
                ],
            )
        self._signal.set()

    def close(self) -> None:
        """Nothing to give back: each append borrows its connection."""


def _following(connection: Connection, topics: list[str]) -> dict[str, list[int]]:
    """The next offset of each partition, by topic."""
    found: dict[str, list[int]] = {topic: [] for topic in topics}
    for topic, following in connection.exec_driver_sql(
        "SELECT topic, following FROM partitions WHERE topic IN (SELECT value FROM json_each(?)) ORDER BY 1, partition",
        (json.dumps(topics),),
    ):
        found[topic].append(following)
    missing = [topic for topic, ends in found.items() if not ends]
    if missing:
        raise LogUnavailableError(f"the log has no topic {', '.join(missing)}; a deploy step creates topics")
    return found


def _row(message: Message, following: dict[str, list[int]]) -> tuple[Any, ...]:
    ends = following[message.topic]
    partition = zlib.crc32(message.key.encode()) % len(ends)
    offset = ends[partition]
    ends[partition] += 1
    return message.topic, partition, offset, message.key, pack(message.headers), message.value
