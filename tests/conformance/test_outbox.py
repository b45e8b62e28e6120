"""Unit of work and relay on both databases: what is committed is published, in order, and nothing else."""

import pytest
import sqlalchemy as sa

from shared.contracts import ContractError
from shared.domain import DomainEvent
from shared.messaging.history import history_of
from shared.messaging.lease import LeaseLostError, Leases
from shared.messaging.log.base import LogUnavailableError
from shared.messaging.relay import ROUND, Relay
from shared.messaging.tables import feed, outbox
from shared.messaging.unit_of_work import EventTooLargeError, StaleAggregateError
from tests.support.messaging import (
    NAME,
    SECOND,
    SERVICE,
    TOPIC,
    Tape,
    advance,
    happened,
    rows,
    things,
)


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def relay(service, tape) -> Relay:
    return Relay(SERVICE, service.database, tape, service.clock, "https://passerelle.example")


@pytest.fixture
def leases(service) -> Leases:
    return Leases(service.database, "this worker", service.clock)


@pytest.fixture
def lease(leases):
    return leases.acquire("relay")


def test_a_failed_command_leaves_nothing(service):
    def fail(unit_of_work):
        advance(unit_of_work, "a")
        raise RuntimeError("after the save")

    with pytest.raises(RuntimeError):
        service.transactions.run(fail)
    assert rows(service.database, things) == rows(service.database, outbox) == []


def test_the_root_row_is_written_first_and_the_outbox_last(service):
    """The relay's order rests on it: the row lock is held before an outbox number is drawn."""
    service.advance("a")
    seen: list[str] = []

    def watch(_connection, _cursor, statement, *_):
        if statement.split()[0] in {"INSERT", "UPDATE"}:
            seen.append(" ".join(statement.split()[:3]))

    sa.event.listen(service.database.writing, "before_cursor_execute", watch)

    def command(unit_of_work):
        advance(unit_of_work, "a", count=2)
        unit_of_work.schedule("remind", "a")

    service.transactions.run(command)
    assert seen[0] == "UPDATE things SET"
    assert seen[-1] == "INSERT INTO outbox"
    assert len(seen) == 4


def test_a_stale_version_is_refused_and_decided_anew(service):
    service.advance("a")
    with pytest.raises(StaleAggregateError), service.transactions.begin() as unit_of_work:
        unit_of_work.save(things, "a", version=7, values={"number": 9}, events=[happened(9)])
    attempts = []

    def stale_twice(unit_of_work):
        attempts.append(1)
        if len(attempts) < 3:
            raise StaleAggregateError("somebody was faster")
        return advance(unit_of_work, "a")

    assert service.transactions.run(stale_twice) == 2
    with pytest.raises(StaleAggregateError):
        service.transactions.run(lambda uow: uow.save(things, "a", version=7, values={"number": 9}))
    assert len(rows(service.database, outbox)) == 2


def test_events_carry_the_counter_of_their_aggregate(service):
    service.advance("a", count=3)
    service.advance("b")
    service.advance("a")
    found = [(row["subject"], row["sequence"]) for row in rows(service.database, outbox)]
    assert found == [
        ("a", "0000000001"),
        ("a", "0000000002"),
        ("a", "0000000003"),
        ("b", "0000000001"),
        ("a", "0000000004"),
    ]


def test_history_tells_who_did_what_and_when(service):
    service.advance("a")
    with service.database.read() as connection:
        (step,) = history_of(connection, "things", "a")
    assert (step["trigger"], step["source"], step["target"]) == ("advance", "0", "1")
    assert (step["actor"], step["role"], step["at"]) == ("system", "system", service.clock.now())


def test_an_event_that_breaks_its_contract_never_enters(service):
    broken = DomainEvent(NAME, {"enrolment_id": 7})
    with pytest.raises(ContractError):
        service.transactions.run(lambda uow: uow.save(things, "a", values={"number": 1}, events=[broken]))
    assert rows(service.database, things) == []


def test_an_event_over_the_size_limit_never_enters(service):
    large = DomainEvent(NAME, {**happened(1).data, "note": "ż" * 40_000})
    with pytest.raises(EventTooLargeError):
        service.transactions.run(lambda uow: uow.save(things, "a", values={"number": 1}, events=[large]))
    assert rows(service.database, things) == []


def test_a_round_takes_one_event_of_each_key(service, relay, lease, tape):
    service.advance("a", count=2)
    service.advance("b")
    assert relay.round(lease) == 2
    assert [message.key for message in tape.appended] == ["a", "b"]
    assert relay.round(lease) == 1
    assert relay.round(lease) == 0
    assert [message.key for message in tape.appended] == ["a", "b", "a"]
    assert {message.topic for message in tape.appended} == {TOPIC}


def test_a_round_says_whether_it_left_events_behind(service, relay, lease):
    assert (relay.round(lease), relay.behind) == (0, False)
    with service.transactions.begin() as unit_of_work:
        advance(unit_of_work, "a", count=2)
        advance(unit_of_work, "b")
    assert (relay.round(lease), relay.behind) == (2, True)
    assert (relay.round(lease), relay.behind) == (1, False)


def test_a_round_is_limited(service, relay, lease, tape):
    def many(unit_of_work):
        for number in range(ROUND + 20):
            advance(unit_of_work, f"key-{number:03d}")

    service.transactions.run(many)
    assert relay.round(lease) == ROUND
    assert relay.round(lease) == 20


def test_positions_are_without_gap_and_in_the_order_of_publication(service, relay, lease, tape):
    service.advance("a", count=3, audience=("helsinki.fi",))
    service.advance("b", count=2)
    while relay.round(lease):
        pass
    published = sorted(rows(service.database, outbox), key=lambda row: row["position"])
    assert [row["position"] for row in published] == [1, 2, 3, 4, 5]
    assert [row["subject"] for row in published] == [message.key for message in tape.appended]
    assert all(row["published_at"] == service.clock.now() for row in published)
    assert rows(service.database, feed) == [{"institution": "helsinki.fi", "position": n} for n in (1, 3, 5)]


def test_what_the_log_did_not_acknowledge_is_published_again(service, lease, relay, tape, monkeypatch):
    service.advance("a", count=2)

    def unacknowledged(messages):
        tape.appended.extend(messages)
        raise LogUnavailableError("the acknowledgement was lost")

    monkeypatch.setattr(tape, "append", unacknowledged)
    with pytest.raises(LogUnavailableError):
        relay.round(lease)
    monkeypatch.undo()
    while relay.round(lease):
        pass
    assert len(tape.appended) == 3
    assert tape.appended[0] == tape.appended[1]


def test_a_relay_that_lost_its_lease_marks_nothing(service, relay, lease, tape):
    service.advance("a")
    service.clock.advance(10 * SECOND)
    successor = Leases(service.database, "another worker", service.clock).acquire("relay")
    with pytest.raises(LeaseLostError):
        relay.round(lease)
    assert [row["position"] for row in rows(service.database, outbox)] == [None]
    assert (
        Relay(SERVICE, service.database, tape, service.clock, "https://passerelle.example").round(successor)
        == 1
    )
    assert [row["position"] for row in rows(service.database, outbox)] == [1]
