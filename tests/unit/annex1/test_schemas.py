"""The published JSON Schemas and SHACL shapes say what the library says, element by element."""

import json
from functools import cache
from typing import Any

import jsonschema_rs
import pyshacl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.namespace import SH

from shared.annex1 import ATTENDANCE, ELEMENT_NAMES, MICRO_CREDENTIAL, NAMES_OF, vocabulary
from shared.annex1.readers import UnreadableError
from shared.annex1.report import check_credential
from shared.annex1.schemas import ATTENDANCE_SCHEMA_OF, JSON_SCHEMA, PUBLISHED, SCHEMA_OF, published
from tests.unit.annex1.credentials import DELETIONS, RENDERED, VARIANTS, deleted, places, rendered
from tests.unit.certification.elm_shapes import SAMPLES, graph, needs_reference
from tests.unit.certification.samples import attended, snapshot

BY_JSON_SCHEMA = ("open_badges_3", "sd_jwt_vc", "snapshot")
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]


@cache
def validator(format_name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads(published(SCHEMA_OF[format_name])))


@cache
def shapes() -> Graph:
    return Graph().parse(data=published("elm-3.ttl"), format="turtle")


def by_schema(format_name: str, document: Any) -> set[int]:
    """The elements that the JSON Schema finds wrong: its allOf has one entry for each, in their order."""
    return {int(error.evaluation_path[1]) + 1 for error in validator(format_name).iter_errors(document)}


def by_shapes(document: Any) -> set[int]:
    """The elements that the SHACL shapes find wrong: each message begins with the number."""
    conforms, report, _ = pyshacl.validate(graph(document), shacl_graph=shapes(), inference="none")
    messages = [str(report.value(result, SH.resultMessage)) for result in report.objects(None, SH.result)]
    assert conforms == (not messages)
    return {int(message.partition(":")[0]) for message in messages}


def by_library(document: Any) -> set[int]:
    return {finding.element for finding in check_credential(document).findings}


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_document_is_what_it_says(name: str) -> None:
    if PUBLISHED[name] == JSON_SCHEMA:
        schema = json.loads(published(name))
        jsonschema_rs.meta.validate(schema)
        titles = [schema["$defs"][entry["$ref"].rpartition("/")[2]]["title"] for entry in schema["allOf"]]
        kind = ATTENDANCE if name in ATTENDANCE_SCHEMA_OF.values() else MICRO_CREDENTIAL
        assert titles == list(NAMES_OF[kind].values())
    else:
        assert len(shapes()) > 100


def attendance(format_name: str) -> Any:
    taken = snapshot(elements=attended(snapshot().elements))
    return json.loads(json.dumps(RENDERED[format_name](taken)))


@cache
def attendance_validator(format_name: str) -> tuple[list[int], Any]:
    schema = json.loads(published(ATTENDANCE_SCHEMA_OF[format_name]))
    numbers = [int(entry["$ref"].rpartition("-")[2]) for entry in schema["allOf"]]
    return numbers, jsonschema_rs.validator_for(schema)


def by_attendance_schema(format_name: str, document: Any) -> set[int | str]:
    """The elements of a certificate of attendance that its schema finds wrong; `type` where it is none."""
    numbers, judge = attendance_validator(format_name)
    paths = [list(error.evaluation_path) for error in judge.iter_errors(document)]
    return {numbers[int(path[1])] if path[0] == "allOf" else "type" for path in paths}


@pytest.mark.parametrize("format_name", ATTENDANCE_SCHEMA_OF)
def test_the_schema_of_attendance_accepts_attendance_and_nothing_else(format_name: str) -> None:
    assert by_attendance_schema(format_name, attendance(format_name)) == set()
    assert "type" in by_attendance_schema(format_name, rendered(format_name))
    assert by_schema(format_name, attendance(format_name)) >= {6, 8, 9}


