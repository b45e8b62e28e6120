"""What every event log does with records: their order, their bytes, their limits."""

import threading
import time
import uuid
from collections import defaultdict

import pytest

from shared.messaging.log.base import (
    MAX_MESSAGE_BYTES,
    LogUnavailableError,
    Message,
    MessageTooLargeError,
    TopicPartition,
    check_size,
)
from tests.conformance.event_log_fixtures import PARTITIONS, PATIENCE, LogFixtures, by_key, ends, join, read


class RecordSuite(LogFixtures):
    """Records come in the order of their keys, again where they were not committed, and as they were appended."""

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
