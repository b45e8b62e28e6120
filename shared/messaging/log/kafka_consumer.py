"""One member of a consumer group on Apache Kafka."""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from kafka import KafkaConsumer
from kafka import TopicPartition as KafkaPlace
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    LogTruncationError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import MemberState, OffsetAndMetadata

from shared.messaging.log.base import LogUnavailableError, OffsetLostError, Record, TopicPartition
from shared.messaging.log.kafka_client import REQUEST_MS, Connection, available, connect

_SESSION_MS: Final = 6_000
_HEARTBEAT_MS: Final = 1_500
_METADATA_MS: Final = 5_000
_POLL_RECORDS: Final = 300
_STANDSTILL_SECONDS: Final = 5.0
# A client has joined within seconds, or, now and then, it never does.
_JOIN_SECONDS: Final = 20.0
_CLOSE_MS: Final = 3_000
_TAKEN_AWAY: Final = (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

_log = logging.getLogger(__name__)


class KafkaLogConsumer:
    """Reads with manual commits; used, and closed, by one thread.

    A group without offsets starts at the beginning. An offset that the log no longer holds is refused. A client that
    fails, or stands still behind the end of the log, is thrown away and made anew at the committed offsets.
    """

    def __init__(
        self,
        servers: Sequence[str],
        group: str,
        topics: Sequence[str],
        *,
        accept_loss: bool,
        instance_id: str | None,
    ) -> None:
        self._servers = servers
        self._group = group
        self._topics = tuple(topics)
        self._accept_loss = accept_loss
        self._instance_id = instance_id
        self._connection: Connection | None = None
        self._refused: OffsetLostError | None = None
        self._member_at = self._looked_at = time.monotonic()
        self._behind: dict[KafkaPlace, int] = {}

    def poll(self, timeout: float) -> Sequence[Record]:
        """The next records, as the port says."""
        if self._refused:
            raise self._refused
        try:
            with available("polling"):
                records = self._poll(timeout)
                self._watch(moving=bool(records))
        except LogUnavailableError:
            self._drop()
            raise
        return records

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Remember the next offsets of the partitions still assigned; raises LogUnavailableError."""
        if self._client is None:
            return
        mine = self._client.assignment()
        wanted = {
            KafkaPlace(*place): OffsetAndMetadata(offset, "", -1)
            for place, offset in offsets.items()
            if KafkaPlace(*place) in mine
        }
        with available("committing"):
            try:
                self._client.commit(wanted, timeout_ms=REQUEST_MS)
            except _TAKEN_AWAY as error:
                _log.info("offsets left out", extra={"group": self._group, "error": type(error).__name__})

    def rewind(self, place: TopicPartition, offset: int) -> None:
        if self._assigned(place):
            self._client.seek(KafkaPlace(*place), offset)

    def pause(self, place: TopicPartition) -> None:
        if self._assigned(place):
            self._client.pause(KafkaPlace(*place))

    def resume(self, place: TopicPartition) -> None:
        if self._assigned(place):
            self._client.resume(KafkaPlace(*place))

    def assignment(self) -> frozenset[TopicPartition]:
        places = self._client.assignment() if self._client is not None else ()
        return frozenset(TopicPartition(*place) for place in places)

    def close(self) -> None:
        """Leave the group; a static member (`EVENT_LOG_INSTANCE_ID`) keeps its place for the session's time."""
        self._drop()

    def _assigned(self, place: TopicPartition) -> bool:
        return self._client is not None and KafkaPlace(*place) in self._client.assignment()

    @property
    def _client(self) -> Any:
        return None if self._connection is None else self._connection.client

    def _poll(self, timeout: float) -> list[Record]:
        if self._client is None:
            self._connection = self._connect()
        try:
            batch = self._client.poll(timeout_ms=int(timeout * 1000), max_records=_POLL_RECORDS)
        except NoOffsetForPartitionError as error:
            self._begin(error.args[0])
            return []
        except OffsetOutOfRangeError as error:
            self._lost(error.args[0], error)
            return []
        except LogTruncationError as error:
            self._lost(error.divergent_offsets, error)
            return []
        return [_record(found) for run in batch.values() for found in run]

    def _connect(self) -> Connection:
        self._member_at = self._looked_at = time.monotonic()
        self._behind = {}
        connection = connect(
            KafkaConsumer,
            self._servers,
            group_id=self._group,
            group_instance_id=self._instance_id,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            allow_auto_create_topics=False,
            # A topic that is created, or grows, after the group has formed is shared out within seconds.
            metadata_max_age_ms=_METADATA_MS,
            metrics_enabled=False,
        )
        connection.client.subscribe(topics=list(self._topics))
        return connection

    def _begin(self, places: Collection[KafkaPlace]) -> None:
        """Start at the beginning, and write that down first, so that a gap that opens later is noticed."""
        beginnings = self._client.beginning_offsets(list(places), timeout_ms=REQUEST_MS)
        with suppress(*_TAKEN_AWAY):
            self._client.commit(
                {place: OffsetAndMetadata(offset, "", -1) for place, offset in beginnings.items()},
                timeout_ms=REQUEST_MS,
            )

    def _lost(self, places: Mapping[KafkaPlace, object], error: KafkaError) -> None:
        beginnings = self._client.beginning_offsets(list(places), timeout_ms=REQUEST_MS)
        held = ", ".join(f"{place.topic}/{place.partition} from {beginnings[place]}" for place in places)
        if not self._accept_loss:
            self._refused = OffsetLostError(
                f"group {self._group} wants records that the log no longer holds ({error}); it holds {held}; "
                "EVENT_LOG_ACCEPT_LOSS=true reads on from there"
            )
            raise self._refused from error
        _log.warning("loss of events accepted", extra={"group": self._group, "held": held})
        for place, offset in beginnings.items():
            if place in self._client.assignment():
                self._client.seek(place, offset)

    def _watch(self, *, moving: bool) -> None:
        """Notice a client that has stood still twice in a row while the log had more.

        Raises:
            LogUnavailableError: it stands still, or has no stable membership, or the broker does not answer.
        """
        now = time.monotonic()
        member = self._client.group_metadata().state == MemberState.STABLE
        if member:
            self._member_at = now
        if moving:
            self._looked_at, self._behind = now, {}
        if now - self._looked_at < _STANDSTILL_SECONDS:
            return
        self._looked_at = now
        if now - self._member_at > _JOIN_SECONDS:
            raise LogUnavailableError(f"Kafka: no stable membership in group {self._group}")
        behind = self._places_behind()
        stuck = behind.items() & self._behind.items()
        if stuck:
            raise LogUnavailableError(f"Kafka: group {self._group} stands still at {sorted(stuck)}")
        self._behind = behind

    def _places_behind(self) -> dict[KafkaPlace, int]:
        mine = self._client.assignment()
        # Asked for even without an assignment: the question itself tells whether the broker is there.
        ends = self._client.end_offsets(list(mine) or [KafkaPlace(self._topics[0], 0)], timeout_ms=REQUEST_MS)
        at = {
            place: self._client.position(place, timeout_ms=REQUEST_MS)
            for place in mine - self._client.paused()
        }
        return {place: offset for place, offset in at.items() if offset is None or offset < ends[place]}

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close(autocommit=False, timeout_ms=_CLOSE_MS)


def _record(found: Any) -> Record:
    key = None if found.key is None else found.key.decode(errors="backslashreplace")
    headers = tuple((name, value or b"") for name, value in found.headers)
    return Record(found.topic, found.partition, found.offset, key, headers, found.value or b"")
