"""Command, outbox, relay, log, inbox: as one state machine in which every step may be the last of its process.

The machine knows of each key how far its commands were committed. At every moment the effects of a key are a prefix of
1, 2, 3 ...; when everything has run down they are all of it. Nothing lost, nothing twice, nothing out of order.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.db import Database
from shared.messaging import parking
from shared.messaging.consumer import EventConsumer
from shared.messaging.lease import TTL, Lease, LeaseLostError, Leases
from shared.messaging.log.base import Consumer, LogUnavailableError, Message, Producer, Record, TopicPartition
from shared.messaging.log.sqlite import SqliteEventLog
from shared.messaging.relay import Relay
from shared.messaging.tables import outbox, parked
from tests.support.messaging import (
    SECOND,
    SERVICE,
    TOPIC,
    TYPE,
    Steady,
    empty_tables,
    note,
    noted,
    rows,
    without_fsync,
)

KEYS: Final = ("a", "b", "c")
GROUP: Final = "effects"
COMMAND_FAULTS: Final = ("before commit", "after commit")
RELAY_FAULTS: Final = (
    "crash before append",
    "log away",
    "some appended, log away",
    "some appended, crash",
    "all appended, log away",
    "all appended, crash",
    "lease lost",
    "before commit",
    "after commit",
)
CONSUMER_FAULTS: Final = (
    "crash after poll",
    "before commit",
    "after commit",
    "crash before offset",
    "offset refused",
    "crash after offset",
    "database away",
)
_ENOUGH: Final = 500


def sometimes(faults: Sequence[str]) -> st.SearchStrategy[str | None]:
    """No fault in half of the steps, so that something arrives between two faults."""
    return st.none() | st.sampled_from(faults)


class Crash(BaseException):
    """The process ends here."""


class FaultyDatabase(Database):
    """A database whose `strike` is the fault of one of the next write transactions; `countdown` says of which."""

    strike: str | None = None
    countdown = 0

    @contextmanager
    def write(self, **patience):
        fault = self._fault()
        with super().write(**patience) as connection:
            yield connection
            if fault == "before commit":
                raise Crash
        if fault == "after commit":
            raise Crash

    def _fault(self) -> str | None:
        if self.strike is None:
            return None
        self.countdown -= 1
        if self.countdown >= 0:
            return None
        fault, self.strike = self.strike, None
        return fault


class FaultyProducer:
    """A producer that fails as `fault` says. Of a round that is lost in part, `lost` is the part."""

    def __init__(self, producer: Producer, fault: str | None, lost: Callable[[int], bool]) -> None:
        self._producer, self._fault, self._lost = producer, fault, lost
        self.meanwhile: Callable[[], object] = lambda: None

    def append(self, messages: Sequence[Message]) -> None:
        fault = self._fault or ""
        if fault == "crash before append":
            raise Crash
        if fault == "log away":
            raise LogUnavailableError(fault)
        kept = [
            one for place, one in enumerate(messages) if not (fault.startswith("some") and self._lost(place))
        ]
        self._producer.append(kept)
        if fault == "lease lost":
            self.meanwhile()
        if fault.endswith("appended, log away"):
            raise LogUnavailableError(fault)
        if fault.endswith("appended, crash"):
            raise Crash

    def close(self) -> None:
        self._producer.close()


class FaultyConsumer:
    """A member of a group that fails as `fault` says."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self.fault: str | None = None

    def poll(self, timeout: float) -> Sequence[Record]:
        records = self._consumer.poll(timeout)
        if self.fault == "crash after poll" and records:
            raise Crash
        return records

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.fault == "crash before offset":
            raise Crash
        if self.fault == "offset refused":
            raise LogUnavailableError(self.fault)
        self._consumer.commit(offsets)
        if self.fault == "crash after offset":
            raise Crash

    def __getattr__(self, name: str) -> object:
        return getattr(self._consumer, name)