@pytest.mark.parametrize("format_name", ATTENDANCE_SCHEMA_OF)
def test_it_agrees_with_the_library_on_the_loss_of_any_part(format_name: str) -> None:
    """Of every part that there is; JSON Schema cannot follow a result to its description."""
    whole, lost = attendance(format_name), set()
    for path in places(whole):
        if not path or "resultDescription" in path or path[-1] in {"achievementType", "document_type"}:
            continue
        document = attendance(format_name)
        take_out(document, path)
        found = by_attendance_schema(format_name, document) - {"type"}
        try:
            expected = by_library(document)
        except UnreadableError:
            continue
        if check_credential(document).document_type == ATTENDANCE:
            assert found == expected, path
            lost |= expected
    assert lost == set(NAMES_OF[ATTENDANCE]) - ({9} if format_name == "snapshot" else set())


@pytest.mark.parametrize(
    ("format_name", "path", "value", "number"),
    [
        ("open_badges_3", ("credentialSubject", "creditsEarned"), 5, 7),
        ("open_badges_3", ("credentialSubject", "achievement", "creditsAvailable"), 5, 7),
        ("snapshot", ("elements", "workload", "ects"), "5", 7),
        ("snapshot", ("elements", "workload", "hours"), 0, 7),
        ("snapshot", ("elements", "outcomes"), [{"id": "x", "title": {"en": "X"}, "state": "achieved"}], 9),
    ],
)
def test_what_attendance_may_not_state_is_found_by_both(
    format_name: str, path: tuple[str, ...], value: Any, number: int
) -> None:
    document = attendance(format_name)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert by_attendance_schema(format_name, document) == by_library(document) == {number}


@pytest.mark.parametrize("format_name", ATTENDANCE_SCHEMA_OF)
def test_what_both_kinds_have_is_said_the_same(format_name: str) -> None:
    one, other = (
        json.loads(published(names[format_name]))["$defs"] for names in (SCHEMA_OF, ATTENDANCE_SCHEMA_OF)
    )
    changed = {"element-4", "element-7", "element-9"}
    for name in (one.keys() & other.keys()) - changed:
        assert {**one[name], "title": ""} == {**other[name], "title": ""}, name


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("format_name", BY_JSON_SCHEMA)
def test_the_schema_accepts_what_is_complete(format_name: str, variant: str) -> None:
    assert by_schema(format_name, rendered(format_name, variant)) == set()


@needs_reference
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_shapes_accept_what_is_complete(variant: str) -> None:
    assert by_shapes(rendered("elm_3", variant)) == set()


@given(
    st.sampled_from(BY_JSON_SCHEMA),
    st.sets(st.sampled_from(sorted(ELEMENT_NAMES)), min_size=1),
    st.sampled_from(sorted(VARIANTS)),
)
@settings(max_examples=150)
def test_the_schema_names_exactly_the_elements_that_are_deleted(
    format_name: str, numbers: set[int], variant: str
) -> None:
    document = deleted(format_name, *numbers, variant=variant)
    assert by_schema(format_name, document) == by_library(document) == numbers


@needs_reference
@given(st.sets(st.sampled_from(sorted(ELEMENT_NAMES)), min_size=1), st.sampled_from(sorted(VARIANTS)))
@settings(max_examples=20)
def test_the_shapes_name_exactly_the_elements_that_are_deleted(numbers: set[int], variant: str) -> None:
    document = deleted("elm_3", *numbers, variant=variant)
    assert by_shapes(document) == by_library(document) == numbers


def take_out(document: Any, path: tuple[Any, ...]) -> None:
    place = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]


# What a JSON Schema cannot follow: a reference from one part of the document to another.
BEYOND_SCHEMA = {
    "open_badges_3": ("result", "resultDescription"),
    "sd_jwt_vc": (),
    "snapshot": ("assessments", "id"),
}


@given(st.sampled_from(BY_JSON_SCHEMA), st.sampled_from(sorted(VARIANTS)), st.data())
@settings(max_examples=150, suppress_health_check=QUIET)
def test_the_schema_and_the_library_agree_on_the_loss_of_any_part(
    format_name: str, variant: str, data: st.DataObject
) -> None:
    document = rendered(format_name, variant)
    for _ in range(data.draw(st.integers(1, 3))):
        there = [path for path in places(document) if not set(path) & set(BEYOND_SCHEMA[format_name])]
        take_out(document, data.draw(st.sampled_from([path for path in there if path])))
    try:
        expected = by_library(document)
    except UnreadableError:
        assume(False)
    assert by_schema(format_name, document) == expected


