"""What refuses the publication of an offering or agreement, by the name of the place (checks 15, 20, 23)."""

import re
from typing import Any

import pytest

from services.admission.domain.agreement_checks import agreement_problems
from services.admission.domain.documents import cycle, digest_of, numbered, with_partner
from services.admission.domain.offering_checks import offering_problems
from shared.annex1.clause import CONDITIONS, FORMATS
from shared.domain import ConflictError
from tests.support.documents import agreement, offering, offering_draft, partner

TODAY = "2026-11-02"


def problems(consortium: dict[str, Any] | None = None, **overrides: Any) -> dict[str, str]:
    found = offering_problems(offering(**overrides), consortium or agreement(), TODAY)
    return {each.pointer: each.detail for each in found}


def changed(path: str, index: int, **values: Any) -> dict[str, Any]:
    """An override that changes one item of a list of the offering."""
    place: Any = offering()
    for step in path.split("__"):
        place = place[step]
    items = [{**item, **values} if number == index else item for number, item in enumerate(place)]
    return {path: items}


def without(path: str, index: int) -> dict[str, Any]:
    place: Any = offering()
    for step in path.split("__"):
        place = place[step]
    return {path: [item for number, item in enumerate(place) if number != index]}


def test_the_example_documents_can_be_published():
    assert problems() == {}
    assert agreement_problems(agreement()) == []


REFUSED = [
    # what is wrong, where it says so, a word of what it says
    (without("assessment__instruments", 0), "/outcomes/0", "no summative instrument"),
    (
        changed("assessment__instruments", 0, purpose="formative"),
        "/outcomes/0",
        "no summative instrument",
    ),
    ({"quality_assurance": None}, "/quality_assurance", "quality-assurance decision"),
    ({"quality_assurance": {"valid_until": "2026-11-01"}}, "/quality_assurance/valid_until", "expired"),
    (changed("target_groups", 1, fee=None), "/target_groups/1/fee", "fee"),
    (changed("target_groups", 1, contract_type=None), "/target_groups/1/contract_type", "contract"),
    (
        changed("target_groups", 1, registration_profile=[]),
        "/target_groups/1/registration_profile",
        "registered",
    ),
    (
        changed("target_groups", 1, registration_profile=["uu.nl"]),
        "/target_groups/1/registration_profile/0",
        "no registration profile",
    ),
    (
        changed("target_groups", 1, registration_profile=["kuleuven.be"]),
        "/target_groups/1/registration_profile",
        "helsinki.fi",
    ),
    (
        changed("registration_profiles", 0, required_for="none"),
        "/registration_profiles/0/required_for",
        "awards",
    ),
    (changed("target_groups", 1, funding="x"), "/target_groups/1/funding", "funding sources"),
    (changed("target_groups", 1, code="partner_student"), "/target_groups/1/code", "twice"),
    ({"target_groups": []}, "/target_groups", "at least one"),
    (changed("components", 0, requires=["project"]), "/components", "circle"),
    (changed("components", 1, requires=["nothing"]), "/components/1/requires/0", "not a component"),
    (changed("components", 1, institution="uu.nl"), "/components/1/institution", "not a partner"),
    (changed("components", 1, ects="3"), "/components", "add up to 11"),
    (changed("outcomes", 1, component="nothing"), "/outcomes/1/component", "not a component"),
    (changed("outcomes", 1, id="lo-intro"), "/outcomes/1/id", "twice"),
    (changed("assessment__groups", 0, requires=["project"]), "/assessment/groups", "circle"),
    (changed("assessment__groups", 1, outcomes=["lo-intro"]), "/outcomes/0", "exactly one group"),
    (
        changed("assessment__instruments", 1, outcomes=["lo-x"]),
        "/assessment/instruments/1/outcomes/0",
        "not an outcome",
    ),
    (
        changed("assessment__instruments", 1, scale={"type": "grade_0_10", "pass": "11"}),
        "/assessment/instruments/1/scale/pass",
        "between 0 and 10",
    ),
    (
        changed("assessment__instruments", 1, scale={"type": "grade_0_100", "pass": "100.5"}),
        "/assessment/instruments/1/scale/pass",
        "between 0 and 100",
    ),
    (
        changed("assessment__instruments", 1, scale={"type": "grade_0_100", "pass": None}),
        "/assessment/instruments/1/scale/pass",
        "between 0 and 100",
    ),
    (
        changed("assessment__instruments", 1, scale={"type": "pass_or_fail", "pass": "60"}),
        "/assessment/instruments/1/scale/pass",
        "no pass mark",
    ),
    (
        {"assessment": {"confirmation": {"institutions": []}}},
        "/assessment/confirmation/institutions",
        "whose confirmers",
    ),
    (
        changed("assessment__instruments", 1, markers=2, agreement=None),
        "/assessment/instruments/1/agreement",
        "one mark",
    ),
    ({"assessment": {"timing": "scheduled"}}, "/assessment/instruments", "session"),
    ({"assessment": None}, "/assessment", "needs an assessment plan"),
    ({"tracks": ["attendance"]}, "/assessment", "no assessment plan"),
    ({"tracks": []}, "/tracks", "at least one track"),
    ({"reviewing_institution": "uu.nl"}, "/reviewing_institution", "not a partner"),
    ({"host_institution": "uu.nl"}, "/host_institution", "not a partner"),
    ({"partners": ["uu.nl"]}, "/partners/0", "not a partner"),
    ({"awarding_bodies": ["helsinki.fi", "kuleuven.be"]}, "/awarding_bodies/1", "role 'awarding'"),
    (
        changed("registration_profiles", 1, institution="helsinki.fi"),
        "/registration_profiles/1/institution",
        "twice",
    ),
    ({"admission": {"open": True}}, "/admission/rule_set/criteria", "no criteria"),
    ({"admission": {"open": True}}, "/admission/review_mode", "automatic"),
    ({"admission": {"mode": "rounds"}}, "/admission/window", "rounds"),
    (
        {
            "admission": {
                "window": {"from": "2026-11-02T00:00:00+00:00", "until": "2026-11-01T00:00:00+00:00"}
            }
        },
        "/admission/window/until",
        "closes before",
    ),
    (
        {"admission": {"capacity": {"max": 2, "min": 3, "ranking": "score"}}},
        "/admission/capacity/min",
        "exceeds",
    ),
    ({"timing": {"kind": "fixed_dates"}}, "/timing", "from"),
    (
        {"timing": {"kind": "fixed_dates", "from": "2026-03-01", "until": "2026-02-01"}},
        "/timing/until",
        "ends before",
    ),
]


