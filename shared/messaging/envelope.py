"""The envelope of every event: CloudEvents 1.0.2, binary mode on the log, structured mode in a feed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.messaging.log.base import Record

_FORMAT: Final = JSONFormat()
MAX_BYTES: Final = 64 * 1024
# The library makes up an id or a time that is missing; a new id at each delivery would have an effect each time.
_REQUIRED: Final = frozenset(
    f"ce_{name}"
    for name in ("specversion", "id", "type", "source", "time", "partitionkey", "sequence", "correlationid")
)


class UnreadableEventError(Exception):
    """A record is not an event in our envelope; its place in the log is all that is known of it."""


def event_type(service: str, name: str) -> str:
    """`eu.passerelle.<service>.<subject>.<action>.v1` for a domain event's name `subject.action`."""
    return f"eu.passerelle.{service}.{name}.v1"


def topic_of(service: str) -> str:
    return f"passerelle.{service}.v1"


def types_of(service: str, types: Iterable[str]) -> list[str]:
    """Those of the event `types` that `service` publishes."""
    return [type_ for type_ in types if _service_of(type_) == service]


def schema_of(type_: str, public_url: str) -> str:
    """Where this installation, reached at `public_url`, serves the contract of an event type to anybody."""
    return f"{public_url}/{_service_of(type_)}/v1/contracts/{type_}"


def _service_of(type_: str) -> str:
    return type_.split(".")[2]


@dataclass(frozen=True, slots=True)
class Event:
    """One event as consumers get it. `sequence` counts the events of its aggregate, zero-padded."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    partitionkey: str
    sequence: str
    correlationid: str
    causationid: str | None
    traceparent: str | None
    data: Mapping[str, Any]

    def attributes(self, public_url: str) -> dict[str, Any]:
        """The CloudEvents attributes that are set, with `time` as a datetime; `dataschema` is below `public_url`."""
        optional = {"causationid": self.causationid, "traceparent": self.traceparent}
        return {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "dataschema": schema_of(self.type, public_url),
            "partitionkey": self.partitionkey,
            "sequence": self.sequence,
            "correlationid": self.correlationid,
            **{name: value for name, value in optional.items() if value},
        }

    def structured(self, public_url: str) -> dict[str, Any]:
        """The event as `application/cloudevents+json`."""
        moment = self.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return {**self.attributes(public_url), "time": moment, "data": dict(self.data)}


def to_message(event: Event, public_url: str) -> tuple[str, tuple[tuple[str, bytes], ...], bytes]:
    """Key, headers and value of `event` in binary mode."""
    message = to_binary(CloudEvent(event.attributes(public_url), dict(event.data)), _FORMAT)
    return event.partitionkey, tuple(message.headers.items()), message.value


def from_record(record: Record) -> Event:
    """The event in `record`.

    Raises:
        UnreadableEventError: it is not a CloudEvent with JSON data and our extensions.
    """
    headers = dict(record.headers)
    if missing := _REQUIRED - headers.keys():
        raise UnreadableEventError(f"it lacks {', '.join(sorted(missing))}")
    try:
        parsed = from_binary(KafkaMessage(headers=headers, key=record.key, value=record.value), _FORMAT)
        data = json.loads(record.value)
    except Exception as error:
        raise UnreadableEventError(
            f"not a CloudEvent in binary mode: {type(error).__name__}: {error}"
        ) from error
    moment = parsed.get_time()
    if moment is None or not isinstance(data, dict):
        raise UnreadableEventError("its time is no moment or its data is not an object")
    get = parsed.get_extension
    return Event(
        id=parsed.get_id(),
        type=parsed.get_type(),
        source=parsed.get_source(),
        subject=parsed.get_subject() or "",
        time=moment,
        partitionkey=str(get("partitionkey")),
        sequence=str(get("sequence")),
        correlationid=str(get("correlationid")),
        causationid=get("causationid"),
        traceparent=get("traceparent"),
        data=data,
    )
