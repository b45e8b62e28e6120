"""What every event log does with the members of a group who leave, die, freeze or share."""

import signal
import time
from contextlib import suppress

import pytest

from shared.messaging.log.base import (
    LogUnavailableError,
    TopicPartition,
)
from tests.conformance.event_log_fixtures import PARTITIONS, PATIENCE, LogFixtures, ends, read


class MemberSuite(LogFixtures):
    """Somebody reads on, and what comes late has no effect."""

    @pytest.mark.usefixtures("long_sessions")
    def test_a_member_that_leaves_is_followed_at_once(self, append, member):
        """And not only at the end of its session."""
        append("ab")
        first, second = member(), member()
        seen = read(first, 2)
        first.close()
        assert read(second, 2) == seen

    def test_another_takes_over_from_a_member_that_was_killed(self, append, member, other_process):
        append("abc")
        process = other_process(3)
        process.send_signal(signal.SIGKILL)
        process.wait()
        consumer = member()
        seen = read(consumer, 3)
        assert [record.value for record in seen] == [b"a:a", b"a:b", b"a:c"]
        consumer.commit(ends(seen))

    def test_a_frozen_member_is_replaced_and_its_late_commit_has_no_effect(  # noqa: PLR0917
        self, log, topic, group, append, member, other_process
    ):
        append("abc")
        process = other_process(3)
        process.send_signal(signal.SIGSTOP)
        consumer = member()
        consumer.commit(ends(read(consumer, 3)))
        assert log.backlog(group, [topic]) == 0
        process.send_signal(signal.SIGCONT)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("commit\n")
        process.stdin.flush()
        assert process.stdout.readline() == "committed\n"
        assert log.backlog(group, [topic]) == 0

    def test_two_members_share_the_partitions(self, append, member, topic):
        first, second = member(), member()
        deadline = time.monotonic() + self.sharing_seconds
        while not _share(first.assignment(), second.assignment()):
            assert time.monotonic() < deadline, "two members have not come to share the partitions"
            for each in (first, second):
                with suppress(LogUnavailableError):
                    each.poll(0.2)
        keys = [f"key-{number}" for number in range(30)]
        append("ab", keys)
        records = [*first.poll(0), *second.poll(0)]
        while len(records) < 60:
            assert time.monotonic() < deadline + PATIENCE
            records += [*first.poll(0.2), *second.poll(0.2)]
        assert len({(record.place, record.offset) for record in records}) == len(records) == 60


def _share(first: frozenset[TopicPartition], second: frozenset[TopicPartition]) -> bool:
    """Whether each has partitions, none is of both and none of nobody: one learns of a sharing after the other."""
    return bool(first and second) and len(first) + len(second) == len(first | second) == PARTITIONS