@pytest.mark.parametrize(("overrides", "pointer", "word"), REFUSED)
def test_each_fault_is_refused_at_its_place(overrides: dict[str, Any], pointer: str, word: str):
    found = offering_problems(offering(**overrides), agreement(), TODAY)
    assert any(each.pointer == pointer and word in each.detail for each in found)


def test_enr_01_a_target_group_may_be_registered_at_the_awarding_university_alone():
    assert problems(**changed("target_groups", 1, registration_profile=["helsinki.fi"])) == {}
    assert problems(**changed("registration_profiles", 0, required_for="start")) == {}


def test_an_online_plan_is_not_a_single_event():
    """AST-10, check 15."""
    one = {
        "components": [],
        "outcomes": [{**offering()["outcomes"][0], "component": None}],
        "assessment__groups": [offering()["assessment"]["groups"][0]],
        "assessment__instruments": [offering()["assessment"]["instruments"][0]],
        "recognition": [],
    }
    assert "single event" in problems(**one)["/assessment/instruments"]
    assert problems(**one, assessment__online=False) == {}


@pytest.mark.parametrize(
    ("country", "ects", "accepted"), [("ES", "15", False), ("ES", "14", True), ("BE", "15", True)]
)
def test_spain_limits_the_size_of_a_micro_credential(country: str, ects: str, *, accepted: bool):
    """SHR-16, check 23."""
    consortium = agreement()
    consortium["partners"][0]["country"] = country
    found = problems(consortium, workload__ects=ects, components=[], outcomes=_loose_outcomes())
    assert ("/workload/ects" not in found) == accepted
    assert found == {} or not accepted


def _loose_outcomes() -> list[dict[str, Any]]:
    return [{**outcome, "component": None} for outcome in offering()["outcomes"]]


ELEMENTS = [
    (2, {"title": None}),
    (3, {"issuer": "kuleuven.be"}),
    (4, {"awarding_bodies": []}),
    (6, {"outcomes": []}),
    (7, {"workload__ects": None, "workload__hours": None}),
    (8, {"level": {"eqf": None, "qf_ehea_cycle": None, "isced_2011": None}}),
    (10, {"participation": None}),
    (11, {"quality_assurance": None}),
]


