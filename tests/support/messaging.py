"""A small service for tests of messaging: one kind of aggregate, one event, and what its consumer notes down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from shared.clock import FixedClock
from shared.contracts import contract
from shared.db import Database
from shared.domain import Change, DomainEvent
from shared.messaging import tables
from shared.messaging.envelope import Event, event_type, to_message, topic_of
from shared.messaging.log.base import Message, Record, TopicPartition
from shared.messaging.tables import aggregate_columns
from shared.messaging.unit_of_work import Transactions, UnitOfWork

SERVICE: Final = "enrolment"
TOPIC: Final = topic_of(SERVICE)
NAME: Final = "enrolment.activated"
TYPE: Final = event_type(SERVICE, NAME)
START: Final = datetime(2026, 3, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)

metadata: Final = sa.MetaData()

things: Final = sa.Table(
    "things", metadata, *aggregate_columns(), sa.Column("number", sa.Integer, nullable=False)
)
effects: Final = sa.Table(
    "effects",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)


def create_tables(database: Database) -> None:
    tables.metadata.create_all(database.engine)
    metadata.create_all(database.engine)


def without_fsync(database: Database) -> None:
    """Trade durability for speed, as the tests' PostgreSQL does; no test here pulls the plug."""
    if database.is_sqlite:
        sa.event.listen(
            database.writing,
            "connect",
            lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close(),
        )


def empty_tables(database: Database) -> None:
    with database.write() as connection:
        for table in (*tables.metadata.sorted_tables, *metadata.sorted_tables):
            connection.execute(table.delete())


def happened(number: int, *audience: str) -> DomainEvent:
    """The aggregate's event number `number`; its data also keeps the published contract."""
    return DomainEvent(NAME, {**contract(TYPE)["examples"][0], "number": number}, frozenset(audience))


def note(unit_of_work: UnitOfWork, event: Event) -> None:
    """The reaction: write down what came, in the order in which it came."""
    values = {"key": event.partitionkey, "number": event.data["number"]}
    unit_of_work.connection.execute(effects.insert(), values)


def advance(unit_of_work: UnitOfWork, key: str, *, count: int = 1, audience: tuple[str, ...] = ()) -> int:
    """The command: count the thing `key` on and publish each number; returns the last one."""
    row = unit_of_work.connection.execute(things.select().where(things.c.id == key)).first()
    last = row.number if row else 0
    unit_of_work.save(
        things,
        key,
        version=row.version if row else None,
        values={"number": last + count},
        events=[happened(number, *audience) for number in range(last + 1, last + count + 1)],
        changes=[Change("thing", key, "advance", str(last), str(last + count))],
    )
    return last + count


def noted(database: Database) -> dict[str, list[int]]:
    """What the consumer wrote down, by key."""
    found: dict[str, list[int]] = {}
    with database.read() as connection:
        for row in connection.execute(effects.select().order_by(effects.c.seq)):
            found.setdefault(row.key, []).append(row.number)
    return found


def rows(database: Database, table: sa.Table) -> list[Mapping[str, Any]]:
    with database.read() as connection:
        return [
            dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
        ]


def record(event_id: str, key: str | None, number: int, *, offset: int, partition: int = 0) -> Record:
    """An event of ours as a consumer gets it."""
    _, headers, value = to_message(an_event(event_id, key or "none", number), "https://passerelle.example")
    return Record(TOPIC, partition, offset, key, headers, value)


def an_event(event_id: str, key: str, number: int) -> Event:
    return Event(
        id=event_id,
        type=TYPE,
        source=f"/{SERVICE}/v1/things/{key}",
        subject=key,
        time=START,
        partitionkey=key,
        sequence=f"{number:010d}",
        correlationid="c",
        causationid=None,
        traceparent=None,
        data={**contract(TYPE)["examples"][0], "number": number},
    )


@dataclass
class Tape:
    """A log in memory that takes everything; `appended` is its content in order."""

    appended: list[Message] = field(default_factory=list)

    def append(self, messages: Any) -> None:
        self.appended.extend(messages)

    def close(self) -> None:
        """Nothing to give back."""


class Script:
    """A consumer that gives the records of a list and remembers what was committed."""

    def __init__(self, *records: Record) -> None:
        self.records = list(records)
        self.committed: dict[TopicPartition, int] = {}
        self._positions = {found.place: 0 for found in records}
        self._paused: set[TopicPartition] = set()

    def poll(self, timeout: float) -> list[Record]:
        found = [
            one
            for one in self.records
            if one.place not in self._paused and one.offset >= self._positions.setdefault(one.place, 0)
        ]
        for one in found:
            self._positions[one.place] = one.offset + 1
        return found

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.committed.update(offsets)

    def rewind(self, place: TopicPartition, offset: int) -> None:
        self._positions[place] = offset

    def pause(self, place: TopicPartition) -> None:
        self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        self._paused.discard(place)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._positions)

    def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Steady:
    """A service's transactions with a clock that stands still until it is moved."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))

    @property
    def transactions(self) -> Transactions:
        return Transactions(SERVICE, self.database, self.clock)

    def advance(self, key: str, *, count: int = 1, audience: tuple[str, ...] = ()) -> int:
        return self.transactions.run(lambda uow: advance(uow, key, count=count, audience=audience))
