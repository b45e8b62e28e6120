"""What refuses the publication of an agreement's rules of stacking, by the name of the place (CRT-24, CRT-25)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import marshmallow as ma
import pytest

from services.admission.api.stacking_schema import StackingRule
from services.admission.domain.stacking_checks import DEEPEST, stacking_problems
from tests.support.documents import agreement, offering
from tests.support.stacking import rule

SUSTAINABILITY = offering()
URBAN = offering(
    id="urban-climate", issuer="kuleuven.be", workload={"ects": "5", "hours": 130}, level={"eqf": 6}
)
KNOWN = {"sustainability": SUSTAINABILITY, "urban-climate": URBAN}
BOTH = ["sustainability", "urban-climate"]
LEAF = {"kind": "offering", "offering": "sustainability"}


def problems(
    *rules: dict[str, Any],
    offerings: Mapping[str, Any] = KNOWN,
    before: Mapping[str, Any] = MappingProxyType({}),
    **changes: Any,
) -> dict[str, str]:
    consortium = agreement(stacking=list(rules), **changes)
    return {each.pointer: each.detail for each in stacking_problems(consortium, offerings, before)}


def requirement(**members: Any) -> dict[str, Any]:
    return StackingRule().load(rule(members))["requirement"]  # type: ignore[no-any-return]


def test_the_example_can_be_published() -> None:
    assert problems(rule()) == {}
    assert StackingRule().load(rule()) == rule()


def test_an_agreement_from_before_there_were_rules_has_none() -> None:
    assert list(stacking_problems(agreement(), {}, {})) == []


NESTED: dict[str, Any] = LEAF
for _ in range(DEEPEST):
    NESTED = {"kind": "all", "of": [NESTED]}

IMPOSSIBLE = [
    # the requirement, where it says so, a word of what it says
    (requirement(kind="offering", offering="nothing"), "/offering", "no published offering"),
    (requirement(kind="all", of=[LEAF, LEAF]), "/of/1", "twice"),
    (requirement(kind="any", count=2, of=[LEAF]), "/count", "2 of 1 can never be"),
    (
        requirement(kind="credits", at_least="15.001", offerings=BOTH),
        "/at_least",
        "15.001 ECTS can never be: the offerings named have 15",
    ),
    (requirement(kind="credits", at_least="0", offerings=BOTH), "/at_least", "more than nothing"),
    (
        requirement(kind="credits", at_least="11", level=7, offerings=BOTH),
        "/at_least",
        "the offerings named have 10",
    ),
    (requirement(kind="level", level=7, count=2, offerings=BOTH), "/count", "1 of the offerings"),
    (requirement(kind="credits", at_least="1", offerings=["nothing"]), "/offerings/0", "no published"),
    (
        requirement(
            kind="outcomes", outcomes=[{"offering": "sustainability", "outcome": "lo-x"}], offerings=BOTH
        ),
        "/outcomes/0",
        "no outcome",
    ),
    (
        requirement(
            kind="outcomes",
            outcomes=[{"offering": "sustainability", "outcome": "lo-intro"}],
            offerings=["urban-climate"],
        ),
        "/outcomes/0",
        "among the offerings named",
    ),
    (
        requirement(kind="outcomes", skills=["http://data.europa.eu/esco/skill/none"], offerings=BOTH),
        "/skills/0",
        "has the skill",
    ),
    (requirement(kind="outcomes", offerings=BOTH), "", "at least one outcome"),
    (requirement(**NESTED), "/of/0" * DEEPEST, f"depth of {DEEPEST}"),
]


@pytest.mark.parametrize(("wanted", "where", "word"), IMPOSSIBLE)
def test_a_requirement_that_can_never_be_is_refused(wanted: dict[str, Any], where: str, word: str) -> None:
    found = problems(rule(wanted))
    assert word in found.get(f"/stacking/0/requirement{where}", ""), found
    inside = problems(rule({"kind": "any", "count": 1, "of": [LEAF, wanted]}))
    assert any("/of/1" in pointer for pointer in inside), "inside another requirement too"


def test_the_exact_sum_of_all_credits_can_be_asked_for() -> None:
    assert problems(rule(requirement(kind="credits", at_least="15.000", offerings=BOTH))) == {}


REFUSED = [
    (rule(deciding_body="uu.nl"), {}, "/stacking/0/deciding_body", "not among the agreement's partners"),
    (rule(id="sustainability"), {}, "/stacking/0/id", "is an offering"),
    (
        rule(),
        {"offerings": {**KNOWN, "urban-climate": offering(id="urban-climate", issuer="uu.nl")}},
        "/stacking/0/requirement/of/1/offering",
        "issued by uu.nl, which is no partner",
    ),
    (
        rule(),
        {"offerings": {**KNOWN, "urban-climate": offering(id="urban-climate", tracks=["attendance"])}},
        "/stacking/0/requirement/of/1/offering",
        "not assessed",
    ),
    (
        rule(),
        {
            "offerings": {
                "sustainability": offering(workload={"ects": "5", "hours": None}),
                "urban-climate": offering(workload={"ects": None, "hours": 5}),
            }
        },
        "/stacking/0/requirement",
        "Element 7",
    ),
]


@pytest.mark.parametrize(("wrong", "world", "where", "word"), REFUSED)
def test_a_rule_that_nobody_could_follow_is_refused(
    wrong: dict[str, Any], world: dict[str, Any], where: str, word: str
) -> None:
    found = problems(wrong, **world)
    assert word in found.get(where, ""), found


def test_who_may_not_award_decides_nothing() -> None:
    partners = [{**partner, "may_award": False} for partner in agreement()["partners"]]
    assert "may not award" in problems(rule(), partners=partners)["/stacking/0/deciding_body"]


@pytest.mark.parametrize(
    ("member", "value", "where", "element"),
    [
        ("title", {}, "/title/en", 2),
        ("level", dict.fromkeys(rule()["award"]["level"]), "/level", 8),
        ("participation", None, "/participation", 10),
        ("quality_assurance", None, "/quality_assurance/type", 11),
    ],
)
def test_an_element_that_the_parts_cannot_supply_is_missed_by_name(
    member: str, value: Any, where: str, element: int
) -> None:
    found = problems(rule(award={**rule()["award"], member: value}))
    assert f"Element {element} of the larger certificate" in found.get(f"/stacking/0/award{where}", ""), found


def test_a_rule_that_changes_gets_a_higher_version() -> None:
    before = {"green-transition": rule()}
    assert problems(rule(), before=before) == {}, "an unchanged rule keeps its version"
    changed = rule(entails={"en": "Nothing."})
    assert "raise its version" in problems(changed, before=before)["/stacking/0/version"]
    assert problems({**changed, "version": 2}, before=before) == {}


def test_two_rules_of_one_id_are_refused() -> None:
    assert "twice" in problems(rule(), rule())["/stacking/1/id"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "some", "of": [LEAF]},
        {"kind": ["all"], "of": [LEAF]},
        {"of": [LEAF]},
        "all",
        {"kind": "all", "of": []},
        {"kind": "any", "count": 0, "of": [LEAF]},
        {"kind": "credits", "at_least": "-1", "offerings": BOTH},
        {"kind": "credits", "at_least": "NaN", "offerings": BOTH},
        {"kind": "all", "of": [{**LEAF, "more": 1}]},
    ],
)
def test_what_is_no_requirement_is_refused_at_the_door(wrong: Any) -> None:
    with pytest.raises(ma.ValidationError) as refused:
        StackingRule().load({**rule(), "requirement": wrong})
    assert list(refused.value.messages) == ["requirement"]  # type: ignore[arg-type]