class Journey(RuleBasedStateMachine):
    """`database` and `folder` are set by a subclass; `wrap` is where a negative control puts its sabotage."""

    database: FaultyDatabase
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        empty_tables(self.database)
        self.log = SqliteEventLog(f"sqlite-log:///{self.folder / uuid.uuid4().hex}.sqlite", session=0.0)
        without_fsync(self.log._database)
        self.log.create_topics([TOPIC], 2)
        self.service = Steady(self.database)
        self.committed = dict.fromkeys(KEYS, 0)
        self.poisoned: set[str] = set()
        self.away = False
        self.now = 0.0
        self.workers = 0
        self.restart_relay()
        self.restart_consumer()

    def wrap(self, consumer: Consumer) -> Consumer:
        return consumer

    @initialize()
    def begin(self) -> None:
        self.command("a", 1, None)

    @rule(key=st.sampled_from(KEYS), count=st.integers(1, 3), fault=sometimes(COMMAND_FAULTS))
    def command(self, key: str, count: int, fault: str | None) -> None:
        self._arm(fault if fault in COMMAND_FAULTS else None, 0)
        with suppress(Crash):
            self.service.advance(key, count=count)
        self._arm(None, 0)
        if fault != "before commit":
            self.committed[key] += count

    @rule(fault=sometimes(RELAY_FAULTS), lost=st.sampled_from((1, 3, 5, 2)))
    def relay(self, fault: str | None, lost: int) -> None:
        producer = FaultyProducer(self.log.producer(), fault, lambda place: bool(lost >> place % 4 & 1))
        producer.meanwhile = self.restart_relay
        self._arm(fault if fault in COMMAND_FAULTS else None, 0)
        try:
            Relay(SERVICE, self.database, producer, self.service.clock, "https://passerelle.example").round(
                self.lease
            )
        except (Crash, LogUnavailableError, LeaseLostError):
            self.restart_relay()
        finally:
            self._arm(None, 0)

    @rule(
        fault=sometimes(CONSUMER_FAULTS),
        countdown=st.integers(0, 4),
        pause=st.sampled_from((0.0, 0.2, 60.0)),
    )
    def consume(self, fault: str | None, countdown: int, pause: float) -> None:
        self.now += pause
        self.member.fault = fault
        self.away = fault == "database away"
        self._arm(fault if fault in COMMAND_FAULTS else None, countdown)
        try:
            self.consumer.drain()
            self.consumer.round(0)
        except (Crash, LogUnavailableError):
            self.restart_consumer()
        finally:
            self._arm(None, 0)
            self.member.fault, self.away = None, False

    @rule(key=st.none() | st.sampled_from(KEYS))
    def poison(self, key: str | None) -> None:
        """From now on the reaction fails for `key`; without one it is mended, and somebody asks for a retry."""
        if key:
            self.poisoned.add(key)
            return
        self.poisoned.clear()
        with self.database.write() as connection:
            parking.request_retry(connection)

    def restart_relay(self) -> None:
        """Another process takes over once the lease of the last one has run out."""
        self.workers += 1
        self.service.clock.advance(TTL + SECOND)
        lease = Leases(self.database, f"worker-{self.workers}", self.service.clock).acquire("relay")
        assert lease is not None
        self.lease: Lease = lease

    def restart_consumer(self) -> None:
        self.member = FaultyConsumer(self.wrap(self.log.consumer(GROUP, [TOPIC])))
        self.consumer = EventConsumer(
            self.service.transactions, self.member, {TYPE: self._react}, monotonic=lambda: self.now
        )

    @invariant()
    def effects_are_a_prefix(self) -> None:
        for key, numbers in noted(self.database).items():
            assert numbers == list(range(1, len(numbers) + 1)), f"{key}: {numbers}"
            assert len(numbers) <= self.committed[key]

    def teardown(self) -> None:
        try:
            self.run_down()
        finally:
            self.log.close()

    def run_down(self) -> None:
        """Without faults everything arrives, and nothing is left over."""
        self.poison(None)
        for _ in range(_ENOUGH):
            if not self._unfinished():
                break
            self.relay(None, 0)
            self.consume(None, 0, 60.0)
            self.effects_are_a_prefix()
        assert not self._unfinished()
        assert noted(self.database) == {key: list(range(1, n + 1)) for key, n in self.committed.items() if n}
        positions = sorted(row["position"] for row in rows(self.database, outbox))
        assert positions == list(range(1, sum(self.committed.values()) + 1))

    def _unfinished(self) -> bool:
        waiting = any(row["published_at"] is None for row in rows(self.database, outbox))
        standing = any(row["resolved_at"] is None for row in rows(self.database, parked))
        return waiting or standing or self.log.backlog(GROUP, [TOPIC]) > 0

    def _arm(self, fault: str | None, countdown: int) -> None:
        self.database.strike, self.database.countdown = fault, countdown

    def _react(self, unit_of_work, event) -> None:
        if self.away:
            raise sa.exc.OperationalError("INSERT", {}, Exception("the connection was closed"))
        note(unit_of_work, event)
        if event.partitionkey in self.poisoned:
            raise ValueError("poison")
