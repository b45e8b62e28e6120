"""The event log on Apache Kafka.

A process that serves HTTP never loads this module: a producer does not survive a fork. Clients are made when first
used, thrown away after a failure, and closed by the thread that used them, never by a signal handler.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import NoError, TopicAlreadyExistsError, for_code

from shared.messaging.log.base import LogUnavailableError, Message, check_size
from shared.messaging.log.kafka_client import REQUEST_MS, Connection, available, connect
from shared.messaging.log.kafka_consumer import KafkaLogConsumer

SCHEME: Final = "kafka"
_DELIVERY_MS: Final = 8_000
_METADATA_MS: Final = 5_000
_BATCH_BYTES: Final = 131_072
_LINGER_MS: Final = 5
_GRACE_SECONDS: Final = 2.0

Answer = TypeVar("Answer")


class KafkaEventLog:
    """The log behind `servers` (`host:port`); its producers and its own methods are safe for many threads."""

    def __init__(
        self, servers: Sequence[str], *, accept_loss: bool = False, instance_id: str | None = None
    ) -> None:
        self._servers = tuple(servers)
        self._accept_loss = accept_loss
        self._instance_id = instance_id
        self._guard = threading.Lock()
        self._admin: Connection | None = None

    def create_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create what is missing, replicated as the broker's default says; existing topics stay as they are.

        Raises:
            LogUnavailableError: the cluster is away, or refuses a topic; the message says which.
        """
        self._ask("creating topics", lambda admin: _create(admin, topics, partitions))

    def producer(self) -> "KafkaLogProducer":
        return KafkaLogProducer(self._servers)

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaLogConsumer:
        return KafkaLogConsumer(
            self._servers, group, topics, accept_loss=self._accept_loss, instance_id=self._instance_id
        )

    def backlog(self, group: str, topics: Sequence[str]) -> int:
        """How many records the group has not read yet; raises LogUnavailableError."""
        return self._ask("asking for the backlog", lambda admin: _backlog(admin, group, topics))

    def close(self) -> None:
        with self._guard:
            self._drop()

    def _ask(self, doing: str, question: Callable[[Any], Answer]) -> Answer:
        with self._guard:
            if self._admin is None:
                self._admin = connect(KafkaAdminClient, self._servers)
            try:
                with available(doing):
                    return question(self._admin.client)
            except LogUnavailableError:
                self._drop()
                raise

    def _drop(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()


def _create(admin: Any, topics: Sequence[str], partitions: int) -> None:
    wanted = {topic: {"num_partitions": partitions, "replication_factor": -1} for topic in topics}
    answer = admin.create_topics(wanted, timeout_ms=REQUEST_MS, raise_errors=False)
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if error not in (NoError, TopicAlreadyExistsError):
            raise error(f"{topic['name']}: {topic.get('error_message')}")
    admin.wait_for_topics(list(topics))


def _backlog(admin: Any, group: str, topics: Sequence[str]) -> int:
    places = [
        TopicPartition(topic["name"], partition["partition_index"])
        for topic in admin.describe_topics(list(topics))
        for partition in topic["partitions"]
    ]
    ends = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    beginnings = admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
    read = admin.list_group_offsets({group: None})[group]
    total = 0
    for place in places:
        at = read[place].offset if place in read else 0
        total += max(0, ends[place].offset - max(at, beginnings[place].offset))
    return total


class KafkaLogProducer:
    """Appends with `acks=all` and idempotence; the same key always goes to the same partition (murmur2)."""

    def __init__(self, servers: Sequence[str]) -> None:
        self._servers = servers
        self._guard = threading.Lock()
        self._connection: Connection | None = None

    def append(self, messages: Sequence[Message]) -> None:
        """Append all `messages`, returning when the cluster has acknowledged each; raises as the port says.

        After a failure the client is thrown away: its next epoch may leave a batch in flight behind while later
        records go out.
        """
        for message in messages:
            check_size(message)
        with self._guard:
            try:
                with available("appending"):
                    self._append(messages)
            except LogUnavailableError:
                self._drop()
                raise

    def close(self) -> None:
        with self._guard:
            self._drop()

    def _append(self, messages: Sequence[Message]) -> None:
        if self._connection is None:
            self._connection = connect(KafkaProducer, self._servers, **_PRODUCER)
        client = self._connection.client
        pending = [
            client.send(
                message.topic,
                key=message.key.encode(),
                value=message.value,
                headers=list(message.headers),
            )
            for message in messages
        ]
        client.flush(timeout=_DELIVERY_MS / 1000 + _GRACE_SECONDS)
        for acknowledgement in pending:
            acknowledgement.get(timeout=_GRACE_SECONDS)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close(timeout=_GRACE_SECONDS)


_PRODUCER: Final = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": _LINGER_MS,
    "batch_size": _BATCH_BYTES,
    "delivery_timeout_ms": _DELIVERY_MS,
    "max_block_ms": _METADATA_MS,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
