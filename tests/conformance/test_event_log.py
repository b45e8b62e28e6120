"""The conformance suite of the event log on SQLite and on Apache Kafka, and what only one of them can do."""

import socket
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from kafka import KafkaAdminClient
from kafka import TopicPartition as KafkaPlace
from kafka.errors import KafkaTimeoutError

from deploy.local_servers.ladder import KafkaServer
from deploy.local_servers.process import wait_until
from shared.messaging.log import kafka, kafka_client, kafka_consumer, open_event_log, sqlite_consumer
from shared.messaging.log.base import EventLog, LogUnavailableError, Message, Record, TopicPartition
from shared.messaging.log.kafka import KafkaEventLog
from shared.messaging.log.sqlite import SqliteEventLog
from shared.settings import load_settings
from tests.conformance.event_log_fixtures import PATIENCE, by_key, ends, read
from tests.conformance.event_log_suite import EventLogSuite


class TestSqliteLog(EventLogSuite):
    sharing_seconds = 1.0

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite-log:///{tmp_path / 'events.sqlite'}"

    @pytest.fixture
    def long_sessions(self, monkeypatch):
        monkeypatch.setitem(SqliteEventLog.__init__.__kwdefaults__, "session", 10 * PATIENCE)

    def forget(self, log: EventLog, url: str, place: TopicPartition, before: int) -> None:
        assert isinstance(log, SqliteEventLog)
        log.delete_before(place, before)

    @pytest.mark.xfail(raises=AssertionError, reason="the SQLite log has one member per group at a time")
    def test_two_members_share_the_partitions(self, append, member, topic):
        super().test_two_members_share_the_partitions(append, member, topic)

    @pytest.mark.usefixtures("long_sessions")
    def test_a_second_member_waits_for_its_turn(self, append, member):
        append("abc")
        first, second = member(), member()
        seen = read(first, 3)
        assert not second.poll(0.3)
        assert not second.assignment()
        first.commit(ends(seen[:1]))
        first.close()
        assert read(second, 2) == seen[1:]

    def test_members_that_hold_their_lease_longer_than_a_session_keep_it(self, log, topic, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(sqlite_consumer, "time", SimpleNamespace(monotonic=lambda: now))
        holder, other = log.consumer("g", [topic]), log.consumer("g", [topic])
        for _ in range(10):
            assert not holder.poll(0)
            assert not other.poll(0)
            assert holder.assignment()
            assert not other.assignment()
            now += holder._session / 2
        now += holder._session
        assert not other.poll(0)
        assert other.assignment(), "negative control: a lease that is not renewed ends"

    def test_a_lease_from_before_the_machine_restarted_is_nobodys(self, url, topic, append, member):
        append("a")
        with sqlite3.connect(url.removeprefix("sqlite-log:///")) as file:
            file.execute(
                "INSERT INTO members SELECT group_name, 'gone', 7, 1e12 FROM (SELECT 'g' AS group_name)"
            )
        file.close()
        assert len(read(member(name="g"), 1)) == 1

    def test_a_batch_with_an_unknown_topic_appends_nothing(self, log, topic, group):
        with pytest.raises(LogUnavailableError):
            log.producer().append([Message(topic, "a", (), b"1"), Message("unknown", "b", (), b"2")])
        assert log.backlog(group, [topic]) == 0

    def test_a_topic_created_later_is_read_from_its_beginning(self, log, group):
        consumer = log.consumer(group, ["later"])
        assert not consumer.poll(0)
        log.create_topics(["later"], 2)
        log.producer().append([Message("later", "k", (), b"1")])
        assert [record.value for record in read(consumer, 1)] == [b"1"]

    def test_a_busy_partition_does_not_starve_another(self, log, topic, append, member):
        producer = log.producer()
        producer.append([Message(topic, "busy", (), b"x")] * 2000)
        append("quiet", [f"key-{number}" for number in range(20)])
        assert len({record.place for record in member().poll(1.0)}) == 3

    def test_a_file_that_cannot_be_written_is_unavailable(self, url, log, topic, append, member):
        append("a")
        consumer = member()
        read(consumer, 1)
        other = sqlite3.connect(url.removeprefix("sqlite-log:///"))
        other.execute("DROP TABLE partitions")
        other.close()
        with pytest.raises(LogUnavailableError):
            consumer.poll(0)
        with pytest.raises(LogUnavailableError):
            append("b")
        with pytest.raises(LogUnavailableError):
            log.backlog("g", [topic])


class TestKafkaLog(EventLogSuite):
    @pytest.fixture
    def url(self, kafka_bootstrap: str) -> str:
        return f"kafka://{kafka_bootstrap}"

    @pytest.fixture(autouse=True)
    def _unhurried(self, monkeypatch):
        """No test here is about a broker that is late, and the machine may be busy."""
        monkeypatch.setattr(kafka_client, "_BOOTSTRAP_MS", 30_000)
        monkeypatch.setattr(kafka_client, "_PROBE_SECONDS", 30.0)
        for module in (kafka, kafka_client, kafka_consumer):
            monkeypatch.setattr(module, "REQUEST_MS", 30_000)
        monkeypatch.setattr(kafka, "_DELIVERY_MS", 60_000)
        monkeypatch.setitem(kafka._PRODUCER, "delivery_timeout_ms", 60_000)

    @pytest.fixture
    def long_sessions(self, monkeypatch):
        monkeypatch.setattr(kafka_consumer, "_SESSION_MS", int(2 * PATIENCE) * 1000)

    def forget(self, log: EventLog, url: str, place: TopicPartition, before: int) -> None:
        admin = KafkaAdminClient(bootstrap_servers=url.removeprefix("kafka://"))
        admin.delete_records({KafkaPlace(*place): before})
        admin.close()

    def test_a_client_that_stands_still_is_made_anew(self, append, member, monkeypatch):
        consumer = member()
        append("a")
        consumer.commit(ends(read(consumer, 1)))
        stuck = consumer._client
        with monkeypatch.context() as standstill:
            standstill.setattr(kafka_consumer, "_STANDSTILL_SECONDS", 0.0)
            standstill.setattr(stuck, "poll", lambda **_: {})
            append("b")
            with pytest.raises(LogUnavailableError, match="stands still"):
                for _ in range(3):
                    consumer.poll(0)
        assert [record.value for record in read(consumer, 1)] == [b"a:b"]
        assert consumer._client is not stuck

    def test_a_client_that_waits_at_the_end_of_the_log_is_left_alone(self, append, member, monkeypatch):
        consumer = member()
        append("a")
        read(consumer, 1)
        monkeypatch.setattr(kafka_consumer, "_STANDSTILL_SECONDS", 0.0)
        client = consumer._client
        for _ in range(4):
            assert not consumer.poll(0.05)
        assert consumer._client is client

    def test_a_paused_partition_does_not_count_as_standing_still(self, append, member, monkeypatch):
        consumer = member()
        append("ab")
        seen = read(consumer, 2)
        monkeypatch.setattr(kafka_consumer, "_STANDSTILL_SECONDS", 0.0)
        consumer.rewind(seen[0].place, seen[0].offset)
        consumer.pause(seen[0].place)
        client = consumer._client
        for _ in range(4):
            assert not consumer.poll(0.05)
        assert consumer._client is client

    def test_a_static_member_comes_from_the_setting_only(self, member, open_log, append):
        append("a")
        consumer = member(open_log(EVENT_LOG_INSTANCE_ID="worker-1"))
        read(consumer, 1)
        assert consumer._client.config["group_instance_id"] == "worker-1"
        dynamic = member()
        dynamic.poll(0)
        assert dynamic._client.config["group_instance_id"] is None

    def test_clients_that_fail_to_close_leave_no_thread(self, log, topic, member, monkeypatch):
        before = set(threading.enumerate())
        producer, consumer = log.producer(), member()
        producer.append([Message(topic, "a", (), b"1")])
        read(consumer, 1)

        def give_up(*_args, **_how):
            raise KafkaTimeoutError("no answer")

        monkeypatch.setattr(producer._connection.client, "flush", give_up)
        monkeypatch.setattr(consumer._client._coordinator, "close", give_up)
        producer.close()
        consumer.close()
        wait_until(lambda: set(threading.enumerate()) <= before, seconds=PATIENCE, what="all threads end")


@pytest.fixture(params=["nobody listens", "nobody answers"])
def no_broker(request: pytest.FixtureRequest) -> Iterator[KafkaEventLog]:
    """A Kafka log at an address without a broker."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if request.param == "nobody answers":
            silent.listen()
        log = open_event_log(load_settings({"EVENT_LOG_URL": f"kafka://127.0.0.1:{silent.getsockname()[1]}"}))
        assert isinstance(log, KafkaEventLog)
        yield log
        log.close()


def test_without_a_broker_everything_is_unavailable_and_no_thread_stays(no_broker: KafkaEventLog):
    before = set(threading.enumerate())
    producer, consumer = no_broker.producer(), no_broker.consumer("g", ["t"])
    for ask in (
        lambda: producer.append([Message("t", "k", (), b"1")]),
        lambda: consumer.poll(0.1),
        lambda: no_broker.backlog("g", ["t"]),
    ):
        with pytest.raises(LogUnavailableError):
            ask()
    consumer.commit({TopicPartition("t", 0): 1})
    consumer.close()
    producer.close()
    assert set(threading.enumerate()) <= before


class Traffic(threading.Thread):
    """Appends rounds of one message per key and reads them back, whatever happens to the broker."""

    def __init__(self, log: EventLog, topic: str, keys: Sequence[str]) -> None:
        super().__init__()
        self.acknowledged = 0
        self.found: list[Record] = []
        self.ending = threading.Event()
        self._producer, self._consumer = log.producer(), log.consumer("g", [topic])
        self._log, self._topic, self._keys = log, topic, keys

    def run(self) -> None:
        while not self._done():
            with suppress(LogUnavailableError):
                if not self.ending.is_set():
                    self._append()
                self._drain()
        self._producer.close()
        self._consumer.close()

    def _done(self) -> bool:
        with suppress(LogUnavailableError):
            return self.ending.is_set() and not self._log.backlog("g", [self._topic])
        return False

    def _append(self) -> None:
        value = str(self.acknowledged).encode()
        self._producer.append([Message(self._topic, key, (), value) for key in self._keys])
        self.acknowledged += 1

    def _drain(self) -> None:
        records = self._consumer.poll(0.1)
        self.found += records
        self._consumer.commit(ends(records))


def test_records_and_members_survive_a_broker_that_is_killed(own_kafka: KafkaServer):
    """Every acknowledged record is read, in the order of its key; nobody has to be restarted."""
    log = open_event_log(load_settings({"EVENT_LOG_URL": f"kafka://{own_kafka.bootstrap}"}))
    topic, keys = f"test.{uuid.uuid4().hex}", [f"key-{number}" for number in range(10)]
    log.create_topics([topic], 3)
    traffic = Traffic(log, topic, keys)
    traffic.start()
    wait_until(lambda: traffic.acknowledged > 50, seconds=PATIENCE, what="traffic before the kill")
    own_kafka.kill()
    own_kafka.start()
    before = traffic.acknowledged
    wait_until(lambda: traffic.acknowledged > before + 50, seconds=PATIENCE, what="traffic after the kill")
    traffic.ending.set()
    traffic.join(PATIENCE)
    assert not traffic.is_alive()
    assert len(by_key(traffic.found)) == len(keys)
    for values in by_key(traffic.found).values():
        assert list(dict.fromkeys(values)) == [str(number).encode() for number in range(traffic.acknowledged)]
    log.close()
