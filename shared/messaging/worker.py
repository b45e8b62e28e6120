"""The event side of one service: relay, consumer and jobs, each in a thread of its own."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.messaging.consumer import EventConsumer, Reaction
from shared.messaging.envelope import topic_of
from shared.messaging.jobs import JobHandler, JobRunner
from shared.messaging.lease import TTL, Lease, LeaseLostError, Leases
from shared.messaging.log.base import Consumer, EventLog, LogUnavailableError, OffsetLostError, Producer
from shared.messaging.relay import Relay
from shared.messaging.troubles import Troubles
from shared.messaging.unit_of_work import Transactions
from shared.rest import RestClient
from shared.settings import Settings

# How long a part waits for news that nobody in this process can wake it for. Only the relay of the distributed
# profile has such news at any time: commands are committed by another process.
_POLL: Final = {"relay": 0.05, "jobs": 0.1, "consumer": 0.25}
_POLL_EMBEDDED: Final = {**_POLL, "relay": 0.1}
_FIRST_PAUSE: Final = 0.025
_LONGEST_PAUSE: Final = 5.0
# After a round that found something the next one waits, the longer the more was found: under load it then finds many
# at once, and a single event is not kept.
_GATHER: Final = 0.005
_LONGEST_GATHER: Final = {"relay": 0.1, "consumer": 0.1, "jobs": 0.005}
_WOKEN: Final = ("relay", "jobs")
_log = logging.getLogger(__name__)


class _LeaseKeeper:
    """Keeps one lease without writing to the database in every round."""

    def __init__(self, leases: Leases, name: str, clock: Clock) -> None:
        self._leases = leases
        self._name = name
        self._clock = clock
        self._lease: Lease | None = None
        self._asked_at: datetime | None = None

    def current(self) -> Lease | None:
        now = self._clock.now()
        patience: timedelta = TTL / 3 if self._lease else TTL / 10
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < patience:
            self._asked_at = now
            self._lease = self._leases.acquire(self._name)
        return self._lease

    def lose(self) -> None:
        self._lease, self._asked_at = None, None

    def release(self) -> None:
        if self._lease is not None:
            self._leases.release(self._name)
            self.lose()


class Worker:
    """Runs a service's event side until it is stopped. `start` after any fork, `stop` at most once."""

    def __init__(
        self,
        settings: Settings,
        service: str,
        database: Database,
        event_log: EventLog,
        *,
        consumes: Sequence[str],
        reactions: Mapping[str, Reaction],
        jobs: Mapping[str, JobHandler],
        clock: Clock | None = None,
    ) -> None:
        self.service = service
        self._clock = clock or SystemClock()
        self._transactions = Transactions(service, database, self._clock)
        self._database = database
        self._log = event_log
        self._topics = [topic_of(name) for name in consumes]
        self._reactions = reactions
        self._rest = RestClient(settings)
        self._runner = JobRunner(settings, self._transactions, self._rest, jobs)
        self._public_url = settings.public_url
        self._poll = _POLL_EMBEDDED if settings.embedded else _POLL
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._troubles = Troubles(database, self._clock)
        self._lost: str | None = None
        self._consumer: Consumer | None = None
        self._producer: Producer | None = None

    def start(self) -> None:
        """Start the threads; returns at once."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        leases = Leases(self._database, owner, self._clock)
        relaying = _LeaseKeeper(leases, "relay", self._clock)
        running = _LeaseKeeper(leases, "jobs", self._clock)
        self._spawn("relay", lambda: self._relay_round(relaying), lambda: self._close_relay(relaying))
        self._spawn("jobs", lambda: self._jobs_round(running), running.release)
        if self._topics:
            self._spawn("consumer", self._consumer_loop(), self._close_consumer)

    def begin_stop(self) -> None:
        """Have the threads end with what they have in hand; returns at once."""
        self._stopping.set()
        for part in _WOKEN:
            self._transactions.signal(part).set()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish what is in hand, give back leases and membership, end the threads."""
        self.begin_stop()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._rest.close()
        self._log.close()

    def troubles(self) -> Mapping[str, str]:
        """What does not work at the moment, by part; empty when all is well."""
        return {**self._troubles.current(), **self._ended()}

    def stuck(self) -> Mapping[str, str]:
        """Those of the troubles that no waiting mends: a thread that ended, records that the log has lost."""
        return {**({"consumer": self._lost} if self._lost else {}), **self._ended()}

    def _ended(self) -> dict[str, str]:
        if self._stopping.is_set():
            return {}
        return {t.name.rpartition(".")[2]: "ended" for t in self._threads if not t.is_alive()}

    def _spawn(self, part: str, step: Callable[[], int], close: Callable[[], None]) -> None:
        thread = threading.Thread(
            target=self._loop, args=(part, step, close), name=f"{self.service}.{part}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _loop(self, part: str, step: Callable[[], int], close: Callable[[], None]) -> None:
        """Call `step` until stopped. It says how much it found; after an error it is called again later."""
        signal = self._transactions.signal(part)
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            seen = signal.count
            try:
                found = step()
                self._troubles.clear(part)
                pause = _FIRST_PAUSE
            except Exception as error:
                expected = isinstance(error, LogUnavailableError | LeaseLostError)
                text = f"{type(error).__name__}: {error}"
                self._troubles.note(part, text, error)
                _log.warning(
                    "worker part in trouble",
                    extra={"service": self.service, "part": part, "error": text},
                    exc_info=not expected,
                )
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            if found:
                self._stopping.wait(min(found * _GATHER, _LONGEST_GATHER[part]))
            elif part in _WOKEN:
                signal.wait(self._poll[part], seen)
        try:
            close()
        except Exception:
            _log.warning(
                "worker part did not close", extra={"service": self.service, "part": part}, exc_info=True
            )

    def _relay_round(self, keeper: _LeaseKeeper) -> int:
        lease = keeper.current()
        if lease is None:
            return 0
        producer = self._producer = self._producer or self._log.producer()
        try:
            relay = Relay(self.service, self._database, producer, self._clock, self._public_url)
            moved = relay.round(lease)
            while relay.behind and not self._stopping.is_set() and keeper.current() == lease:
                moved += relay.round(lease)
        except LeaseLostError:
            keeper.lose()
            raise
        except LogUnavailableError:
            self._producer = None
            producer.close()
            raise
        return moved

    def _close_relay(self, keeper: _LeaseKeeper) -> None:
        if self._producer is not None:
            self._producer.close()
        keeper.release()

    def _jobs_round(self, keeper: _LeaseKeeper) -> int:
        def go_on() -> bool:
            return not self._stopping.is_set() and keeper.current() is not None

        return self._runner.round(go_on) if go_on() else 0

    def _consumer_loop(self) -> Callable[[], int]:
        events: EventConsumer | None = None

        def step() -> int:
            nonlocal events
            if events is None:
                self._consumer = self._log.consumer(f"passerelle.{self.service}", self._topics)
                events = EventConsumer(self._transactions, self._consumer, self._reactions)
            try:
                drained = events.drain()
                handled = events.round(self._poll["consumer"])
            except OffsetLostError as error:
                self._lost = f"OffsetLostError: {error}"
                raise
            except LogUnavailableError:
                events = None
                self._close_consumer()
                raise
            self._lost = None
            self._note_held(events)
            return handled + drained

        return step

    def _note_held(self, events: EventConsumer) -> None:
        if events.degraded:
            self._troubles.note("events", "a partition waits after an error")
        else:
            self._troubles.clear("events")

    def _close_consumer(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()
