"""The consumer on both databases: each event once in effect, no offset before its effect, no key held up by another."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.messaging.consumer import TRIES, EventConsumer
from shared.messaging.log.base import LogUnavailableError, TopicPartition
from shared.messaging.tables import inbox, outbox, parked
from tests.support.messaging import TOPIC, TYPE, Script, Steady, advance, note, noted, record, rows, things

PLACE = TopicPartition(TOPIC, 0)


class Ticking:
    """Monotonic time by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


@pytest.fixture
def consume(service: Steady, ticking: Ticking):
    """Makes the consumer of a script with one reaction; `note` by default."""

    def new(script: Script, reaction=note, type_: str = TYPE) -> EventConsumer:
        return EventConsumer(service.transactions, script, {type_: reaction}, monotonic=ticking)

    return new


def test_an_event_is_handled_and_its_offset_committed(service, consume):
    script = Script(record("e1", "a", 1, offset=0), record("e2", "a", 2, offset=1))
    assert consume(script).round(0) == 2
    assert noted(service.database) == {"a": [1, 2]}
    assert script.committed == {PLACE: 2}
    assert [row["event_id"] for row in rows(service.database, inbox)] == ["e1", "e2"]


def test_an_event_that_comes_again_has_no_second_effect(service, consume):
    once = record("e1", "a", 1, offset=0)
    consume(Script(once)).round(0)
    again = Script(once, record("e1", "a", 1, offset=7))
    assert consume(again).round(0) == 2
    assert noted(service.database) == {"a": [1]}
    assert again.committed == {PLACE: 8}


def test_the_effects_of_a_reaction_are_one_transaction_with_the_inbox(service, consume):
    def react(unit_of_work, event):
        note(unit_of_work, event)
        advance(unit_of_work, "followed")
        unit_of_work.schedule("remind", "a")
        raise RuntimeError("at the end")

    script = Script(record("e1", "a", 1, offset=0))
    assert consume(script, react).round(0) == 0
    for table in (inbox, things, outbox):
        assert rows(service.database, table) == []
    assert noted(service.database) == {}
    assert script.committed == {}


def test_what_a_reaction_publishes_names_its_cause(service, consume):
    consume(Script(record("e1", "a", 1, offset=0)), lambda uow, _: advance(uow, "b") and None).round(0)
    (row,) = rows(service.database, outbox)
    assert (row["causation_id"], row["correlation_id"]) == ("e1", "c")


def test_an_event_of_no_interest_passes(service, consume):
    script = Script(record("e1", "a", 1, offset=0))
    assert consume(script, type_="eu.passerelle.enrolment.other.happened.v1").round(0) == 1
    assert script.committed == {PLACE: 1}
    assert noted(service.database) == {}


def test_an_event_of_no_interest_is_not_even_read(service, consume):
    """Whatever another service's new event holds, nobody here has to stand by it."""
    whole = record("e1", "a", 1, offset=0)
    script = Script(replace(whole, value=b"no JSON"))
    assert consume(script, type_="eu.passerelle.enrolment.other.happened.v1").round(0) == 1
    assert script.committed == {PLACE: 1}
    assert rows(service.database, parked) == []


def test_the_log_says_which_event_failed_and_where_in_the_code(consume, ticking, caplog):
    def react(_unit_of_work, _event):
        raise RuntimeError("always")

    consumer = consume(Script(record("e1", "a", 1, offset=0)), react)
    for _ in range(TRIES):
        consumer.round(0)
        ticking.now += 60
    *held, set_aside = [entry for entry in caplog.records if entry.message.startswith("event ")]
    assert [entry.message for entry in held] == ["event held"] * (TRIES - 1)
    assert all(entry.exc_info[2].tb_next is not None for entry in held)
    assert set_aside.message == "event parked"
    assert {(entry.event_id, entry.correlation_id) for entry in (*held, set_aside)} == {("e1", "c")}


def test_a_broken_connection_never_parks_and_stops_its_partition_only(service, consume, ticking):
    """However often it fails: it is the environment's fault, and the environment will heal."""
    away = True

    def react(unit_of_work, event):
        if away and event.partitionkey == "a":
            raise sa.exc.OperationalError("SELECT", {}, Exception("server closed the connection"))
        note(unit_of_work, event)

    script = Script(
        record("e1", "a", 1, offset=0),
        record("e2", "a", 2, offset=1),
        record("e3", "b", 1, offset=0, partition=1),
    )
    consumer = consume(script, react)
    for _ in range(3 * TRIES):
        consumer.round(0)
        assert consumer.degraded
        ticking.now += 60
    assert noted(service.database) == {"b": [1]}
    assert script.committed == {TopicPartition(TOPIC, 1): 1}
    assert rows(service.database, parked) == []
    away = False
    consumer.round(0)
    assert not consumer.degraded
    assert noted(service.database) == {"b": [1], "a": [1, 2]}
    assert script.committed[PLACE] == 2


def test_a_held_partition_is_not_tried_before_its_time(service, consume, ticking):
    tried = []

    def react(_unit_of_work, _event):
        tried.append(ticking.now)
        raise RuntimeError("always")

    consumer = consume(Script(record("e1", "a", 1, offset=0)), react)
    for _ in range(30):
        consumer.round(0)
        ticking.now += 0.01
    assert len(tried) == 3
    assert tried[1] - tried[0] >= 0.05
    assert tried[2] - tried[1] >= 0.1


def test_offsets_are_committed_after_the_inbox(service, consume):
    """At the moment of every offset commit each event below it has its inbox row."""

    class Watching(Script):
        def commit(self, offsets):
            handled = {row["event_id"] for row in rows(service.database, inbox)}
            for place, offset in offsets.items():
                below = {
                    f"e{one.offset}" for one in self.records if one.place == place and one.offset < offset
                }
                assert below <= handled
            super().commit(offsets)

    script = Watching(*(record(f"e{number}", "a", number, offset=number) for number in range(5)))
    consume(script).round(0)
    assert script.committed == {PLACE: 5}


def test_a_lost_offset_commit_is_made_good_by_the_inbox(service, consume, monkeypatch):
    script = Script(record("e1", "a", 1, offset=0))

    def away(_offsets):
        raise LogUnavailableError("the broker is away")

    monkeypatch.setattr(script, "commit", away)
    with pytest.raises(LogUnavailableError):
        consume(script).round(0)
    monkeypatch.undo()
    script.rewind(PLACE, 0)
    assert consume(script).round(0) == 1
    assert noted(service.database) == {"a": [1]}
    assert script.committed == {PLACE: 1}


def test_a_partition_that_was_taken_away_is_not_waited_for(service, consume, ticking):
    failing = True

    def react(unit_of_work, event):
        if failing:
            raise RuntimeError("not yet")
        note(unit_of_work, event)

    script = Script(record("e1", "a", 1, offset=0))
    consumer = consume(script, react)
    consumer.round(0)
    assert consumer.degraded
    taken, script._positions, script._paused = script._positions, {}, set()
    hidden, script.records = script.records, []
    consumer.round(0)
    assert not consumer.degraded
    failing = False
    script._positions, script.records = taken, hidden
    consumer.round(0)
    assert noted(service.database) == {"a": [1]}
