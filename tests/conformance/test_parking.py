"""R9 on both databases: a poison event blocks its key and no other, visibly, until somebody has decided."""

import pytest
from sqlalchemy.exc import OperationalError

from shared.db import Database
from shared.domain import NotFoundError
from shared.messaging import parking
from shared.messaging.consumer import TRIES, EventConsumer
from shared.messaging.log.base import Record, TopicPartition
from shared.messaging.status import read_status
from shared.messaging.tables import blocked_keys, inbox, parked
from shared.messaging.unit_of_work import StaleAggregateError
from tests.support.messaging import TOPIC, TYPE, Script, Steady, note, noted, record, rows

PLACE = TopicPartition(TOPIC, 0)


class Poison:
    """A reaction that fails for the numbers it is told, and counts how often it was tried."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = set(numbers)
        self.tries = 0

    def __call__(self, unit_of_work, event) -> None:
        if event.data["number"] in self.numbers:
            self.tries += 1
            raise ValueError(f"number {event.data['number']} is poison")
        note(unit_of_work, event)


class Desk:
    """A consumer over a script, run until nothing is left to try; and what an operator does."""

    def __init__(self, service: Steady, poison: Poison, *records: Record) -> None:
        self.service, self.poison, self.script, self.now = service, poison, Script(*records), 0.0
        self.consumer = EventConsumer(
            service.transactions, self.script, {TYPE: poison}, monotonic=lambda: self.now
        )

    def run(self) -> None:
        for _ in range(2 * TRIES):
            self.consumer.drain()
            self.consumer.round(0)
            self.now += 60

    def more(self, *records: Record) -> None:
        self.script.records.extend(records)
        self.run()

    def waiting(self) -> list[tuple[str, int]]:
        with self.service.database.read() as connection:
            return [(one.key, one.offset) for one in parking.waiting(connection)]

    def retry(self, offset: int | None = None) -> int:
        chosen = None if offset is None else self._id(offset)
        with self.service.database.write() as connection:
            return parking.request_retry(connection, chosen)

    def discard(self, offset: int, reason: str = "sent by mistake") -> None:
        with self.service.database.write() as connection:
            parking.discard(connection, self._id(offset), reason, self.service.clock.now())

    def _id(self, offset: int) -> int:
        return next(row["id"] for row in rows(self.service.database, parked) if row["offset"] == offset)


@pytest.fixture
def desk(service: Steady) -> Desk:
    """`a` has poison as its second of four events; `b` has none."""
    made = Desk(
        service,
        Poison(2),
        record("e1", "a", 1, offset=0),
        record("e2", "a", 2, offset=1),
        record("b1", "b", 1, offset=2),
        record("e3", "a", 3, offset=3),
        record("b2", "b", 4, offset=4),
        record("e4", "a", 4, offset=5),
    )
    made.run()
    return made


def test_its_key_is_blocked_after_the_tries_and_the_others_flow(desk):
    assert desk.poison.tries == TRIES
    assert noted(desk.service.database) == {"a": [1], "b": [1, 4]}
    assert desk.waiting() == [("a", 1), ("a", 3), ("a", 5)]
    assert desk.script.committed == {PLACE: 6}


def test_it_shows_in_the_status(desk):
    with desk.service.database.read() as connection:
        status = read_status(connection, desk.service.clock.now(), lag=None)
    assert (status.parked, status.blocked_keys) == (3, 1)
    with desk.service.database.read() as connection:
        first, *behind = parking.waiting(connection)
    assert (first.reason, first.type, first.event_id) == ("ValueError: number 2 is poison", TYPE, "e2")
    assert all("behind" in one.reason for one in behind)
    assert first.correlation_id == "c", "by which the logs of all services know it"


def test_nothing_happens_before_somebody_asks(desk):
    desk.poison.numbers.clear()
    desk.run()
    assert noted(desk.service.database)["a"] == [1]


def test_a_retry_drains_the_key_in_its_order_and_lifts_the_block(desk):
    desk.poison.numbers.clear()
    assert desk.retry() == 1
    desk.run()
    assert noted(desk.service.database) == {"a": [1, 2, 3, 4], "b": [1, 4]}
    assert desk.waiting() == []
    assert rows(desk.service.database, blocked_keys) == []
    assert {row["resolution"] for row in rows(desk.service.database, parked)} == {"handled"}
    desk.more(record("e5", "a", 5, offset=6))
    assert noted(desk.service.database)["a"] == [1, 2, 3, 4, 5]


def test_a_retry_of_one_event_drains_its_whole_key_in_order(desk):
    desk.poison.numbers.clear()
    assert desk.retry(offset=5) == 1
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 2, 3, 4]


def test_a_retry_that_fails_again_waits_for_a_person_again(desk):
    desk.poison.numbers = {3}
    desk.retry()
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 2]
    assert desk.waiting() == [("a", 3), ("a", 5)]
    assert [row["retry_requested"] for row in rows(desk.service.database, blocked_keys)] == [False]
    desk.more(record("e5", "a", 5, offset=6))
    assert desk.waiting() == [("a", 3), ("a", 5), ("a", 6)]
    desk.poison.numbers.clear()
    desk.retry()
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", ["half a pair: \ud800", "\0"])
def test_a_retry_that_fails_with_any_text_stops_nothing_else(desk, text):
    def fail(_unit_of_work, _event):
        raise ValueError(text)

    desk.consumer._reactions = {TYPE: fail}
    desk.retry()
    desk.consumer.drain()
    assert desk.waiting() == [("a", 1), ("a", 3), ("a", 5)]
    assert [row["retry_requested"] for row in rows(desk.service.database, blocked_keys)] == [False]


def test_a_retry_overtaken_by_another_writer_is_tried_again(desk):
    def stale(_unit_of_work, _event):
        raise StaleAggregateError("somebody was faster")

    desk.poison.numbers.clear()
    desk.consumer._reactions = {TYPE: stale}
    desk.retry()
    desk.consumer.drain()
    desk.consumer._reactions = {TYPE: desk.poison}
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 2, 3, 4]


def test_while_the_database_is_away_there_is_nothing_to_drain_and_polling_goes_on(desk, monkeypatch):
    def away():
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    desk.poison.numbers.clear()
    desk.retry()
    with monkeypatch.context() as outage:
        outage.setattr(Database, "read", lambda _: away())
        outage.setattr(Database, "write", lambda _: away())
        desk.script.records.append(record("b3", "b", 5, offset=6))
        assert (desk.consumer.drain(), desk.consumer.round(0)) == (0, 0)
        assert desk.consumer.degraded
    desk.now += 60
    desk.run()
    assert noted(desk.service.database) == {"a": [1, 2, 3, 4], "b": [1, 4, 5]}


def test_retrying_one_key_leaves_the_others_blocked(desk):
    desk.poison.numbers = {2, 9}
    desk.more(record("b3", "b", 9, offset=6))
    desk.poison.numbers.clear()
    assert desk.retry(offset=6) == 1
    desk.run()
    assert noted(desk.service.database) == {"a": [1], "b": [1, 4, 9]}
    assert desk.waiting() == [("a", 1), ("a", 3), ("a", 5)]


def test_discarding_needs_a_reason_and_lets_the_rest_follow(desk):
    with pytest.raises(ValueError, match="reason"):
        desk.discard(1, "  ")
    desk.discard(1, "the partner sent it twice")
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 3, 4]
    resolved = {row["offset"]: row["resolution"] for row in rows(desk.service.database, parked)}
    assert resolved == {1: "discarded: the partner sent it twice", 3: "handled", 5: "handled"}
    with pytest.raises(NotFoundError):
        desk.discard(1)


def test_a_discarded_event_that_comes_again_stays_discarded(desk):
    desk.discard(1)
    desk.run()
    desk.poison.numbers.clear()
    desk.script.rewind(PLACE, 0)
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 3, 4]


def test_parked_events_that_come_again_are_parked_once(desk):
    desk.script.rewind(PLACE, 0)
    desk.run()
    assert desk.waiting() == [("a", 1), ("a", 3), ("a", 5)]
    desk.poison.numbers.clear()
    desk.retry()
    desk.run()
    assert noted(desk.service.database)["a"] == [1, 2, 3, 4]


def test_a_crash_between_parking_and_the_offset_parks_nothing_twice(service, monkeypatch):
    """The offset is committed only when its event is done or parked; lost in between, it comes again."""
    desk = Desk(service, Poison(2), record("e2", "a", 2, offset=0), record("e3", "a", 3, offset=1))
    monkeypatch.setattr(desk.script, "commit", lambda _: None)
    desk.run()
    desk.script.rewind(PLACE, 0)
    desk.run()
    assert desk.waiting() == [("a", 0), ("a", 1)]


def test_when_parking_fails_the_offset_stays(service, monkeypatch):
    desk = Desk(
        service, Poison(2), record("e2", "a", 2, offset=0), record("b1", "b", 1, offset=0, partition=1)
    )

    def refuse(*_args, **_known):
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(parking, "park", refuse)
    desk.run()
    assert desk.script.committed == {TopicPartition(TOPIC, 1): 1}
    monkeypatch.undo()
    desk.run()
    assert desk.waiting() == [("a", 0)]
    assert desk.script.committed[PLACE] == 1


@pytest.mark.parametrize(
    "unreadable",
    [
        Record(TOPIC, 0, 0, "a", (), b""),
        Record(TOPIC, 0, 0, "a", (("ce_specversion", b"1.0"),), b"{}"),
        Record(TOPIC, 0, 0, "a", record("e", "a", 1, offset=0).headers, b"\xff\xfe{"),
        Record(TOPIC, 0, 0, "a\0b", (("na\0me", b"\0"),), b"\0"),
        Record(TOPIC, 0, 0, "x" * 5000, (), b"[" * 5000),
        Record(TOPIC, 0, 0, "\\udc80", (("ce_id", b"\xff"),), b"1"),
    ],
    ids=["no headers", "half an envelope", "not JSON", "NUL", "long", "not UTF-8"],
)
def test_an_unreadable_event_is_parked_at_once_known_by_its_place(service, unreadable):
    desk = Desk(service, Poison(), unreadable, record("b1", "b", 1, offset=1))
    desk.consumer.round(0)
    assert noted(service.database) == {"b": [1]}
    assert desk.script.committed == {PLACE: 2}
    (row,) = rows(service.database, parked)
    assert (row["topic"], row["partition"], row["offset"], row["event_id"]) == (TOPIC, 0, 0, None)
    assert row["reason"].startswith("unreadable")
    assert row["value"] == unreadable.value


def test_an_unreadable_event_without_a_key_blocks_only_itself(service):
    desk = Desk(service, Poison(), Record(TOPIC, 0, 0, None, (), b""), record("b1", "b", 1, offset=1))
    desk.run()
    assert noted(service.database) == {"b": [1]}
    desk.retry()
    desk.run()
    assert len(desk.waiting()) == 1
    desk.discard(0)
    desk.run()
    assert desk.waiting() == []


def test_a_discarded_unreadable_event_that_comes_again_blocks_nothing(service):
    desk = Desk(service, Poison(), Record(TOPIC, 0, 0, "a", (), b""), record("e1", "a", 1, offset=1))
    desk.run()
    assert len(desk.waiting()) == 2
    desk.discard(0)
    desk.run()
    desk.script.rewind(PLACE, 0)
    desk.more(record("e2", "a", 2, offset=2))
    assert desk.waiting() == []
    assert noted(service.database) == {"a": [1, 2]}


def test_an_event_whose_id_no_database_takes_is_parked(service):
    strange = record("nul\0id", "a", 1, offset=0)
    desk = Desk(
        service, Poison(1), strange, record("y" * 500, "c", 1, offset=1), record("b1", "b", 4, offset=2)
    )
    desk.run()
    assert noted(service.database) == {"b": [4]}
    assert desk.script.committed == {PLACE: 3}
    assert {row["key"] for row in rows(service.database, parked)} == {"a", "c"}
    assert [row["event_id"] for row in rows(service.database, inbox)] == ["b1"]
