"""What the event log promises, whatever it is made of.

Records of one key stay in the order of their acknowledged appends, within one topic. A record that was acknowledged
is there after a crash. A group reads each partition by one member at a time and starts at the beginning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

Headers = tuple[tuple[str, bytes], ...]

MAX_MESSAGE_BYTES: Final = 1_000_000
_BYTES_PER_HEADER: Final = 8


class TopicPartition(NamedTuple):
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a producer appends; `key` chooses the partition."""

    topic: str
    key: str
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """What a consumer gets. Offsets grow within a partition, not necessarily by one."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: Headers
    value: bytes

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)


class LogUnavailableError(Exception):
    """The log cannot be reached or did not acknowledge; trying the same again later is right."""


class OffsetLostError(Exception):
    """The log no longer holds records that the group has not read (retention, or an emptied log).

    Reading on would lose them silently, so it is refused until `EVENT_LOG_ACCEPT_LOSS` says otherwise.
    """


class MessageTooLargeError(Exception):
    """A message exceeds the log's limit; nothing of the batch was appended."""


def check_size(message: Message) -> None:
    """Refuse a message over `MAX_MESSAGE_BYTES`: key, value, headers and a little for each header.

    The same on every adapter and below what a broker takes by default (1,048,588 bytes for a batch).

    Raises:
        MessageTooLargeError: it is larger.
    """
    headers = sum(len(name.encode()) + len(value) + _BYTES_PER_HEADER for name, value in message.headers)
    size = len(message.key.encode()) + len(message.value) + headers
    if size > MAX_MESSAGE_BYTES:
        raise MessageTooLargeError(
            f"a message of {size} bytes; the event log takes {MAX_MESSAGE_BYTES} at most"
        )


class Producer(Protocol):
    def append(self, messages: Sequence[Message]) -> None:
        """Append all `messages` durably; the caller puts at most one per key in a batch.

        Raises:
            LogUnavailableError: some may be in the log, some not; append the same again.
            MessageTooLargeError: one is over the limit.
        """

    def close(self) -> None: ...


class Consumer(Protocol):
    """One member of a group. Used by one thread only."""

    def poll(self, timeout: float) -> Sequence[Record]:
        """Records after the last ones given, at most a few hundred; waits up to `timeout` seconds for some.

        Raises:
            LogUnavailableError: try again later.
            OffsetLostError: see there.
        """

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Remember the next offset to read, per partition. A partition that was taken away is left out silently.

        Raises:
            LogUnavailableError: not remembered; the records may come again.
        """

    def rewind(self, place: TopicPartition, offset: int) -> None:
        """Give the records from `offset` on again with a later poll. A partition taken away is left out silently."""

    def pause(self, place: TopicPartition) -> None:
        """Give nothing of this partition until `resume`, while the membership stays alive by polling.

        A partition that is taken away forgets it: whoever gets the partition next starts at the committed offset.
        """

    def resume(self, place: TopicPartition) -> None: ...

    def assignment(self) -> frozenset[TopicPartition]:
        """The partitions this member reads at the moment."""

    def close(self) -> None:
        """Leave the group, so that another member takes over at once."""


class EventLog(Protocol):
    def create_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create what is missing; existing topics stay as they are."""

    def producer(self) -> Producer: ...

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer: ...

    def backlog(self, group: str, topics: Sequence[str]) -> int:
        """How many records the group has not read yet.

        Raises:
            LogUnavailableError: the log cannot be reached.
        """

    def close(self) -> None: ...
