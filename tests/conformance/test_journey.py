"""From the command to its effect in another service, on both databases, with a crash after every step.

Each negative control is the same property with one guard taken out: there it has to fail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.messaging import relay as relay_module
from shared.messaging.log.base import Consumer, Record
from tests.conformance.journey_machine import (
    COMMAND_FAULTS,
    CONSUMER_FAULTS,
    RELAY_FAULTS,
    FaultyDatabase,
    Journey,
)
from tests.support.messaging import create_tables, without_fsync

MakeJourney = Callable[..., Journey]

_MACHINE = settings(stateful_step_count=30, database=None, suppress_health_check=list(HealthCheck))


@contextmanager
def _journeys(url: str, folder: Path) -> Iterator[MakeJourney]:
    """Makes the machine on a database of this test, perhaps with a sabotage."""
    database = FaultyDatabase(url)
    without_fsync(database)
    create_tables(database)
    yield lambda base=Journey: type("JourneyHere", (base,), {"database": database, "folder": folder})()
    database.dispose()


@pytest.fixture
def journey(database_url: str, tmp_path: Path) -> Iterator[MakeJourney]:
    with _journeys(database_url, tmp_path) as new:
        yield new


@pytest.fixture
def sqlite_journey(tmp_path: Path) -> Iterator[MakeJourney]:
    with _journeys(f"sqlite:///{tmp_path / 'database.sqlite'}", tmp_path) as new:
        yield new


def test_nothing_is_lost_doubled_or_turned_around(journey):
    run_state_machine_as_test(journey, settings=settings(_MACHINE, max_examples=40))


@pytest.mark.parametrize("fault", COMMAND_FAULTS)
def test_each_fault_of_a_command(journey, fault):
    machine = journey()
    machine.command("a", 2, None)
    machine.command("a", 2, fault)
    machine.command("a", 1, None)
    machine.teardown()
    assert machine.committed["a"] == (3 if fault == "before commit" else 5)


@pytest.mark.parametrize("fault", RELAY_FAULTS)
@pytest.mark.parametrize("lost", [1, 2])
def test_each_fault_of_the_relay(journey, fault, lost):
    machine = journey()
    for key in ("a", "b"):
        machine.command(key, 3, None)
    for _ in range(3):
        machine.relay(fault, lost)
        machine.consume(None, 0, 60.0)
        machine.effects_are_a_prefix()
    machine.teardown()


@pytest.mark.parametrize("fault", CONSUMER_FAULTS)
@pytest.mark.parametrize("countdown", [0, 1, 2])
def test_each_fault_of_the_consumer(journey, fault, countdown):
    machine = journey()
    for key in ("a", "b"):
        machine.command(key, 2, None)
    for _ in range(3):
        machine.relay(None, 0)
        machine.consume(fault, countdown, 60.0)
        machine.effects_are_a_prefix()
    machine.teardown()


class CommitsBeforeHandling:
    """A member that commits the offsets of what it has just polled."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def poll(self, timeout: float) -> list[Record]:
        records = list(self._consumer.poll(timeout))
        self._consumer.commit({record.place: record.offset + 1 for record in records})
        return records

    def __getattr__(self, name: str) -> object:
        return getattr(self._consumer, name)


class OffsetFirst(Journey):
    def wrap(self, consumer: Consumer) -> Consumer:
        return CommitsBeforeHandling(consumer)


def crash_between_poll_and_inbox(machine: Journey) -> None:
    machine.command("a", 2, None)
    machine.relay(None, 0)
    machine.consume("before commit", 0, 0.0)
    machine.teardown()


def test_an_offset_committed_before_the_inbox_loses_events(journey):
    crash_between_poll_and_inbox(journey())
    with pytest.raises(AssertionError):
        crash_between_poll_and_inbox(journey(OffsetFirst))


def first_of_a_round_is_lost(machine: Journey) -> None:
    machine.command("a", 2, None)
    machine.relay("some appended, log away", 1)
    machine.consume(None, 0, 0.0)
    machine.teardown()


def test_two_events_of_one_key_in_a_round_turn_their_order_around(journey, monkeypatch):
    first_of_a_round_is_lost(journey())
    monkeypatch.setattr(relay_module, "first_of_each_key", lambda rows: rows)
    with pytest.raises(AssertionError):
        first_of_a_round_is_lost(journey())


@pytest.mark.parametrize("guard", ["offset after the inbox", "one event of a key in a round"])
def test_the_machine_finds_a_missing_guard_by_itself(sqlite_journey, guard, monkeypatch):
    if guard == "one event of a key in a round":
        monkeypatch.setattr(relay_module, "first_of_each_key", lambda rows: rows)
    base = OffsetFirst if guard == "offset after the inbox" else Journey
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            lambda: sqlite_journey(base),
            settings=settings(_MACHINE, max_examples=400, derandomize=True, phases=[Phase.generate]),
        )
