"""The event side of a service as it runs: embedded, and on PostgreSQL with an Apache Kafka that goes away."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local_servers.ladder import KafkaServer
from deploy.local_servers.process import wait_until
from shared.clock import SystemClock
from shared.db import Database
from shared.messaging.envelope import Event
from shared.messaging.jobs import JobHandler
from shared.messaging.lease import Leases
from shared.messaging.log import open_event_log
from shared.messaging.log.base import TopicPartition
from shared.messaging.log.sqlite import SqliteEventLog
from shared.messaging.status import read_status
from shared.messaging.tables import outbox
from shared.messaging.unit_of_work import StaleAggregateError, Transactions, UnitOfWork
from shared.messaging.worker import Worker, _LeaseKeeper
from shared.settings import Settings, load_settings
from tests.support.messaging import SERVICE, TOPIC, TYPE, advance, create_tables, note, noted, rows

KEYS = [f"key-{number}" for number in range(10)]
SECONDS = 120.0
"""What only a failure reaches, however busy the machine is."""


class Site:
    """One service with as many workers as are started; each command counts one of ten things on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url(SERVICE))
        create_tables(self.database)
        self.transactions = Transactions(SERVICE, self.database)
        self.reminded: list[str] = []
        self.jobs: dict[str, JobHandler] = {"remind": lambda _, job: self.reminded.append(job.key)}
        self.fails = False
        self.workers: list[Worker] = []
        log = open_event_log(settings)
        log.create_topics([TOPIC], 3)
        log.close()
        self.rounds = 0

    def start(self) -> Worker:
        worker = Worker(
            self.settings,
            SERVICE,
            Database(self.settings.database_url(SERVICE)),
            open_event_log(self.settings),
            consumes=[SERVICE],
            reactions={TYPE: self.react},
            jobs=self.jobs,
        )
        worker.start()
        self.workers.append(worker)
        return worker

    def react(self, unit_of_work: UnitOfWork, event: Event) -> None:
        if self.fails:
            raise StaleAggregateError("somebody was faster")
        note(unit_of_work, event)

    def stop(self, worker: Worker) -> None:
        self.workers.remove(worker)
        worker.stop(SECONDS)
        worker._database.dispose()

    def command_all(self, rounds: int) -> None:
        for _ in range(rounds):
            for key in KEYS:
                self.transactions.run(lambda uow, key=key: advance(uow, key))
        self.rounds += rounds

    def done(self) -> bool:
        return all(noted(self.database).get(key) == list(range(1, self.rounds + 1)) for key in KEYS)

    def remind(self, key: str) -> None:
        self.transactions.run(lambda uow: uow.schedule("remind", key))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def new(**variables: str) -> Site:
        sites.append(Site(load_settings({"PASSERELLE_HOME": str(tmp_path), **variables})))
        return sites[-1]

    yield new
    for made in sites:
        for worker in list(made.workers):
            made.stop(worker)
        made.database.dispose()


def test_embedded_events_and_jobs_flow_and_another_worker_takes_over(site):
    here = site()
    first = here.start()
    here.command_all(5)
    here.remind("one")
    wait_until(
        lambda: here.done() and here.reminded == ["one"], seconds=SECONDS, what="the first worker is done"
    )
    here.start()
    here.stop(first)
    here.command_all(5)
    here.remind("two")
    wait_until(lambda: here.done() and len(here.reminded) == 2, seconds=SECONDS, what="the second takes over")
    assert all(not worker.troubles() for worker in here.workers)


def test_a_worker_that_stops_leaves_the_jobs_that_are_due_to_the_next(site):
    here = site()
    began, may_end = threading.Event(), threading.Event()
    here.jobs["remind"] = lambda _, job: (here.reminded.append(job.key), began.set(), may_end.wait(SECONDS))
    here.transactions.run(lambda uow: [uow.schedule("remind", key) for key in KEYS])
    worker = here.start()
    assert began.wait(SECONDS)
    stopping = threading.Thread(target=here.stop, args=(worker,))
    stopping.start()
    wait_until(worker._stopping.is_set, seconds=SECONDS, what="the worker is told to stop")
    may_end.set()
    stopping.join(SECONDS)
    assert here.reminded == [KEYS[0]]