@pytest.mark.parametrize(("number", "overrides"), ELEMENTS)
def test_a_missing_element_refuses_publication_by_name(number: int, overrides: dict[str, Any]):
    """Check 20: the dry run of the certificate's elements."""
    if overrides.get("outcomes") == []:
        overrides = overrides | {"components": []}
    details = problems(**overrides).values()
    found = offering_problems(offering(**overrides), agreement(), TODAY)
    assert any(f"Element {number} of the certificate" in each.detail for each in found), details


def test_one_of_two_awarding_bodies_is_a_missing_element():
    """CRT-40."""
    consortium = agreement(certificate_clause__awarding_bodies=["helsinki.fi", "kuleuven.be"])
    assert "kuleuven.be awards by the agreement" in problems(consortium)["/awarding_bodies"]


AGREEMENT_FAULTS = [
    ({"governance": {"lead_university": "uu.nl"}}, "/governance/lead_university"),
    ({"governance": {"complaints_owner": "uu.nl"}}, "/governance/complaints_owner"),
    ({"governance": {"coordinators": ["uu.nl"]}}, "/governance/coordinators/0"),
    ({"certificate_clause": {"issuer": "uu.nl"}}, "/certificate_clause/issuer"),
    ({"certificate_clause": {"awarding_bodies": []}}, "/certificate_clause/awarding_bodies"),
    ({"partners": [partner("helsinki.fi"), partner("helsinki.fi")]}, "/partners/1/institution"),
    ({"partners": [partner("helsinki.fi", may_award=False)]}, "/certificate_clause/awarding_bodies/0"),
    ({"term": {"until": "2025-01-01"}}, "/term/until"),
]


@pytest.mark.parametrize(
    ("clause", "pointer", "words"),
    [
        ({"formats": ["pdf", "papyrus"]}, "/certificate_clause/formats/1", "'papyrus'.*open_badges_3.*pdf"),
        (
            {"conditions": [{"kind": "paid_in_gold"}]},
            "/certificate_clause/conditions/0/kind",
            "'paid_in_gold'.*identity_verified",
        ),
        ({"conditions": [{"kind": "supervised"}] * 2}, "/certificate_clause/conditions/1/kind", "twice"),
    ],
)
def test_d7_a_clause_that_no_certificate_could_fulfil_is_refused_by_name(
    clause: dict[str, Any], pointer: str, words: str
):
    [found] = agreement_problems(agreement(certificate_clause=clause))
    assert found.pointer == pointer
    assert re.search(words, found.detail)


def test_d7_every_format_and_condition_that_certification_knows_can_be_agreed():
    clause = {"formats": sorted(FORMATS), "conditions": [{"kind": kind} for kind in sorted(CONDITIONS)]}
    assert agreement_problems(agreement(certificate_clause=clause)) == []


@pytest.mark.parametrize(("overrides", "pointer"), AGREEMENT_FAULTS)
def test_each_fault_of_an_agreement_is_refused_at_its_place(overrides: dict[str, Any], pointer: str):
    assert pointer in {each.pointer for each in agreement_problems(agreement(**overrides))}


def test_a_partner_joins_by_addendum_and_nothing_earlier_changes():
    """SHR-03, check 25."""
    before = agreement()
    kept = digest_of(before)
    after = with_partner(before, partner("uj.edu.pl", country="PL"), TODAY)
    assert digest_of(before) == kept == before["digest"]
    assert after["version"] == 2
    assert after["digest"] != kept
    assert after["partners"][:-1] == before["partners"]
    rest = {"version", "digest", "partners"}
    assert {k: v for k, v in after.items() if k not in rest} == {
        k: v for k, v in before.items() if k not in rest
    }


@pytest.mark.parametrize(
    ("consortium", "word"),
    [
        (agreement(addendum_allowed=False), "addendum"),
        (agreement(term__until="2026-11-01"), "ended"),
    ],
)
def test_no_addendum_where_the_agreement_does_not_allow_it(consortium: dict[str, Any], word: str):
    with pytest.raises(ConflictError, match=word):
        with_partner(consortium, partner("uj.edu.pl"), TODAY)
    with pytest.raises(ConflictError, match="already"):
        with_partner(agreement(), partner("helsinki.fi"), TODAY)


def test_the_digest_covers_everything_but_itself():
    assert numbered(offering_draft(), 1) == offering()
    assert numbered(offering_draft(), 2)["digest"] != offering()["digest"]
    assert digest_of({**offering(), "digest": "other"}) == offering()["digest"]


def test_circles_are_found_and_diamonds_are_not():
    assert cycle({"a": ["b"], "b": ["c"], "c": ["a"]}) == ["a", "b", "c", "a"]
    assert cycle({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) == []
    assert cycle({"a": ["a"]}) == ["a", "a"]
