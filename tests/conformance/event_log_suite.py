"""What every event log has to do, as one mixin; `test_event_log.py` runs it on each adapter."""

import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from shared.messaging.log import open_event_log
from shared.messaging.log.base import (
    MAX_MESSAGE_BYTES,
    Consumer,
    EventLog,
    LogUnavailableError,
    Message,
    MessageTooLargeError,
    OffsetLostError,
    Record,
    TopicPartition,
    check_size,
)
from shared.settings import load_settings

PARTITIONS = 3
PATIENCE = 120.0
"""Seconds that only a failure reaches, however busy the machine is."""
_ROOT = Path(__file__).parents[2]

OpenLog = Callable[..., EventLog]


def read(consumer: Consumer, count: int) -> list[Record]:
    """The next `count` records, or more where the last poll gives more.

    A log that is away for a moment is asked again, as a worker does; what was not committed comes again then.
    """
    records: list[Record] = []
    deadline = time.monotonic() + PATIENCE
    while len(records) < count:
        assert time.monotonic() < deadline, f"only {len(records)} of {count} records came"
        try:
            records += consumer.poll(0.5)
        except LogUnavailableError:
            records.clear()
    return records


def join(consumer: Consumer, count: int = PARTITIONS) -> None:
    """Poll until the member reads `count` partitions and all are positioned."""
    deadline = time.monotonic() + PATIENCE
    while len(consumer.assignment()) < count:
        assert time.monotonic() < deadline, "the group was not joined"
        with suppress(LogUnavailableError):
            assert not consumer.poll(0.2)


def ends(records: Sequence[Record]) -> dict[TopicPartition, int]:
    return {record.place: record.offset + 1 for record in records}


def by_key(records: Sequence[Record]) -> dict[str | None, list[bytes]]:
    found: dict[str | None, list[bytes]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.value)
    return found


