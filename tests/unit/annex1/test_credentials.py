"""CRT-01 to CRT-16 and CRT-40 for any credential: what it lacks is named, in every format."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.annex1 import ATTENDANCE, ELEMENT_NAMES, NAMES_OF
from shared.annex1.report import check_credential, table
from tests.unit.annex1.credentials import (
    DELETIONS,
    REFERENCE,
    RENDERED,
    VARIANTS,
    Document,
    deleted,
    found,
    gone,
    lacking,
    rendered,
    without_alignments,
)
from tests.unit.certification.samples import attended, snapshot

SAMPLES = REFERENCE / "elm" / "samples"
needs_reference = pytest.mark.skipif(not REFERENCE.exists(), reason="no reference data")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("format_name", RENDERED)
def test_every_certificate_of_ours_is_complete_in_every_format(format_name: str, variant: str) -> None:
    report = check_credential(rendered(format_name, variant))
    assert report.findings == ()
    assert (report.format, report.complete) == (format_name, True)


@pytest.mark.parametrize("number", ELEMENT_NAMES)
@pytest.mark.parametrize("format_name", DELETIONS)
def test_the_deletion_of_any_element_is_caught_by_its_name(format_name: str, number: int) -> None:
    report = check_credential(deleted(format_name, number))
    assert lacking(report) == {number}
    assert {finding.name for finding in report.findings} == {ELEMENT_NAMES[number]}
    assert all(finding.reason and finding.pointer.startswith("/") for finding in report.findings)
    assert report.state(number) == "missing"


@given(
    st.sampled_from(sorted(DELETIONS)),
    st.sets(st.sampled_from(sorted(ELEMENT_NAMES))),
    st.sampled_from(sorted(VARIANTS)),
)
@settings(max_examples=150)
def test_any_set_of_elements_that_is_deleted_is_named_and_no_other(
    format_name: str, numbers: set[int], variant: str
) -> None:
    assert found(deleted(format_name, *numbers, variant=variant)) == numbers


@pytest.mark.parametrize("format_name", DELETIONS)
def test_one_of_two_awarding_bodies_is_not_enough(format_name: str) -> None:
    """CRT-40: the agreement's list may name bodies by id or by name in any language; all have to be there."""
    both = rendered(format_name, "several bodies")
    assert found(both, "helsinki.fi", "kuleuven.be") == set()
    assert found(both, "university of helsinki", "KU Leuven") == set()
    assert found(both) == set()
    only = check_credential(rendered(format_name), ["helsinki.fi", "KU Leuven"])
    assert [(finding.element, finding.problem) for finding in only.findings] == [(4, "missing")]
    assert "KU Leuven awards by the agreement but is not named" in only.findings[0].reason
    stranger = check_credential(both, ["helsinki.fi"])
    assert [(finding.element, finding.problem) for finding in stranger.findings] == [(4, "malformed")]


@pytest.mark.parametrize("format_name", DELETIONS)
def test_a_recorded_reason_stands_for_a_level(format_name: str) -> None:
    """CRT-08: "if applicable" has to be answered."""
    report = check_credential(rendered(format_name, "no level"))
    assert (report.state(8), report.complete) == ("not_applicable", True)
    assert check_credential(rendered(format_name)).state(8) == "present"


@pytest.mark.parametrize("format_name", DELETIONS)
def test_optional_elements_are_named_where_they_are(format_name: str) -> None:
    # The Commission's profile asks for a grade of every assessment; what is no degree says so in a note.
    always = ("grade achieved", "further information") if format_name == "elm_3" else ()
    assert check_credential(rendered(format_name, "nothing optional")).optional == always
    assert check_credential(rendered(format_name)).optional == (
        "prerequisites needed to enrol",
        "supervision and identity verification during assessment",
        "grade achieved",
        "integration or stackability options",
        "further information",
    )


