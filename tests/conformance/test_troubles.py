"""What does not work in a worker reaches the operator's status, and leaves it by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from shared.clock import FixedClock
from shared.db import Database
from shared.messaging import troubles as module
from shared.messaging.troubles import Troubles, told
from tests.support.messaging import create_tables

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def database(database_url):
    made = Database(database_url)
    create_tables(made)
    yield made
    made.dispose()


@pytest.fixture
def clock():
    return FixedClock(START)


def shown(database, clock):
    with database.read() as connection:
        return {each["part"]: each["text"] for each in told(connection, clock.now())}


def test_a_trouble_is_told_until_it_is_over(database, clock):
    troubles = Troubles(database, clock)
    troubles.note("relay", "LogUnavailableError: away")
    troubles.note("jobs", "ValueError: x")
    assert (
        shown(database, clock)
        == troubles.current()
        == {
            "jobs": "ValueError: x",
            "relay": "LogUnavailableError: away",
        }
    )
    troubles.note("relay", "LogUnavailableError: still away")
    assert shown(database, clock)["relay"] == "LogUnavailableError: still away"
    troubles.clear("relay")
    assert shown(database, clock) == troubles.current() == {"jobs": "ValueError: x"}


def test_the_same_trouble_is_not_written_in_every_round(database, clock, monkeypatch):
    troubles, writes = Troubles(database, clock), []
    monkeypatch.setattr(Troubles, "_write", lambda self, part, text: writes.append(text))
    for _ in range(5):
        troubles.note("relay", "away")
    monkeypatch.setattr(module, "_REPEAT_SECONDS", 0.0)
    troubles.note("relay", "away")
    assert writes == ["away", "away"]


def test_what_a_killed_process_told_is_forgotten_by_itself(database, clock):
    Troubles(database, clock).note("relay", "away")
    clock.advance(timedelta(minutes=3))
    assert shown(database, clock) == {}
    Troubles(database, clock).note("jobs", "slow")
    assert shown(database, clock) == {"jobs": "slow"}


def test_telling_never_fails_the_work(database, clock):
    with database.write() as connection:
        module.worker_troubles.drop(connection)
    troubles = Troubles(database, clock)
    troubles.note("relay", "away")
    troubles.clear("relay")
    assert troubles.current() == {}


def test_a_database_that_is_away_is_not_asked_to_keep_that(database, clock, monkeypatch):
    troubles, writes = Troubles(database, clock), []
    monkeypatch.setattr(Troubles, "_write", lambda self, part, text: writes.append(text))
    troubles.note("relay", "OperationalError", OperationalError("x", None, Exception("gone")))
    assert (writes, troubles.current()) == ([], {"relay": "OperationalError"})
