"""CRT-43, ADM-32: what a decision has to say, and which certificates from elsewhere may count."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.recognition_rules import (
    GROUNDS,
    OUTCOMES,
    ForeignRule,
    Ground,
    Limits,
    Ruling,
    foreign_objections,
    grounds_said,
    positive_objections,
    ruling_problems,
)

WHY = (Ground("workload", "two credits of laboratory work are missing"),)
AGREED = Limits("5", "10", ("lo-a", "lo-b"))
CERTIFIED = Limits(None, "10")
HOURS_ONLY = Limits()
YES = Ruling("recognised", "Elective in the Master", "5", ("lo-a",))
PARTLY = Ruling("partly_recognised", "Elective in the Master", "3", (), WHY)
NO = Ruling("refused", grounds=WHY)


def places(ruling: Ruling, limits: Limits = AGREED) -> list[str]:
    return [problem.pointer for problem in ruling_problems(ruling, limits)]


@pytest.mark.parametrize("ruling", [YES, PARTLY, NO])
def test_what_is_said_in_full_is_a_decision(ruling: Ruling) -> None:
    assert not places(ruling)


REFUSED = [
    (replace(YES, credits="4"), AGREED, "/credits"),
    (replace(YES, credits=None), AGREED, "/credits"),
    (replace(YES, credits="11", outcomes=()), CERTIFIED, "/credits"),
    (replace(YES, credits="1", outcomes=()), HOURS_ONLY, "/credits"),
    (replace(YES, recognised_as=None), AGREED, "/recognised_as"),
    (replace(YES, outcomes=("lo-a", "lo-c")), AGREED, "/outcomes/1"),
    (replace(PARTLY, credits="5"), AGREED, "/credits"),
    (replace(PARTLY, credits="0"), AGREED, "/credits"),
    (replace(PARTLY, credits=None), AGREED, "/credits"),
    (replace(PARTLY, credits="1"), HOURS_ONLY, "/credits"),
    (replace(PARTLY, grounds=()), AGREED, "/grounds"),
    (replace(NO, grounds=()), AGREED, "/grounds"),
    (replace(NO, credits="1"), AGREED, "/credits"),
    (replace(NO, recognised_as="Elective"), AGREED, "/recognised_as"),
    (replace(YES, outcomes=()), replace(AGREED, exempting=True), "/outcomes"),
]


@pytest.mark.parametrize(("ruling", "limits", "place"), REFUSED)
def test_what_is_missing_or_too_much_is_refused_by_its_place(
    ruling: Ruling, limits: Limits, place: str
) -> None:
    assert places(ruling, limits) == [place]


def test_without_credits_recognition_is_of_the_whole() -> None:
    assert not places(replace(YES, credits=None, outcomes=()), HOURS_ONLY)
    assert not places(replace(PARTLY, credits=None), HOURS_ONLY)


@given(
    st.sampled_from(OUTCOMES),
    st.sampled_from([None, "Elective"]),
    st.sampled_from([None, "0", "3", "5", "10", "11"]),
    st.sampled_from([WHY, ()]),
    st.sampled_from([AGREED, CERTIFIED, HOURS_ONLY]),
)
def test_no_decision_gives_more_than_there_is_or_takes_without_grounds(
    outcome: str, named: str | None, points: str | None, grounds: tuple[Ground, ...], limits: Limits
) -> None:
    ruling = Ruling(outcome, named, points, (), grounds)
    if ruling_problems(ruling, limits):
        return
    most = limits.most
    assert ruling.credits is None or (most is not None and 0 < float(ruling.credits) <= most)
    assert ruling.grounds or (
        outcome == "recognised" and (most is None or float(ruling.credits or 0) == most)
    )


RULE = ForeignRule(("did:web:uu.nl",), 6, "10")
FOREIGN = [
    (None, {"did:web:uu.nl"}, 7, "5", "does not provide"),
    (RULE, {"did:web:other.example"}, 7, "5", "issuer"),
    (RULE, {"did:web:uu.nl"}, 5, "5", "level 5"),
    (RULE, {"did:web:uu.nl"}, None, "5", "no level"),
    (RULE, {"did:web:uu.nl"}, 6, "10.5", "10.5 ECTS"),
]


@pytest.mark.parametrize(("rule", "issuers", "eqf", "points", "told"), FOREIGN)
def test_the_agreement_says_which_certificates_from_elsewhere_may_count(
    rule: ForeignRule | None, issuers: set[str], eqf: int | None, points: str, told: str
) -> None:
    (objection,) = foreign_objections(rule, frozenset(issuers), eqf, points)
    assert told in objection


def test_one_that_the_rule_covers_meets_no_objection() -> None:
    assert not foreign_objections(RULE, frozenset({"did:web:uu.nl", "x"}), 6, "10")
    assert not foreign_objections(ForeignRule(), frozenset({"did:key:z6Mk"}), None, None)


@pytest.mark.parametrize("verdict", ["not_valid", "could_not_be_checked", None])
def test_nothing_counts_that_could_not_be_shown_to_be_authentic(verdict: str | None) -> None:
    assert positive_objections(verdict, ())


def test_what_is_authentic_counts_unless_the_rule_says_otherwise() -> None:
    assert not positive_objections("valid", ())
    assert not positive_objections("valid_with_remark", ())
    assert positive_objections("valid", ("too small",)) == ("too small",)


def test_every_ground_is_said_in_words() -> None:
    said = grounds_said(tuple(Ground(code, "because") for code in GROUNDS))
    assert [each["says"] for each in said] == list(GROUNDS.values())