@needs_reference
@pytest.mark.parametrize("name", ["unsigned", "signed"])
def test_the_samples_of_the_commission_lack_quality_assurance(name: str) -> None:
    report = check_credential((SAMPLES / f"Sample-MC-Annex1-{name}.jsonld").read_text(encoding="utf-8"))
    assert [(finding.element, finding.name, finding.problem) for finding in report.findings] == [
        (11, "type of quality assurance", "missing")
    ]
    assert report.findings[0].pointer == "/credentialSubject/hasClaim/specifiedBy/accreditation"
    assert len(report.optional) == 4


MALFORMED: list[tuple[str, int, str, Any]] = [
    ("open_badges_3", 2, "/credentialSubject/achievement/name", "  "),
    ("open_badges_3", 3, "/issuer/address/addressCountryCode", "Finland"),
    ("open_badges_3", 5, "/validFrom", "2026-02-30T10:00:00Z"),
    ("open_badges_3", 7, "/credentialSubject/creditsEarned", 0),
    ("open_badges_3", 7, "/credentialSubject/creditsEarned", "ten"),
    ("elm_3", 1, "/credentialSubject/dateOfBirth", "28.02.1990"),
    ("elm_3", 2, "/credentialSubject/hasClaim/title", {"en": "Sustain\u0000ability"}),
    ("elm_3", 3, "/issuer/location/address/countryCode", {"id": "https://example.org/finland"}),
    ("elm_3", 7, "/credentialSubject/hasClaim/specifiedBy/creditPoint/point", "many"),
    ("elm_3", 7, "/credentialSubject/hasClaim/specifiedBy/volumeOfLearning", "6 months"),
    ("elm_3", 8, "/credentialSubject/hasClaim/specifiedBy/eqfLevel/id", "http://data.europa.eu/snb/eqf/9"),
    ("elm_3", 11, "/credentialSubject/hasClaim/specifiedBy/accreditation/dcType", {"type": "Concept"}),
    ("sd_jwt_vc", 1, "/birthdate", 19900228),
    ("sd_jwt_vc", 3, "/issuing_country", "fi"),
    ("sd_jwt_vc", 5, "/date_of_issuance", "3 November 2026"),
    ("sd_jwt_vc", 6, "/learning_outcomes", ["Explain", 7]),
    ("sd_jwt_vc", 7, "/expected_study_time", "0 ECTS credits"),
    ("sd_jwt_vc", 7, "/expected_study_time", "a while"),
    ("sd_jwt_vc", 8, "/level_of_learning_experience", 9),
    ("sd_jwt_vc", 8, "/level_of_learning_experience", "not applicable: "),
    ("sd_jwt_vc", 10, "/form_of_participation", {"id": 1}),
    ("snapshot", 7, "/elements/workload/ects", "-1"),
    ("snapshot", 7, "/elements/workload/hours", True),
    ("snapshot", 8, "/elements/level/eqf", "seven"),
    ("snapshot", 10, "/elements/participation", "by post"),
    ("snapshot", 11, "/elements/quality_assurance/process", "none"),
]


@pytest.mark.parametrize(("format_name", "number", "pointer", "value"), MALFORMED)
def test_a_malformed_element_is_told_from_a_missing_one(
    format_name: str, number: int, pointer: str, value: Any
) -> None:
    document = rendered(format_name)
    *path, last = pointer.removeprefix("/").split("/")
    place = document
    for step in path:
        place = place[step]
    place[last] = value
    report = check_credential(document)
    assert lacking(report) == {number}
    assert report.state(number) == "malformed"


def test_a_level_and_a_reason_for_none_contradict_each_other() -> None:
    document = rendered("sd_jwt_vc", "no level") | {"qf_ehea_cycle": "second"}
    report = check_credential(document)
    assert [(finding.element, finding.problem) for finding in report.findings] == [(8, "malformed")]


def attendance(format_name: str) -> Document:
    taken = snapshot(elements=attended(snapshot().elements))
    document: Document = json.loads(json.dumps(RENDERED[format_name](taken)))
    return document


OF_ATTENDANCE = ("open_badges_3", "elm_3", "snapshot")