class EventLogSuite:
    """Subclasses give the fixtures `url` (of an empty log) and `long_sessions` (a silent member keeps its place for
    far longer than PATIENCE), and `forget`, which does what retention does.
    """

    sharing_seconds = PATIENCE

    @pytest.fixture
    def open_log(self, url: str, tmp_path: Path) -> Iterator[OpenLog]:
        """Opens the log, again and again like processes would."""
        opened: list[EventLog] = []

        def new(**overrides: str) -> EventLog:
            opened.append(open_event_log(load_settings({"EVENT_LOG_URL": url, **overrides})))
            return opened[-1]

        yield new
        for log in opened:
            log.close()

    @pytest.fixture
    def log(self, open_log: OpenLog) -> EventLog:
        return open_log()

    @pytest.fixture
    def topic(self, log: EventLog) -> str:
        name = f"test.{uuid.uuid4().hex}"
        log.create_topics([name], PARTITIONS)
        return name

    @pytest.fixture
    def group(self) -> str:
        return f"group.{uuid.uuid4().hex}"

    @pytest.fixture
    def append(self, log: EventLog, topic: str) -> Iterator[Callable[..., None]]:
        """Appends values, one round with one message for each key."""
        producer = log.producer()

        def round_of(values: Sequence[str], keys: Sequence[str] = ("a",)) -> None:
            for value in values:
                producer.append([Message(topic, key, (), f"{key}:{value}".encode()) for key in keys])

        yield round_of
        producer.close()

    @pytest.fixture
    def member(self, log: EventLog, topic: str, group: str) -> Iterator[Callable[..., Consumer]]:
        """Makes members of one group; those still there are closed at the end."""
        members: list[Consumer] = []

        def new(of: EventLog = log, name: str = group) -> Consumer:
            members.append(of.consumer(name, [topic]))
            return members[-1]

        yield new
        for consumer in members:
            consumer.close()

    @pytest.fixture
    def other_process(
        self, url: str, group: str, topic: str
    ) -> Iterator[Callable[[int], subprocess.Popen[str]]]:
        """Starts a member in a process of its own, which reads so many records and commits none."""
        started: list[subprocess.Popen[str]] = []

        def new(count: int) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.log_member", url, group, topic, str(count)],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(process)
            assert process.stdout is not None
            assert process.stdout.readline() == f"has {count}\n"
            return process

        yield new
        for process in started:
            process.kill()
            process.communicate()

    def forget(self, log: EventLog, url: str, place: TopicPartition, before: int) -> None:
        raise NotImplementedError

    def test_records_of_a_key_keep_their_order(self, append, member):
        keys = [f"key-{number}" for number in range(20)]
        append([str(number) for number in range(15)], keys)
        found = by_key(read(member(), 300))
        assert {key: len(values) for key, values in found.items()} == dict.fromkeys(keys, 15)
        for key, values in found.items():
            assert values == [f"{key}:{number}".encode() for number in range(15)]

    def test_a_key_stays_in_its_partition(self, append, member):
        keys = [f"key-{number}" for number in range(30)]
        append("ab", keys)
        places = defaultdict(set)
        for record in read(member(), 60):
            places[record.key].add(record.partition)
        assert all(len(partitions) == 1 for partitions in places.values())
        assert len(set.union(*places.values())) == PARTITIONS

    def test_what_is_not_committed_comes_again(self, append, member):
        append("abc")
        first = member()
        seen = read(first, 3)
        first.close()
        assert read(member(), 3) == seen

    def test_a_restart_goes_on_at_the_committed_offset(self, append, member, open_log):
        append("abcde")
        first = member()
        seen = read(first, 5)
        first.commit(ends(seen[:2]))
        first.close()
        again = member(open_log())
        assert [record.value for record in read(again, 3)] == [b"a:c", b"a:d", b"a:e"]

    def test_each_group_gets_everything(self, append, member):
        append("ab", ["x", "y"])
        one = member()
        one.commit(ends(read(one, 4)))
        assert len(read(member(name=f"other.{uuid.uuid4().hex}"), 4)) == 4

    def test_rewind_gives_records_again(self, append, member):
        append("abcd")
        consumer = member()
        seen = read(consumer, 4)
        consumer.rewind(seen[1].place, seen[1].offset)
        assert read(consumer, 3) == seen[1:]

    def test_rewind_after_new_records_loses_none(self, append, member):
        append("ab")
        consumer = member()
        seen = read(consumer, 2)
        append("cd")
        consumer.rewind(seen[0].place, seen[0].offset)
        assert [record.value for record in read(consumer, 4)] == [b"a:a", b"a:b", b"a:c", b"a:d"]

    def test_a_paused_partition_gives_nothing_and_the_others_flow(self, append, member):
        keys = [f"key-{number}" for number in range(12)]
        append("a", keys)
        consumer = member()
        seen = read(consumer, 12)
        paused = seen[0].place
        consumer.pause(paused)
        append("b", keys)
        others = [record for record in seen if record.place != paused]
        flowing = read(consumer, len(others))
        assert {record.place for record in flowing} == {record.place for record in others}
        assert not consumer.poll(0.3)
        consumer.resume(paused)
        late = read(consumer, len(seen) - len(others))
        assert {record.place for record in late} == {paused}

    def test_a_held_record_comes_first_again_after_its_pause(self, append, member):
        append("abc")
        consumer = member()
        seen = read(consumer, 3)
        consumer.rewind(seen[1].place, seen[1].offset)
        consumer.pause(seen[1].place)
        assert not consumer.poll(0.3)
        consumer.resume(seen[1].place)
        assert read(consumer, 2) == seen[1:]

    def test_a_partition_taken_away_is_left_out_silently(self, append, member, topic):
        append("a")
        consumer = member()
        read(consumer, 1)
        nowhere = TopicPartition(topic, 99)
        consumer.rewind(nowhere, 0)
        consumer.pause(nowhere)
        consumer.resume(nowhere)
        consumer.commit({nowhere: 1})

    def test_a_retention_gap_is_refused_every_time(self, append, member, log, url, open_log):
        append("abcde")
        first = member()
        seen = read(first, 5)
        first.commit(ends(seen[:2]))
        first.close()
        self.forget(log, url, seen[0].place, seen[3].offset)
        again = member(open_log())
        for _ in range(2):
            with pytest.raises(OffsetLostError, match="EVENT_LOG_ACCEPT_LOSS"):
                _poll_until_refused(again)

    def test_accepting_the_loss_reads_on_from_what_is_left(self, append, member, log, url, open_log):
        append("abcde")
        first = member()
        seen = read(first, 5)
        first.commit(ends(seen[:2]))
        first.close()
        self.forget(log, url, seen[0].place, seen[3].offset)
        again = member(open_log(EVENT_LOG_ACCEPT_LOSS="true"))
        assert read(again, 2) == seen[3:]
        again.commit(ends(seen))

    def test_retention_of_what_was_read_is_no_gap(self, append, member, log, url):
        append("abcde")
        first = member()
        seen = read(first, 5)
        first.commit(ends(seen[:3]))
        first.close()
        self.forget(log, url, seen[0].place, seen[3].offset)
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

    def test_headers_key_and_value_are_byte_exact(self, log, topic, member):
        headers = (
            ("plain", b"text"),
            ("empty", b""),
            ("bytes", bytes(range(256))),
            ("näme-Ελληνικά", "Łódź, Šiauliai, Ελένη".encode()),
            ("twice", b"1"),
            ("twice", b"2"),
        )
        producer = log.producer()
        producer.append([Message(topic, "κλειδί-ż", headers, bytes(range(256)))])
        producer.append([Message(topic, "κλειδί-ż", (), b"")])
        producer.close()
        full, empty = read(member(), 2)
        assert (full.key, full.headers, full.value) == ("κλειδί-ż", headers, bytes(range(256)))
        assert (empty.key, empty.headers, empty.value) == ("κλειδί-ż", (), b"")

    def test_the_size_limit_is_exact_and_spares_the_neighbours(self, log, topic, member, group):
        producer = log.producer()
        largest = Message(topic, "k", (), bytes(MAX_MESSAGE_BYTES - 1))
        check_size(largest)
        producer.append([Message(topic, "before", (), b"1"), largest])
        with pytest.raises(MessageTooLargeError):
            producer.append([Message(topic, "after", (), b"2"), Message(topic, "kk", (), largest.value)])
        producer.append([Message(topic, "last", (), b"3")])
        producer.close()
        assert {record.key for record in read(member(), 3)} == {"before", "k", "last"}
        assert log.backlog(group, [topic]) == 3

    def test_a_hundred_empty_headers_stay_within_the_limit(self, log, topic, member):
        headers = tuple((f"h{number}", b"") for number in range(100))
        room = MAX_MESSAGE_BYTES - 1 - sum(len(name) + 8 for name, _ in headers)
        message = Message(topic, "k", headers, bytes(room))
        producer = log.producer()
        producer.append([message])
        with pytest.raises(MessageTooLargeError):
            check_size(Message(topic, "k", headers, bytes(room + 1)))
        producer.close()
        assert read(member(), 1)[0].headers == headers

    def test_an_unknown_topic_is_refused_and_not_created(self, log, topic, group):
        producer = log.producer()
        unknown = f"unknown.{uuid.uuid4().hex}"
        with pytest.raises(LogUnavailableError):
            producer.append([Message(unknown, "k", (), b"1")])
        producer.append([Message(topic, "k", (), b"2")])
        producer.close()
        assert log.backlog(group, [topic]) == 1

    def test_an_existing_topic_stays_as_it_is(self, log, topic, append, member):
        append("a", [f"key-{number}" for number in range(12)])
        log.create_topics([topic, f"{topic}.more"], PARTITIONS + 2)
        consumer = member()
        records = read(consumer, 12)
        assert len(records) == 12
        assert len(consumer.assignment()) == PARTITIONS

    def test_backlog_counts_what_is_unread(self, log, topic, group, append, member, url):  # noqa: PLR0917
        assert log.backlog(group, [topic]) == 0
        append("abcde")
        assert log.backlog(group, [topic]) == 5
        consumer = member()
        seen = read(consumer, 5)
        assert log.backlog(group, [topic]) == 5
        consumer.commit(ends(seen[:2]))
        assert log.backlog(group, [topic]) == 3
        consumer.commit(ends(seen))
        assert log.backlog(group, [topic]) == 0
        self.forget(log, url, seen[0].place, 5)
        assert log.backlog(f"{group}.new", [topic]) == 0

    def test_an_append_ends_the_wait_of_a_poll(self, log, topic, append, member):
        consumer = member()
        join(consumer)
        consumer.poll(0.2)
        waiting = threading.Timer(0.2, append, args=("a",))
        waiting.start()
        started = time.monotonic()
        records = consumer.poll(PATIENCE)
        waiting.join()
        assert len(records) == 1
        assert time.monotonic() - started < PATIENCE / 2

    def test_many_threads_may_append(self, log, topic, member):
        producer = log.producer()

        def append(name: str) -> None:
            for number in range(20):
                producer.append([Message(topic, name, (), str(number).encode())])

        threads = [threading.Thread(target=append, args=(f"thread-{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        producer.close()
        found = by_key(read(member(), 160))
        assert len(found) == 8
        assert all(values == [str(number).encode() for number in range(20)] for values in found.values())

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


def _poll_until_refused(consumer: Consumer) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(LogUnavailableError):
            assert not consumer.poll(0.5), "records were given across a gap"
