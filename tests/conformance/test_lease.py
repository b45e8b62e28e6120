"""Leases on both databases: one holder at a time, and a late one can do no harm."""

import threading

import pytest

from shared.messaging.lease import TTL, LeaseLostError, Leases, fence
from shared.messaging.status import read_status
from tests.support.messaging import SECOND


@pytest.fixture
def ours(service) -> Leases:
    return Leases(service.database, "ours", service.clock)


@pytest.fixture
def theirs(service) -> Leases:
    return Leases(service.database, "theirs", service.clock)


def test_while_one_holds_it_nobody_else_gets_it(service, ours, theirs):
    assert ours.acquire("relay") is not None
    service.clock.advance(TTL - SECOND)
    assert theirs.acquire("relay") is None
    assert theirs.acquire("jobs") is not None


def test_renewing_keeps_the_epoch(service, ours, theirs):
    first = ours.acquire("relay")
    for _ in range(5):
        service.clock.advance(TTL - SECOND)
        assert ours.acquire("relay") == first
        assert theirs.acquire("relay") is None


def test_an_expired_lease_changes_hands_with_a_new_epoch(service, ours, theirs):
    first = ours.acquire("relay")
    service.clock.advance(TTL + SECOND)
    second = theirs.acquire("relay")
    assert first is not None
    assert second is not None
    assert second.epoch == first.epoch + 1
    assert ours.acquire("relay") is None


def test_a_late_holder_is_fenced(service, ours, theirs):
    late = ours.acquire("relay")
    service.clock.advance(TTL + SECOND)
    holder = theirs.acquire("relay")
    with pytest.raises(LeaseLostError), service.database.write() as connection:
        fence(connection, late, advance=5)
    with service.database.write() as connection:
        assert fence(connection, holder, advance=5) == 0
        assert fence(connection, holder) == 5


def test_an_expired_lease_that_nobody_took_still_holds(service, ours):
    lease = ours.acquire("relay")
    service.clock.advance(10 * TTL)
    with service.database.write() as connection:
        assert fence(connection, lease) == 0


def test_a_lease_given_back_is_free_at_once(ours, theirs):
    first = ours.acquire("relay")
    ours.release("relay")
    second = theirs.acquire("relay")
    assert first is not None
    assert second is not None
    assert second.epoch > first.epoch
    ours.release("relay")
    assert ours.acquire("relay") is None


def test_of_many_that_ask_at_once_one_gets_it(service):
    """Eight workers start together, ten times over, on a lease that no row exists for yet."""
    for attempt in range(10):
        barrier = threading.Barrier(8)
        held = []

        def ask(owner: str, name: str = f"lease-{attempt}", barrier=barrier, held=held) -> None:
            leases = Leases(service.database, owner, service.clock)
            barrier.wait()
            if leases.acquire(name):
                held.append(owner)

        threads = [threading.Thread(target=ask, args=(f"worker-{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(held) == 1


def test_operators_are_told_who_holds_a_lease_and_not_who_held_it(service, ours, theirs):
    """A process that is no more is none that relays."""

    def told() -> list[str]:
        with service.database.read() as connection:
            status = read_status(connection, service.clock.now(), lag=None)
        return [f"{lease['name']} {lease['owner']}" for lease in status.leases]

    ours.acquire("relay")
    theirs.acquire("jobs")
    assert told() == ["relay ours", "jobs theirs"]
    theirs.release("jobs")
    assert told() == ["relay ours"]
    service.clock.advance(TTL + SECOND)
    assert told() == []