@pytest.mark.parametrize("format_name", OF_ATTENDANCE)
def test_a_certificate_of_attendance_is_known_as_one(format_name: str) -> None:
    report = check_credential(attendance(format_name), ["an agreement's list is of those who award"])
    assert (report.document_type, report.findings) == (ATTENDANCE, ())
    assert [report.state(number) for number in (4, 6, 8, 9)] == [
        "present",
        "not_required",
        "not_required",
        "present",
    ]
    said = "\n".join(table(report))
    assert "certificate of attendance: complete" in said
    assert "institution that confirms the attendance" in said
    assert "title of the micro-credential" not in said


def _without_narrative(document: Document) -> None:
    document["credentialSubject"]["achievement"]["criteria"]["narrative"] = "Come and see."


ATTENDANCE_DELETIONS: dict[tuple[str, int], Any] = {
    ("open_badges_3", 1): DELETIONS["open_badges_3"][1],
    ("open_badges_3", 2): DELETIONS["open_badges_3"][2],
    ("open_badges_3", 3): DELETIONS["open_badges_3"][3],
    ("open_badges_3", 4): without_alignments("ConfirmingBody"),
    ("open_badges_3", 5): DELETIONS["open_badges_3"][5],
    ("open_badges_3", 7): DELETIONS["open_badges_3"][7],
    ("open_badges_3", 9): _without_narrative,
    ("open_badges_3", 10): DELETIONS["open_badges_3"][10],
    ("open_badges_3", 11): DELETIONS["open_badges_3"][11],
    ("elm_3", 1): DELETIONS["elm_3"][1],
    ("elm_3", 2): DELETIONS["elm_3"][2],
    ("elm_3", 3): DELETIONS["elm_3"][3],
    ("elm_3", 5): DELETIONS["elm_3"][5],
    ("elm_3", 7): gone("/credentialSubject/hasClaim/workload"),
    ("elm_3", 9): gone("/credentialSubject/hasClaim/additionalNote"),
    ("elm_3", 10): gone("/credentialSubject/hasClaim/specifiedBy/mode"),
    ("elm_3", 11): gone("/credentialSubject/hasClaim/awardedBy/awardingBody/accreditation"),
    ("snapshot", 4): gone("/elements/awarding_bodies"),
    ("snapshot", 7): gone("/elements/workload"),
    ("snapshot", 10): gone("/elements/participation"),
}


@pytest.mark.parametrize(("format_name", "number"), ATTENDANCE_DELETIONS)
def test_what_is_taken_out_of_one_is_named(format_name: str, number: int) -> None:
    document = attendance(format_name)
    ATTENDANCE_DELETIONS[format_name, number](document)
    report = check_credential(document)
    assert {(finding.element, finding.name) for finding in report.findings} == {
        (number, NAMES_OF[ATTENDANCE][number])
    }


def test_credits_in_one_are_found() -> None:
    document = attendance("open_badges_3")
    document["credentialSubject"]["creditsEarned"] = 5
    report = check_credential(document)
    assert [(finding.element, finding.problem) for finding in report.findings] == [(7, "malformed")]


def test_the_report_says_it_all_to_machines_and_to_people() -> None:
    report = check_credential(deleted("open_badges_3", 11))
    told = report.to_json()
    assert (told["format"], told["document_type"], told["complete"]) == (
        "open_badges_3",
        "micro_credential",
        False,
    )
    assert [element["state"] for element in told["elements"]] == ["present"] * 10 + ["missing"]
    assert told["missing"] == [
        {
            "element": 11,
            "name": "type of quality assurance",
            "problem": "missing",
            "reason": "no type of quality assurance is stated",
            "pointer": "/credentialSubject/achievement/alignment",
        }
    ]
    lines = list(table(report))
    assert lines[0].startswith("Open Badges 3.0, micro credential: 1 of its mandatory elements")
    assert any(line.split()[:5] == ["11", "type", "of", "quality", "assurance"] for line in lines)
    assert any("grade achieved" in line for line in lines)
