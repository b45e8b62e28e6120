"""Handle every event of the topics exactly once in effect, in per-key order, and lose none to an error.

The event's inbox row, the reaction's effects, its events and its jobs are one transaction; the offset is committed
only afterwards. A redelivered event finds its inbox row and changes nothing.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from structlog.contextvars import bound_contextvars

from shared.db import is_transient
from shared.messaging import parking
from shared.messaging.envelope import Event, UnreadableEventError, from_record
from shared.messaging.log.base import Consumer, Record, TopicPartition
from shared.messaging.tables import inbox
from shared.messaging.unit_of_work import StaleAggregateError, Transactions, UnitOfWork, caused_by

Reaction = Callable[[UnitOfWork, Event], None]

TRIES: Final = 5
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """A partition that waits at one record: until when, for which record, after how many failures."""

    offset: int
    until: float
    pause: float
    failures: int


class EventConsumer:
    """Runs the reactions of one service. Used by one thread; several processes share the partitions."""

    def __init__(
        self,
        transactions: Transactions,
        consumer: Consumer,
        reactions: Mapping[str, Reaction],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transactions = transactions
        self._consumer = consumer
        self._reactions = reactions
        self._monotonic = monotonic
        self._held: dict[TopicPartition, _Held] = {}

    @property
    def degraded(self) -> bool:
        """Whether some partition waits after an error."""
        return bool(self._held)

    def round(self, timeout: float) -> int:
        """Poll once and handle what came, up to the first failure in each partition; returns how many.

        Raises:
            LogUnavailableError, OffsetLostError: from the log; what was handled is not handled again.
        """
        self._release()
        handled = 0
        done: dict[TopicPartition, int] = {}
        stuck: set[TopicPartition] = set()
        for record in self._consumer.poll(timeout):
            if record.place in stuck:
                continue
            if self._handle(record):
                done[record.place] = record.offset + 1
                handled += 1
            else:
                stuck.add(record.place)
        if done:
            self._consumer.commit(done)
        return handled

    def _release(self) -> None:
        now = self._monotonic()
        here = self._consumer.assignment()
        for place, held in list(self._held.items()):
            if place not in here:
                del self._held[place]
            elif held.until <= now:
                self._consumer.resume(place)

    def _handle(self, record: Record) -> bool:
        """Whether the record is done with: handled, seen before, of no interest, or parked."""
        event: Event | None = None
        try:
            if self._concerns(record):
                event = from_record(record)
                self._apply(record, event)
        except UnreadableEventError as error:
            return self._park(record, None, f"unreadable: {error}")
        except Exception as error:
            if _passes(error):
                return self._hold(record, event, error, count=False)
            if self._failures(record) + 1 < TRIES:
                return self._hold(record, event, error, count=True)
            return self._park(record, event, f"{type(error).__name__}: {error}")
        self._held.pop(record.place, None)
        return True

    def _concerns(self, record: Record) -> bool:
        """False for events of a type that nothing here reacts to, as most are: such a one is not even read."""
        name = dict(record.headers).get("ce_type")
        return name is None or name.decode(errors="replace") in self._reactions

    def _apply(self, record: Record, event: Event) -> None:
        with (
            bound_contextvars(correlation_id=event.correlationid, event_id=event.id),
            self._transactions.begin(cause=caused_by(event)) as unit_of_work,
        ):
            connection = unit_of_work.connection
            if parking.is_blocked(connection, record.topic, parking.blocking_key(record)):
                seen = connection.execute(inbox.select().where(inbox.c.event_id == event.id)).first()
                if seen is None:
                    parking.park(
                        connection,
                        record,
                        unit_of_work.now,
                        reason="waits behind an earlier event of its key",
                        event_id=event.id,
                        type=event.type,
                    )
                return
            handle_once(unit_of_work, event, self._reactions[event.type])

    def _failures(self, record: Record) -> int:
        held = self._held.get(record.place)
        return held.failures if held and held.offset == record.offset else 0

    def _hold(self, record: Record, event: Event | None, error: BaseException, *, count: bool) -> bool:
        """Stop this partition at `record` for a growing while; the others go on and membership is kept."""
        held = self._held.get(record.place)
        before = held if held and held.offset == record.offset else None
        pause = min(before.pause * 2, _LONGEST_PAUSE) if before else _FIRST_PAUSE
        self._held[record.place] = _Held(
            record.offset, self._monotonic() + pause, pause, self._failures(record) + int(count)
        )
        self._consumer.rewind(record.place, record.offset)
        self._consumer.pause(record.place)
        extra = {**_place(record, event), "error": type(error).__name__}
        _log.warning("event held", extra=extra, exc_info=error if count else None)
        return False

    def _park(self, record: Record, event: Event | None, reason: str) -> bool:
        known = {"event_id": event.id, "type": event.type} if event else {}
        # Neither done nor parked: the offset of such an event is never committed.
        try:
            with self._transactions.begin() as unit_of_work:
                parking.park(unit_of_work.connection, record, unit_of_work.now, reason=reason, **known)
        except Exception as error:
            return self._hold(record, event, error, count=False)
        self._held.pop(record.place, None)
        _log.error("event parked", extra=_place(record, event))
        return True

    def drain(self) -> int:
        """Handle parked events of the keys marked for a retry, each key in its order; returns how many.

        Without the database it handles none: the caller goes on to poll, which keeps the membership.
        """
        try:
            with self._transactions.database.read() as connection:
                keys = parking.keys_to_drain(connection)
        except Exception as error:
            if is_transient(error):
                return 0
            raise
        return sum(self._drain_key(topic, key) for topic, key in keys)

    def _drain_key(self, topic: str, key: str) -> int:
        handled = 0
        with contextlib.suppress(_DrainedError):
            while True:
                self._drain_one(topic, key)
                handled += 1
        return handled

    def _drain_one(self, topic: str, key: str) -> None:
        row = None
        try:
            with self._transactions.begin() as unit_of_work:
                connection = unit_of_work.connection
                parking.is_blocked(connection, topic, key)
                row = parking.next_of(connection, topic, key)
                if row is not None:
                    event = from_record(parking.record_of(row))
                    reaction = self._reactions.get(event.type)
                    unit_of_work.cause = caused_by(event)
                    if reaction is not None:
                        handle_once(unit_of_work, event, reaction)
                    parking.resolve(connection, row.id, unit_of_work.now, "handled")
        except Exception as error:
            if row is not None and not _passes(error):
                with self._transactions.begin() as unit_of_work:
                    parking.stop_retrying(
                        unit_of_work.connection, topic, key, row.id, f"{type(error).__name__}: {error}"
                    )
            raise _DrainedError from error
        if row is None:
            raise _DrainedError


def _place(record: Record, event: Event | None) -> dict[str, Any]:
    """Where a record is, and what it is, for the log."""
    ids = {"event_id": event.id, "correlation_id": event.correlationid} if event else {}
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset, **ids}


def _passes(error: Exception) -> bool:
    """Whether trying again is enough: the database was away, or another writer faster."""
    return is_transient(error) or isinstance(error, StaleAggregateError)


class _DrainedError(Exception):
    """A key has nothing more to drain for now."""


def handle_once(unit_of_work: UnitOfWork, event: Event, reaction: Reaction) -> bool:
    """Run `reaction` unless `event` was handled before; whether it ran."""
    row = {"event_id": event.id, "type": event.type, "handled_at": unit_of_work.now}
    if not parking.insert_once(unit_of_work.connection, inbox, row):
        return False
    reaction(unit_of_work, event)
    return True
