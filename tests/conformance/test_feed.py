"""The partners' feed on both databases: everything of mine, nothing of others, without gaps, however I page."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.messaging.feed import read_feed
from shared.messaging.lease import Leases
from shared.messaging.relay import Relay
from tests.support.messaging import SERVICE, Tape

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
RUNBOOK = re.compile(r"```sql\n(.*?)```", re.DOTALL)
MINE, OTHER = "helsinki.fi", "kuleuven.be"


@pytest.fixture
def publish(service):
    """Runs the relay until the outbox is empty."""
    relay = Relay(SERVICE, service.database, Tape(), service.clock, "https://passerelle.example")
    lease = Leases(service.database, "w", service.clock).acquire("relay")

    def run() -> None:
        while relay.round(lease):
            pass

    return run


def page_through(service, institution, limit, after=0):
    """All events after a cursor, page by page, as (key, number), and the last cursor."""
    found = []
    more = True
    while more:
        with service.database.read() as connection:
            page = read_feed(connection, institution, after, limit)
        assert len(page.events) <= limit
        found += [(event.partitionkey, event.data["number"]) for event in page.events]
        after, more = page.position, page.more
    return found, after


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_have_neither_gaps_nor_doubles(service, publish, limit):
    for key in "abcde":
        service.advance(key, count=3, audience=(MINE,))
    publish()
    found, position = page_through(service, MINE, limit)
    assert sorted(found) == [(key, number) for key in "abcde" for number in (1, 2, 3)]
    assert position == 15
    assert page_through(service, MINE, limit, position) == ([], position)


def test_an_institution_sees_its_own_events_only(service, publish):
    service.advance("mine", audience=(MINE,))
    service.advance("nobodys")
    service.advance("others", audience=(OTHER,))
    service.advance("both", audience=(MINE, OTHER))
    publish()
    assert page_through(service, MINE, 1)[0] == [("mine", 1), ("both", 1)]
    assert page_through(service, OTHER, 10)[0] == [("others", 1), ("both", 1)]
    assert page_through(service, "uu.nl", 10) == ([], 0)
    assert len(page_through(service, None, 2)[0]) == 4


def test_a_cursor_never_misses_what_is_published_later(service, publish):
    cursor, seen = 0, []
    for round_number in range(1, 8):
        service.advance("a", audience=(MINE,))
        service.advance("b", audience=(OTHER,))
        publish()
        fresh, cursor = page_through(service, MINE, 2, cursor)
        seen += fresh
        assert seen == [("a", number) for number in range(1, round_number + 1)]


def test_what_is_not_published_is_not_in_the_feed(service, publish):
    service.advance("a", audience=(MINE,))
    assert page_through(service, MINE, 10) == ([], 0)
    publish()
    assert page_through(service, MINE, 10) == ([("a", 1)], 1)


def test_each_key_keeps_its_order_in_the_feed(service, publish):
    for _ in range(3):
        for key in "xyz":
            service.advance(key, count=2, audience=(MINE,))
    publish()
    found, _ = page_through(service, MINE, 4)
    for key in "xyz":
        assert [number for of, number in found if of == key] == [1, 2, 3, 4, 5, 6]


def test_what_is_published_again_by_the_runbook_comes_again_and_once(service, publish):
    """The statements of docs/operations.md by which a log that has lost records is filled again."""
    for key in "ab":
        service.advance(key, count=2, audience=(MINE,))
    publish()
    found, position = page_through(service, MINE, 10)
    (block,) = RUNBOOK.findall(OPERATIONS.read_text(encoding="utf-8"))
    with service.database.write() as connection:
        for statement in block.split(";")[:-1]:
            early = re.sub(r"'.*?'", "'1970-01-01 00:00+00'", statement)
            connection.execute(sa.text(early.replace(":", "\\:")))
    assert page_through(service, MINE, 10) == ([], 0)
    publish()
    assert page_through(service, MINE, 10, position) == (found, 8)
    assert page_through(service, MINE, 1) == (found, 8)
