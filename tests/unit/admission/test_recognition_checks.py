"""Pre-agreed recognition (CRT-42): a publication is refused by the programme and place that cannot be."""

from typing import Any

import pytest

from services.admission.api.agreement_schema import AgreementDraft
from services.admission.api.offering_schema import OfferingDraft
from services.admission.domain.offering_checks import offering_problems
from services.admission.domain.recognition_checks import criteria_problems
from tests.support.documents import agreement, agreement_draft, offering, offering_draft

TODAY = "2026-11-02"
ENTRY: dict[str, Any] = {
    "institution": "kuleuven.be",
    "programme": {"en": "Master of Sustainable Development"},
    "credits": "5",
    "outcomes": ["lo-intro"],
    "criteria": None,
}
REFUSED = [
    ({"institution": "uu.nl"}, "institution", "'uu.nl' is not a partner"),
    ({"outcomes": ["lo-intro", "lo-x"]}, "outcomes/1", "'lo-x' is not an outcome"),
    ({"credits": "10.5"}, "credits", "10.5 ECTS of an offering that has 10"),
    ({"credits": "0"}, "credits", "nothing"),
    ({"programme": {}}, "programme", "Name the programme"),
]


def problems(*entries: dict[str, Any], **overrides: Any) -> dict[str, str]:
    document = offering(recognition=[{**ENTRY, **entry} for entry in entries], **overrides)
    return {each.pointer: each.detail for each in offering_problems(document, agreement(), TODAY)}


def test_what_is_agreed_can_be_published():
    assert problems({}, {"programme": {"en": "Bachelor of Geography"}, "credits": "10"}) == {}
    assert problems({"credits": None, "outcomes": []}) == {}


@pytest.mark.parametrize(("change", "place", "told"), REFUSED)
def test_what_cannot_be_is_refused_by_its_place(change: dict[str, Any], place: str, told: str):
    found = problems({"programme": {"en": "Bachelor of Geography"}}, change)
    assert list(found) == [f"/recognition/1/{place}"]
    assert told in found[f"/recognition/1/{place}"]


def test_one_programme_answers_once():
    assert "twice" in problems({}, {"credits": "2"})["/recognition/1/programme"]


def test_no_credits_of_an_offering_without_any():
    assert "none" in problems({}, workload={"ects": None, "hours": 30})["/recognition/0/credits"]


def test_a_draft_of_before_names_no_outcomes():
    entry = {"institution": "kuleuven.be", "programme": {"en": "Geography"}, "credits": "5"}
    assert not offering_problems(offering(recognition=[entry]), agreement(), TODAY)


def test_the_documents_have_a_place_for_what_is_agreed():
    clause = {
        "criteria": {"version": "2026-1", "text": {"en": "Outcomes, level, workload and quality."}},
        "appeal": {"en": "To the rector within 30 days."},
        "foreign": {"issuers": ["did:web:uu.nl"], "eqf": 6, "credits": "10"},
    }
    loaded = AgreementDraft().load(agreement_draft(recognition_clause=clause))
    assert loaded["recognition_clause"] == {**clause, "decide_within": "P30D"}
    without = {name: value for name, value in agreement_draft().items() if name != "recognition_clause"}
    assert AgreementDraft().load(without)["recognition_clause"] is None
    (entry,) = OfferingDraft().load(offering_draft(recognition=[ENTRY]))["recognition"]
    assert entry == ENTRY


def test_criteria_that_changed_have_another_version():
    def clause(version: str, text: str) -> dict[str, Any]:
        return {"recognition_clause": {"criteria": {"version": version, "text": {"en": text}}}}

    (problem,) = criteria_problems(clause("1", "stricter"), clause("1", "strict"))
    assert problem.pointer == "/recognition_clause/criteria/version"
    for new in (clause("2", "stricter"), clause("1", "strict"), {"recognition_clause": None}, {}):
        assert not list(criteria_problems(new, clause("1", "strict")))
    assert not list(criteria_problems(clause("1", "strict"), None))


@pytest.mark.parametrize(
    ("member", "value"), [("issuers", ["nobody in particular"]), ("eqf", 9), ("credits", "many")]
)
def test_a_rule_for_certificates_from_elsewhere_is_said_in_known_words(member: str, value: Any):
    clause = {
        "criteria": {"version": "1", "text": {"en": "x"}},
        "appeal": {"en": "x"},
        "foreign": {member: value},
    }
    errors = AgreementDraft().validate(agreement_draft(recognition_clause=clause))
    assert list(errors["recognition_clause"]["foreign"]) == [member]
