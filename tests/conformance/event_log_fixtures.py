"""What the tests of every event log start from: logs, topics, members, and how they read to the end."""

import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from shared.messaging.log import open_event_log
from shared.messaging.log.base import (
    Consumer,
    EventLog,
    LogUnavailableError,
    Message,
    Record,
    TopicPartition,
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


class LogFixtures:
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
