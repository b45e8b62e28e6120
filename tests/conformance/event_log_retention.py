"""What every event log says of records that it no longer holds."""

import time
import uuid
from contextlib import suppress

import pytest

from shared.messaging.log.base import (
    Consumer,
    LogUnavailableError,
    OffsetLostError,
    Record,
)
from tests.conformance.event_log_fixtures import PATIENCE, LogFixtures, ends, join, read


class RetentionSuite(LogFixtures):
    """A gap is refused until its loss is accepted."""

    def left_of_five(self, append, member, log, url, *, read_on: int) -> list[Record]:
        """Five records of which the log has lost three, and a group that goes on after `read_on` of them."""
        append("abcde")
        first = member()
        seen = read(first, 5)
        first.commit(ends(seen[:read_on]))
        first.close()
        self.forget(log, url, seen[0].place, seen[3].offset)
        return seen

    def test_a_retention_gap_is_refused_every_time(self, append, member, log, url, open_log):
        self.left_of_five(append, member, log, url, read_on=2)
        again = member(open_log())
        for _ in range(2):
            with pytest.raises(OffsetLostError, match="EVENT_LOG_ACCEPT_LOSS"):
                _poll_until_refused(again)

    def test_accepting_the_loss_reads_on_from_what_is_left(self, append, member, log, url, open_log):
        seen = self.left_of_five(append, member, log, url, read_on=2)
        again = member(open_log(EVENT_LOG_ACCEPT_LOSS="true"))
        assert read(again, 2) == seen[3:]
        again.commit(ends(seen))

    def test_retention_of_what_was_read_is_no_gap(self, append, member, log, url):
        seen = self.left_of_five(append, member, log, url, read_on=3)
        assert read(member(), 2) == seen[3:]

    def test_an_emptied_log_is_refused(self, append, member, open_log):
        append("ab")
        first = member()
        seen = read(first, 2)
        first.commit({seen[0].place: seen[0].offset + 1000})
        first.close()
        refused = member(open_log())
        with pytest.raises(OffsetLostError):
            _poll_until_refused(refused)
        refused.close()
        assert read(member(open_log(EVENT_LOG_ACCEPT_LOSS="true")), 2) == seen

    def test_a_new_group_notices_a_gap_before_its_first_commit(self, append, member, log, url, topic):
        first = member()
        join(first)
        first.poll(0.5)
        first.close()
        append("abc")
        place = read(member(name=f"scout.{uuid.uuid4().hex}"), 3)[0].place
        self.forget(log, url, place, 2)
        with pytest.raises(OffsetLostError):
            _poll_until_refused(member())


def _poll_until_refused(consumer: Consumer) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(LogUnavailableError):
            assert not consumer.poll(0.5), "records were given across a gap"
