"""The envelope: CloudEvents in binary mode, readable by any CloudEvents library, refused when it is not one."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.envelope import (
    Event,
    UnreadableEventError,
    event_type,
    from_record,
    schema_of,
    to_message,
    topic_of,
    types_of,
)
from shared.messaging.log.base import Headers, Record

PUBLIC = "https://passerelle.example"
TYPE = event_type("admission", "application.submitted")
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
data = st.dictionaries(words, st.none() | st.booleans() | st.integers() | words | st.lists(words, max_size=3))
events = st.builds(
    Event,
    id=words,
    type=st.just(TYPE),
    source=st.just("/admission/v1/applications/a"),
    subject=words,
    time=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(tzinfo=UTC)
    ),
    partitionkey=words,
    sequence=st.integers(0, 10**10 - 1).map(lambda number: f"{number:010d}"),
    correlationid=words,
    causationid=st.none() | words,
    traceparent=st.none() | words,
    data=data,
)


def as_record(event: Event) -> Record:
    key, headers, value = to_message(event, PUBLIC)
    return Record(topic_of("admission"), 0, 0, key, headers, value)


def an_event(**changes: object) -> Event:
    fields: dict[str, object] = {
        "id": "e1",
        "type": TYPE,
        "source": "/admission/v1/applications/a",
        "subject": "a",
        "time": datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC),
        "partitionkey": "a",
        "sequence": "0000000001",
        "correlationid": "c",
        "causationid": None,
        "traceparent": None,
        "data": {"application_id": "a"},
    }
    return Event(**{**fields, **changes})  # type: ignore[arg-type]


def test_names_of_types_and_topics():
    assert TYPE == "eu.passerelle.admission.application.submitted.v1"
    assert topic_of("admission") == "passerelle.admission.v1"
    assert schema_of(TYPE, PUBLIC) == f"{PUBLIC}/admission/v1/contracts/{TYPE}"
    assert types_of("admission", [TYPE, TYPE.replace("admission", "enrolment")]) == [TYPE]


@given(events)
def test_an_event_survives_the_log(event):
    assert from_record(as_record(event)) == event


def test_any_cloudevents_library_can_read_it():
    key, headers, value = to_message(an_event(causationid="e0", traceparent="00-ab-cd-01"), PUBLIC)
    parsed = from_binary(KafkaMessage(headers=dict(headers), key=key, value=value), JSONFormat())
    assert (parsed.get_specversion(), parsed.get_type(), parsed.get_id()) == ("1.0", TYPE, "e1")
    assert parsed.get_dataschema() == f"{PUBLIC}/admission/v1/contracts/{TYPE}"
    assert parsed.get_extension("causationid") == "e0"


def test_binary_mode_keeps_the_attributes_in_headers_and_only_the_data_in_the_value():
    key, headers, value = to_message(an_event(), PUBLIC)
    assert key == "a"
    assert json.loads(value) == {"application_id": "a"}
    named = dict(headers)
    assert named["ce_id"] == b"e1"
    assert named["content-type"] == b"application/json"
    assert {name for name in named if name.startswith("ce_")} == {
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "ce_dataschema",
        "ce_partitionkey",
        "ce_sequence",
        "ce_correlationid",
    }


def test_structured_mode_for_feeds_is_json_with_utc_time():
    local = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    document = json.loads(json.dumps(an_event(time=local).structured(PUBLIC)))
    assert document["time"] == "2026-03-01T12:30:00Z"
    assert document["data"] == {"application_id": "a"}
    assert "causationid" not in document


def without(headers: Headers, name: str) -> Headers:
    return tuple(pair for pair in headers if pair[0] != name)


REQUIRED = ("specversion", "id", "type", "source", "time", "partitionkey", "sequence", "correlationid")


@pytest.mark.parametrize("missing", [f"ce_{name}" for name in REQUIRED])
def test_a_record_without_a_required_attribute_is_unreadable(missing):
    good = as_record(an_event())
    with pytest.raises(UnreadableEventError):
        from_record(Record(good.topic, 0, 0, good.key, without(good.headers, missing), good.value))


@pytest.mark.parametrize("value", [b"", b"[]", b"1", b'"text"', b"null", b"{", b"\xff", b"[" * 100_000])
def test_a_value_that_is_no_json_object_is_unreadable(value):
    good = as_record(an_event())
    with pytest.raises(UnreadableEventError):
        from_record(Record(good.topic, 0, 0, good.key, good.headers, value))


@given(
    st.lists(st.tuples(st.text(max_size=12), st.binary(max_size=12)), max_size=6).map(tuple),
    st.binary(max_size=50),
    st.none() | st.text(max_size=5),
)
def test_whatever_stands_in_the_log_is_an_event_or_unreadable(headers, value, key):
    with pytest.raises(UnreadableEventError):
        from_record(Record("t", 0, 0, key, headers, value))
