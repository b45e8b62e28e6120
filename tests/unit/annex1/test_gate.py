"""CRT-01 to CRT-11, CRT-40: every mandatory element that is missing or malformed is caught, by number and name."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.annex1 import (
    ATTENDANCE,
    ELEMENT_NAMES,
    NAMES_OF,
    SOURCES,
    SOURCES_OF,
    Elements,
    Institution,
    Learner,
    Level,
    OutcomeResult,
    QualityAssurance,
    Workload,
    attended,
    check,
    dry_run,
    elements_from,
)
from tests.support.documents import agreement, offering

CLAUSE = {"issuer": "helsinki.fi", "awarding_bodies": ["helsinki.fi"]}
LEARNER = Learner("Ελένη", "Παπαδοπούλου", "1990-02-28", email="eleni@example.org")


def results(document: dict[str, Any]) -> list[OutcomeResult]:
    return [
        OutcomeResult(
            outcome=outcome,
            state="achieved",
            instrument=instrument["id"],
            type=instrument["type"],
            mode=instrument["mode"],
            supervision=instrument["supervision"],
            identity_verified=instrument["identity_verification"],
            mark="74",
            scale="grade_0_100",
        )
        for instrument in document["assessment"]["instruments"]
        for outcome in instrument["outcomes"]
    ]


def complete(**overrides: Any) -> Elements:
    document = offering(**overrides)
    return elements_from(
        document,
        agreement(),
        LEARNER,
        results(document),
        participation=document["participation"],
        issued_on=date(2026, 11, 3),
    )


def numbers(elements: Elements, clause: dict[str, Any] = CLAUSE) -> set[int]:
    return {missing.element for missing in check(elements, clause)}


def test_a_complete_document_passes_the_gate():
    assert check(complete(), CLAUSE) == ()


DELETIONS = {
    1: {"learner": Learner()},
    2: {"title": {}},
    3: {"issuer": Institution("helsinki.fi", {"en": "University of Helsinki"})},
    4: {"awarding_bodies": ()},
    5: {"issued_on": None},
    6: {"outcomes": ()},
    7: {"workload": Workload()},
    8: {"level": Level(isced_f="0521")},
    9: {"assessments": ()},
    10: {"participation": None},
    11: {"quality_assurance": QualityAssurance()},
}


@pytest.mark.parametrize("number", DELETIONS)
def test_the_deletion_of_each_element_is_caught_by_its_name(number: int):
    missing = check(replace(complete(), **DELETIONS[number]), CLAUSE)
    assert {found.element for found in missing} == {number}
    assert all(found.name == ELEMENT_NAMES[number] and found.reason and found.source for found in missing)


def test_what_is_missing_comes_from_whom_the_element_comes():
    for change in DELETIONS.values():
        for found in check(replace(complete(), **change), CLAUSE):
            assert found.source in SOURCES[found.element]


MALFORMED = [
    (1, {"learner": replace(LEARNER, date_of_birth="1990-02-30")}),
    (1, {"learner": replace(LEARNER, date_of_birth=None)}),
    (1, {"learner": replace(LEARNER, family_name="Papa\x00dopoulou")}),
    (1, {"learner": replace(LEARNER, given_name=" ", family_name="")}),
    (2, {"title": {"fi": "Kestävyys"}}),
    (2, {"title": {"en": "Sustainability", "fi": " "}}),
    (3, {"issuer": Institution("kuleuven.be", {"en": "KU Leuven"}, "BE")}),
    (3, {"issuer": Institution("helsinki.fi", {"en": "University of Helsinki"}, "Finland")}),
    (5, {"issued_on": "03.11.2026"}),
    (7, {"workload": Workload(ects="-1")}),
    (7, {"workload": Workload(ects="NaN")}),
    (7, {"workload": Workload(ects="2,5")}),
    (7, {"workload": Workload(hours=0)}),
    (8, {"level": Level(eqf=9)}),
    (8, {"level": Level(qf_ehea_cycle="fourth")}),
    (8, {"level": Level(isced_2011=9)}),
    (8, {"level": Level(eqf=7, isced_f="05-21")}),
    (8, {"level": Level(not_applicable_reason="  ")}),
    (8, {"level": Level(eqf=7, not_applicable_reason="not in the framework")}),
    (10, {"participation": "by post"}),
    (11, {"quality_assurance": replace(complete().quality_assurance, type="none")}),
    (11, {"quality_assurance": replace(complete().quality_assurance, process=None)}),
    (11, {"quality_assurance": replace(complete().quality_assurance, body="")}),
    (11, {"quality_assurance": replace(complete().quality_assurance, date="2025")}),
]


@pytest.mark.parametrize(("number", "change"), MALFORMED)
def test_a_malformed_element_is_caught(number: int, change: dict[str, Any]):
    assert numbers(replace(complete(), **change)) == {number}


def test_hours_count_where_there_are_no_credits():
    assert numbers(replace(complete(), workload=Workload(hours=60))) == set()


def test_a_recorded_reason_stands_in_for_the_level():
    """CRT-08: "if applicable" is an explicit decision, never a null."""
    level = Level(not_applicable_reason="Continuing education outside the national framework")
    assert numbers(replace(complete(), level=level)) == set()


def test_naming_one_of_two_awarding_bodies_is_a_missing_element():
    clause = {"issuer": "helsinki.fi", "awarding_bodies": ["helsinki.fi", "kuleuven.be"]}
    (missing,) = check(complete(), clause)
    assert (missing.element, missing.source) == (4, "offering")
    assert "kuleuven.be" in missing.reason


def test_a_body_that_the_agreement_does_not_list_is_refused():
    elements = complete(awarding_bodies=["helsinki.fi", "kuleuven.be"])
    assert numbers(elements) == {4}


def test_a_partner_that_may_not_award_is_no_awarding_body():
    document = offering()
    partners = [{**partner, "may_award": False} for partner in agreement()["partners"]]
    elements = elements_from(
        document,
        agreement(partners=partners),
        LEARNER,
        results(document),
        participation="online",
        issued_on=date(2026, 11, 3),
    )
    assert numbers(elements) == {4}


def test_an_outcome_without_a_final_result_is_named():
    document = offering()
    elements = elements_from(
        document,
        agreement(),
        LEARNER,
        [result for result in results(document) if result.outcome != "lo-policy"],
        participation="online",
        issued_on=date(2026, 11, 3),
    )
    (missing,) = check(elements, CLAUSE)
    assert (missing.element, missing.source) == (6, "assessment")
    assert "lo-policy" in missing.reason


def test_a_recognised_outcome_counts_as_reached():
    """AST-22: prior learning is part of the process."""
    document = offering()
    mixed = [*results(document)[1:], OutcomeResult("lo-intro", "recognised")]
    elements = elements_from(
        document, agreement(), LEARNER, mixed, participation="online", issued_on=date(2026, 11, 3)
    )
    assert check(elements, CLAUSE) == ()
    assert next(outcome.state for outcome in elements.outcomes) == "recognised"


def test_the_weakest_assessment_that_counted_sets_the_supervision():
    """CRT-13: one unsupervised essay makes the whole document unsupervised."""
    supervision = complete().supervision
    assert supervision is not None
    assert (supervision.supervision, supervision.identity_verified) == ("unsupervised", True)


def of_attendance(**changes: Any) -> Elements:
    elements = attended(complete(), complete().issuer, 24)
    return replace(elements, **changes)


def test_a_certificate_of_attendance_claims_no_outcome_no_level_and_no_credits():
    elements = of_attendance()
    assert check(elements, CLAUSE) == ()
    assert (elements.outcomes, elements.assessments, elements.grades) == ((), (), ())
    assert (elements.level, elements.workload) == (Level(), Workload(hours=24))


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (4, {"awarding_bodies": ()}),
        (7, {"workload": Workload("5", None)}),
        (7, {"workload": Workload("5", 24)}),
        (7, {"workload": Workload(None, 0)}),
        (9, {"outcomes": complete().outcomes}),
        (9, {"assessments": complete().assessments}),
        (10, {"participation": None}),
    ],
)
def test_what_a_certificate_of_attendance_lacks_is_named_as_its_own(number: int, changes: dict[str, Any]):
    missing = check(of_attendance(**changes), CLAUSE)
    assert {found.element for found in missing} == {number}
    assert all(found.name == NAMES_OF[ATTENDANCE][number] for found in missing)
    assert all(found.source in SOURCES_OF[ATTENDANCE][number] or number == 7 for found in missing)


def test_who_confirms_attendance_need_not_award_by_the_agreement():
    confirming = replace(complete().issuer, id="ucm.es", may_award=False, country=None)
    assert check(of_attendance(awarding_bodies=(confirming,)), CLAUSE) == ()


def test_a_certificate_of_attendance_is_never_called_a_micro_credential():
    assert not any("micro" in name for name in NAMES_OF[ATTENDANCE].values())


def test_elements_survive_json_unchanged():
    elements = complete()
    assert Elements.from_json(json.loads(json.dumps(elements.to_json()))) == elements


def test_the_dry_run_accepts_a_complete_offering():
    assert dry_run(offering(), agreement()) == ()


OFFERING_WITHOUT = {
    2: {"title": None},
    3: {"issuer": None},
    4: {"awarding_bodies": []},
    6: {"outcomes": []},
    7: {"workload": None},
    8: {"level": None},
    9: {"assessment": None},
    10: {"participation": None},
    11: {"quality_assurance": None},
}


@pytest.mark.parametrize("number", OFFERING_WITHOUT)
def test_the_dry_run_refuses_an_offering_that_lacks_an_element(number: int):
    missing = dry_run(offering(**OFFERING_WITHOUT[number]), agreement())
    assert number in {found.element for found in missing}


def test_the_dry_run_tries_the_type_of_every_summative_instrument():
    instruments = [*offering()["assessment"]["instruments"]]
    instruments[-1] = {**instruments[-1], "type": "staring contest"}
    (missing,) = dry_run(offering(assessment__instruments=instruments), agreement())
    assert (missing.element, missing.source) == (9, "offering")


def test_the_dry_run_survives_an_empty_draft_and_names_everything_but_the_learner():
    assert {found.element for found in dry_run({}, {})} == set(ELEMENT_NAMES) - {1, 5}


def test_an_offering_of_attendance_only_needs_no_outcomes():
    attendance = offering(tracks=["attendance"], outcomes=[], assessment=None, level=None)
    assert dry_run(attendance, agreement()) == ()