def test_one_turn_of_the_relay_publishes_all_the_events_of_a_case(site):
    """A round takes one event of each case; a case with many does not wait between them."""
    here = site()
    for _ in range(5):
        here.transactions.run(lambda uow: advance(uow, KEYS[0]))
    worker = here.start()
    here.stop(worker)
    worker._stopping.clear()
    here.transactions.run(lambda uow: advance(uow, KEYS[0], count=6))
    keeper = _LeaseKeeper(Leases(here.database, "the test", SystemClock()), "relay", SystemClock())
    assert worker._relay_round(keeper) >= 6
    assert all(row["published_at"] for row in rows(here.database, outbox))
    worker._close_relay(keeper)


@pytest.mark.parametrize(("later", "woken"), [(timedelta(0), 1), (timedelta(days=1), 0)])
def test_a_job_wakes_its_runner_only_when_it_is_due(site, later, woken):
    here = site()
    signal = here.transactions.signal("jobs")
    before = signal.count
    here.transactions.run(lambda uow: uow.schedule("remind", "one", due_at=uow.now + later))
    assert signal.count - before == woken


def test_an_event_that_waits_for_another_try_shows(site):
    here = site()
    here.fails = True
    worker = here.start()
    here.command_all(1)
    wait_until(lambda: "events" in worker.troubles(), seconds=SECONDS, what="the partition's wait shows")
    wait_until(lambda: told_troubles(here) == ["events"], seconds=SECONDS, what="the status shows it too")
    here.fails = False
    wait_until(here.done, seconds=SECONDS, what="the event is handled at last")
    wait_until(lambda: not worker.troubles(), seconds=SECONDS, what="all is well again")
    wait_until(lambda: told_troubles(here) == [], seconds=SECONDS, what="the status shows it no more")


def told_troubles(here):
    with here.database.read() as connection:
        return [each["part"] for each in read_status(connection, SystemClock().now(), lag=None).troubles]


def test_a_worker_that_lost_records_waits_for_a_person(site):
    here = site()
    first = here.start()
    here.command_all(1)
    wait_until(here.done, seconds=SECONDS, what="events flow")
    here.stop(first)
    here.command_all(1)
    log = open_event_log(here.settings)
    assert isinstance(log, SqliteEventLog)
    relay = here.start()
    wait_until(
        lambda: all(row["published_at"] for row in rows(here.database, outbox)),
        seconds=SECONDS,
        what="all is published",
    )
    here.stop(relay)
    for partition in range(3):
        with log._database.write() as connection:
            connection.exec_driver_sql('UPDATE offsets SET "offset" = 0 WHERE partition = ?', (partition,))
        log.delete_before(TopicPartition(TOPIC, partition), 1000)
    log.close()
    worker = here.start()
    wait_until(lambda: "consumer" in worker.stuck(), seconds=SECONDS, what="the loss is noticed")


def test_stopping_leaves_no_thread_and_nothing_half_done(site):
    before = set(threading.enumerate())
    here = site()
    worker = here.start()
    here.command_all(3)
    here.stop(worker)
    assert set(threading.enumerate()) <= before
    here.start()
    wait_until(here.done, seconds=SECONDS, what="the next worker finishes")


def test_distributed_commands_go_on_while_the_broker_is_away(site, own_kafka: KafkaServer, postgres_url):
    """Two workers share the partitions; the backlog of an outage drains when the broker is back, in order."""
    here = site(EVENT_LOG_URL=f"kafka://{own_kafka.bootstrap}", ENROLMENT_DATABASE_URL=postgres_url)
    first, _second = here.start(), here.start()
    here.command_all(5)
    wait_until(here.done, seconds=SECONDS, what="events flow")
    own_kafka.kill()
    here.command_all(20)
    unpublished = [row for row in rows(here.database, outbox) if row["published_at"] is None]
    assert unpublished
    wait_until(lambda: any(w.troubles() for w in here.workers), seconds=SECONDS, what="the outage shows")
    own_kafka.start()
    wait_until(here.done, seconds=SECONDS, what="the backlog is drained")
    wait_until(lambda: not any(w.troubles() for w in here.workers), seconds=SECONDS, what="all is well again")
    here.stop(first)
    here.command_all(5)
    wait_until(here.done, seconds=SECONDS, what="the remaining worker goes on")
