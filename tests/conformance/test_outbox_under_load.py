"""R7: eight writers with random delays before their commits, one relay: no event lost, no aggregate's order turned.

On PostgreSQL, where transactions of different writers overlap. The negative controls take a guard out and fail.
"""

import random
import threading

import pytest
import sqlalchemy as sa

from shared.clock import SystemClock
from shared.db import Database
from shared.messaging import unit_of_work as unit_of_work_module
from shared.messaging.envelope import from_record
from shared.messaging.feed import read_feed
from shared.messaging.lease import Lease, Leases
from shared.messaging.log.base import Record
from shared.messaging.relay import Relay
from shared.messaging.tables import outbox
from shared.messaging.unit_of_work import Transactions, UnitOfWork
from tests.support.messaging import SERVICE, TOPIC, Tape, create_tables, happened, rows, things

WRITERS = 8
ADDRESS = "https://passerelle.example"
LONGEST_DELAY = 0.004
PARTNER = "helsinki.fi"
RUNS = 20
"""Of a negative control: whether threads meet in the very moment is up to the machine."""


@pytest.fixture
def postgres(postgres_url: str):
    database = Database(postgres_url)
    create_tables(database)
    yield database
    database.dispose()


class Load:
    """Writers that count aggregates on, while a relay publishes; `published` is what arrived of each key."""

    def __init__(self, database: Database, *, commands: int, keys: int, events: int) -> None:
        self.database = database
        self.transactions = Transactions(SERVICE, database)
        self.commands, self.events = commands, events
        self.keys = [f"key-{number}" for number in range(keys)]
        self.tape = Tape()
        self.failures: list[BaseException] = []
        with self.transactions.begin() as unit_of_work:
            for key in self.keys:
                unit_of_work.save(things, key, values={"number": 0})

    def run(self, relay: type[Relay] = Relay) -> None:
        writers = [threading.Thread(target=self._write, args=(seed,)) for seed in range(WRITERS)]
        writing = threading.Event()
        writing.set()
        relaying = threading.Thread(target=self._relay, args=(relay, writing))
        for thread in (*writers, relaying):
            thread.start()
        for thread in writers:
            thread.join()
        writing.clear()
        relaying.join()
        assert not self.failures

    def in_order_of_publication(self) -> list[tuple[str, int]]:
        records = (Record(TOPIC, 0, 0, one.key, one.headers, one.value) for one in self.tape.appended)
        return [(event.partitionkey, event.data["number"]) for event in map(from_record, records)]

    def published(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {key: [] for key in self.keys}
        for key, number in self.in_order_of_publication():
            found[key].append(number)
        return found

    def check(self) -> None:
        """Every committed event arrived once, each aggregate's in the order of its states."""
        with self.database.read() as connection:
            expected = {row.id: list(range(1, row.number + 1)) for row in connection.execute(things.select())}
        assert sum(map(len, expected.values())) == WRITERS * self.commands * self.events
        assert self.published() == expected

    def _write(self, seed: int) -> None:
        chance, pause = random.Random(seed), threading.Event()
        try:
            for _ in range(self.commands):
                with self.transactions.begin() as unit_of_work:
                    self._count_on(unit_of_work, chance.choice(self.keys))
                    unit_of_work.flush()
                    pause.wait(chance.uniform(0, LONGEST_DELAY))
        except BaseException as error:  # noqa: BLE001 - told by the test's thread
            self.failures.append(error)

    def _count_on(self, unit_of_work: UnitOfWork, key: str) -> None:
        row = unit_of_work.lock(things, key)
        assert row is not None
        numbers = range(row.number + 1, row.number + self.events + 1)
        events = [happened(number, PARTNER) for number in numbers]
        unit_of_work.save(things, key, version=row.version, values={"number": numbers[-1]}, events=events)

    def _relay(self, relay: type[Relay], writing: threading.Event) -> None:
        leases, pause = Leases(self.database, "relay", SystemClock()), threading.Event()
        runner = relay(SERVICE, self.database, self.tape, SystemClock(), ADDRESS)
        try:
            lease = leases.acquire("relay")
            assert lease is not None
            while writing.is_set() or runner.round(lease):
                if not runner.round(lease):
                    pause.wait(0.01)
        except BaseException as error:  # noqa: BLE001 - told by the test's thread
            self.failures.append(error)


def new_load(postgres: Database, *, commands: int, keys: int, events: int) -> Load:
    """A load on emptied tables."""
    with postgres.write() as connection:
        connection.execute(outbox.delete())
        connection.execute(things.delete())
    return Load(postgres, commands=commands, keys=keys, events=events)


def test_r7_nothing_is_lost_and_every_aggregate_keeps_its_order(postgres):
    load = Load(postgres, commands=500, keys=200, events=5)
    load.run()
    load.check()
    positions = [row["position"] for row in rows(postgres, outbox)]
    assert sorted(positions) == list(range(1, 20_001))


def test_a_partner_that_follows_the_feed_meanwhile_misses_nothing(postgres):
    """Commits come late and out of turn, the feed's positions never do."""
    load = Load(postgres, commands=60, keys=50, events=2)
    followed: list[tuple[str, int]] = []
    ended = threading.Event()

    def follow() -> None:
        cursor, last = 0, False
        while not last:
            last = ended.is_set()
            more = True
            while more:
                with postgres.read() as connection:
                    page = read_feed(connection, PARTNER, cursor, 17)
                followed.extend((event.partitionkey, event.data["number"]) for event in page.events)
                cursor, more = page.position, page.more

    partner = threading.Thread(target=follow)
    partner.start()
    try:
        load.run()
    finally:
        ended.set()
        partner.join()
    assert followed == load.in_order_of_publication()
    assert len(followed) == WRITERS * 60 * 2


class RelayBySequence(Relay):
    """A relay that goes on after the last number it has seen, like a consumer of a queue would."""

    last = 0

    def round(self, lease: Lease) -> int:
        statement = outbox.select().where(outbox.c.seq > self.last).order_by(outbox.c.seq).limit(100)
        with self._database.read() as connection:
            pending = list(connection.execute(statement))
        if pending:
            self._producer.append([self._message(row) for row in pending])
            self._mark(lease, pending)
            self.last = pending[-1].seq
        return len(pending)


def test_a_relay_by_sequence_number_loses_events(postgres):
    for _ in range(RUNS):
        load = new_load(postgres, commands=60, keys=50, events=1)
        load.run(RelayBySequence)
        if 0 < sum(map(len, load.published().values())) < WRITERS * 60:
            break
    with pytest.raises(AssertionError):
        load.check()


def test_a_late_commit_below_a_published_number_is_not_lost(postgres):
    """The same, step by step: the event with the smaller number is committed last."""

    def run(relay: Relay, tape: Tape) -> list[str]:
        lease = Leases(postgres, "relay", SystemClock()).acquire("relay")
        transactions = Transactions(SERVICE, postgres)
        with transactions.begin() as early:
            early.save(things, f"early-{relay}", values={"number": 1}, events=[happened(1)])
            early.flush()
            with transactions.begin() as late:
                late.save(things, f"late-{relay}", values={"number": 1}, events=[happened(1)])
            relay.round(lease)
        relay.round(lease)
        return [message.key.split("-")[0] for message in tape.appended]

    tape, naive = Tape(), Tape()
    assert run(Relay(SERVICE, postgres, tape, SystemClock(), ADDRESS), tape) == ["late", "early"]
    assert run(RelayBySequence(SERVICE, postgres, naive, SystemClock(), ADDRESS), naive)[-1] != "early"


class OutboxFirst(UnitOfWork):
    """A unit of work that draws its outbox numbers before it has locked the aggregate."""

    def lock(self, table: sa.Table, row_id: str) -> sa.Row[object] | None:
        self._drawn = self.connection.execute(sa.text("SELECT nextval('outbox_seq_seq')")).scalar_one()
        return super().lock(table, row_id)

    def flush(self) -> None:
        for row in self._outbox:
            row["seq"] = self._drawn
        super().flush()


def count_on_two_keys(postgres: Database) -> Load:
    load = new_load(postgres, commands=40, keys=2, events=1)
    load.run()
    return load


def test_outbox_numbers_drawn_before_the_lock_turn_the_order_around(postgres, monkeypatch):
    count_on_two_keys(postgres).check()
    monkeypatch.setattr(unit_of_work_module, "UnitOfWork", OutboxFirst)
    for _ in range(RUNS):
        load = count_on_two_keys(postgres)
        if any(numbers != sorted(numbers) for numbers in load.published().values()):
            break
    with pytest.raises(AssertionError):
        load.check()