@needs_reference
@given(st.sampled_from(sorted(VARIANTS)), st.data())
@settings(max_examples=25, suppress_health_check=QUIET)
def test_the_shapes_and_the_library_agree_on_the_loss_of_any_part(variant: str, data: st.DataObject) -> None:
    document = rendered("elm_3", variant)
    for _ in range(data.draw(st.integers(1, 8))):
        there = [
            path for path in places(document) if len(path) > 1 and path[0] in {"issuer", "credentialSubject"}
        ]
        take_out(document, data.draw(st.sampled_from(there)))
    assert by_shapes(document) == by_library(document)


def test_a_schema_or_shape_that_forgot_an_element_would_be_found_out() -> None:
    """Negative control of the comparisons above."""
    schema = json.loads(published("sd-jwt-vc.json"))
    schema["$defs"]["element-9"] = {}
    document = deleted("sd_jwt_vc", 9)
    assert jsonschema_rs.validator_for(schema).is_valid(document)
    assert by_library(document) == by_schema("sd_jwt_vc", document) == {9}


MALFORMED: list[tuple[str, tuple[Any, ...], Any, int]] = [
    ("open_badges_3", ("credentialSubject", "achievement", "name"), " ", 2),
    ("open_badges_3", ("issuer", "address", "addressCountryCode"), "Finland", 3),
    ("open_badges_3", ("validFrom",), "yesterday", 5),
    ("open_badges_3", ("credentialSubject", "creditsEarned"), 0, 7),
    ("sd_jwt_vc", ("birthdate",), "1990", 1),
    ("sd_jwt_vc", ("learning_outcomes", 1), "", 6),
    ("sd_jwt_vc", ("expected_study_time",), "0 ECTS credits", 7),
    ("sd_jwt_vc", ("level_of_learning_experience",), 9, 8),
    ("sd_jwt_vc", ("level_of_learning_experience",), "not applicable: outside the framework", 8),
    ("snapshot", ("elements", "workload", "ects"), "2,5", 7),
    ("snapshot", ("elements", "level", "not_applicable_reason"), "outside the framework", 8),
    ("snapshot", ("elements", "participation"), "by post", 10),
    ("snapshot", ("elements", "quality_assurance", "timing"), "sometimes", 11),
]


@pytest.mark.parametrize(("format_name", "path", "value", "number"), MALFORMED)
def test_the_schema_and_the_library_agree_on_what_is_malformed(
    format_name: str, path: tuple[Any, ...], value: Any, number: int
) -> None:
    document = rendered(format_name)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert by_schema(format_name, document) == by_library(document) == {number}


@needs_reference
@pytest.mark.parametrize("name", ["unsigned", "signed"])
def test_the_shapes_say_of_the_samples_of_the_commission_what_they_lack(name: str) -> None:
    document = json.loads((SAMPLES / f"Sample-MC-Annex1-{name}.jsonld").read_text(encoding="utf-8"))
    assert by_shapes(json.loads(document["payload"]) if "payload" in document else document) == {11}


def test_codes_in_the_schema_of_the_snapshot_are_those_of_the_vocabularies() -> None:
    text = published("snapshot.json")
    for codes in (
        vocabulary.ASSESSMENT_TYPES,
        vocabulary.LEARNING_MODES,
        vocabulary.QUALITY_ASSURANCE_TYPES,
        vocabulary.QF_EHEA_CYCLES,
    ):
        assert any(sorted(found) == sorted(codes) for found in _enumerations(json.loads(text)))


def _enumerations(schema: Any) -> list[list[Any]]:
    return [value for path in places(schema) if path and path[-1] == "enum" for value in (_at(schema, path),)]


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def test_no_other_document_is_published() -> None:
    with pytest.raises(KeyError):
        published("../elements.py")
    assert set(SCHEMA_OF) == set(DELETIONS)
