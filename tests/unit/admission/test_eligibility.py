"""ADM-02 to ADM-08, ADM-11, ADM-25; checks 1 and 2 of practice.md."""

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.admission.domain.criteria import BY_PERSON, UNVERIFIED, Criterion, Evidence
from services.admission.domain.eligibility import (
    ELIGIBLE,
    ELIGIBLE_WITH_CONDITIONS,
    INELIGIBLE,
    INSUFFICIENT_EVIDENCE,
    MET,
    MET_BY_ALTERNATIVE,
    NOT_MET,
    UNDETERMINED,
    WAIVED,
    CriterionResult,
    Inputs,
    Proposal,
    evaluate,
)
from services.admission.domain.kinds import CRITERION_KINDS
from tests.support.documents import offering

TODAY = date(2026, 11, 2)
RULES = tuple(
    Criterion.from_document(criterion) for criterion in offering()["admission"]["rule_set"]["criteria"]
)


def criterion(
    kind: str, params: dict[str, Any], accepted: tuple[str, ...] = ("proof",), **rest: Any
) -> Criterion:
    return Criterion("c", kind, params, frozenset(accepted), **{"verification": "document", **rest})


def proof(kind: str = "proof", verification: str = BY_PERSON, **facts: Any) -> Evidence:
    tied = facts.pop("criterion", None)
    until = facts.pop("valid_until", None)
    return Evidence(f"{kind}-{sorted(facts)}", kind, facts, verification, until, tied)


def propose(rules: tuple[Criterion, ...], *evidence: Evidence, **rest: Any) -> Proposal:
    inputs = Inputs(**{"target_group": "professional", "evidence": evidence, "as_of": TODAY, **rest})
    return evaluate("1", rules, inputs)


def result(rule: Criterion, *evidence: Evidence, **rest: Any) -> CriterionResult:
    return propose((rule,), *evidence, **rest).results[0]


LANGUAGE = RULES[0]

CASES = [
    # kind, params, facts, expected outcome
    ("language", {"language": "en", "level": "B2"}, {"language": "en", "cefr": "C1"}, MET),
    ("language", {"language": "en", "level": "B2"}, {"language": "en", "cefr": "B2"}, MET),
    ("language", {"language": "en", "level": "B2"}, {"language": "en", "cefr": "B1"}, NOT_MET),
    ("language", {"language": "en", "level": "B2"}, {"language": "fr", "cefr": "C2"}, INSUFFICIENT_EVIDENCE),
    ("language", {"language": "en", "level": "B2"}, {"language": "en"}, INSUFFICIENT_EVIDENCE),
    (
        "language",
        {"language": "en", "level": "B1", "skills": {"reading": "B2", "writing": "B1"}},
        {"language": "en", "skills": {"reading": "C1", "writing": "B1"}},
        MET,
    ),
    (
        "language",
        {"language": "en", "level": "B1", "skills": {"reading": "B2", "writing": "B1"}},
        {"language": "en", "skills": {"reading": "B1", "writing": "B2"}},
        NOT_MET,
    ),
    (
        "language",
        {"language": "en", "level": "B1", "skills": {"reading": "B2"}},
        {"language": "en", "cefr": "C2"},
        INSUFFICIENT_EVIDENCE,
    ),
    ("qualification_level", {"eqf": 6}, {"eqf": 7}, MET),
    ("qualification_level", {"eqf": 6}, {"eqf": 5}, NOT_MET),
    ("qualification_level", {"eqf": 6}, {"country": "UA"}, INSUFFICIENT_EVIDENCE),
    ("qualification_level", {"eqf": 6, "isced_f": ["07"]}, {"eqf": 6, "isced_f": "0714"}, MET),
    ("qualification_level", {"eqf": 6, "isced_f": ["07"]}, {"eqf": 6, "isced_f": "0231"}, NOT_MET),
    ("qualification_level", {"eqf": 6, "isced_f": ["07"]}, {"eqf": 6}, INSUFFICIENT_EVIDENCE),
    ("prior_knowledge", {"isced_f": ["0714"], "ects": "5"}, {"isced_f": "0714", "ects": "7.5"}, MET),
    ("prior_knowledge", {"isced_f": ["0714"], "ects": "5"}, {"isced_f": "0714", "ects": "3"}, NOT_MET),
    ("prior_knowledge", {"isced_f": ["0714"], "ects": "5"}, {"isced_f": "0714"}, INSUFFICIENT_EVIDENCE),
    ("prior_knowledge", {"esco": ["urn:a", "urn:b"]}, {"esco": ["urn:b"]}, MET),
    ("prior_knowledge", {"subject": "Logic"}, {"passed": True, "criterion": "c"}, MET),
    ("prior_knowledge", {"subject": "Logic"}, {"passed": False, "criterion": "c"}, NOT_MET),
    ("prior_knowledge", {"subject": "Logic"}, {"passed": True}, INSUFFICIENT_EVIDENCE),
    ("prior_knowledge", {"subject": "Logic"}, {"title": "A course"}, INSUFFICIENT_EVIDENCE),
    ("prior_knowledge", {"score": "60"}, {"score": "60"}, MET),
    ("prior_knowledge", {"score": "60"}, {"score": "59.5"}, NOT_MET),
    ("work_experience", {"months": 24}, {"months": 24}, MET),
    ("work_experience", {"months": 24}, {"months": 23}, NOT_MET),
    ("work_experience", {"months": 24}, {"employer": "A"}, INSUFFICIENT_EVIDENCE),
    ("work_experience", {"months": 24, "nace": ["C26"]}, {"months": 30, "nace": "C26.1"}, MET),
    ("work_experience", {"months": 24, "nace": ["C26"]}, {"months": 30, "nace": "P85"}, NOT_MET),
    ("work_experience", {"months": 24, "nace": ["C26"]}, {"months": 30}, INSUFFICIENT_EVIDENCE),
    ("target_group", {"codes": ["professional"]}, {}, MET),
    ("target_group", {"codes": ["professional"]}, {"target_group": "professional"}, MET),
    ("target_group", {"codes": ["partner_student"]}, {}, NOT_MET),
]


@pytest.mark.parametrize(("kind", "params", "facts", "expected"), CASES)
def test_each_kind_of_criterion(kind: str, params: dict[str, Any], facts: dict[str, Any], expected: str):
    """Check 2."""
    assert result(criterion(kind, params), proof(**facts)).outcome == expected


def test_every_kind_is_covered_by_a_case_for_each_outcome():
    for kind in CRITERION_KINDS - {"target_group"}:
        assert {case[3] for case in CASES if case[0] == kind} == {MET, NOT_MET, INSUFFICIENT_EVIDENCE}


@pytest.mark.parametrize("kind", sorted(CRITERION_KINDS - {"target_group"}))
def test_a_proof_that_the_rules_do_not_know_is_insufficient_never_a_failure(kind: str):
    """Check 2."""
    params = {
        "language": {"language": "en", "level": "B2"},
        "qualification_level": {"eqf": 6},
        "prior_knowledge": {"ects": "5"},
        "work_experience": {"months": 12},
    }[kind]
    rule = criterion(kind, params)
    stranger = proof("duolingo", criterion="c", cefr="A1", eqf=1, ects="0", months=0)
    found = result(rule, stranger)
    assert (found.outcome, found.reason) == (INSUFFICIENT_EVIDENCE, "unknown_proof")
    assert result(rule).outcome == INSUFFICIENT_EVIDENCE


@pytest.mark.parametrize(
    ("kind", "score", "expected"),
    [
        ("ielts", "5.5", MET),
        ("ielts", "5.0", NOT_MET),
        ("ielts", None, INSUFFICIENT_EVIDENCE),
        ("toefl_ibt", "72", MET),
        ("toefl_ibt", "71", NOT_MET),
        ("cambridge", "160", MET),
        ("degree_taught_in_language", None, MET),
    ],
)
def test_equivalences_are_data_of_the_offering(kind: str, score: str | None, expected: str):
    """ADM-04: the same code with another table gives another answer."""
    facts = {} if score is None else {"score": score}
    assert result(LANGUAGE, proof(kind, **facts)).outcome == expected
    strict = {**LANGUAGE.params, "equivalences": [{"proof": kind, "minimum": "1000", "level": "C2"}]}
    changed = criterion("language", strict, (kind,))
    assert result(changed, proof(kind, score="999")).outcome == INSUFFICIENT_EVIDENCE
    assert result(changed, proof(kind, score="1000")).outcome == MET


def test_the_highest_level_in_the_table_is_reached_by_the_highest_minimum():
    c1 = criterion("language", {**LANGUAGE.params, "level": "C1"}, ("ielts",))
    assert result(c1, proof("ielts", score="7.0")).outcome == MET
    assert result(c1, proof("ielts", score="6.5")).outcome == NOT_MET


@pytest.mark.parametrize(
    ("evidence", "alternative"),
    [
        (proof("employer_letter", months=36), "experience"),
        (proof("rpl_portfolio", passed=True, criterion="portfolio"), "portfolio"),
        (proof("interview", passed=True, criterion="portfolio"), "portfolio"),
    ],
)
def test_each_alternative_is_a_route_of_its_own(evidence: Evidence, alternative: str):
    """ADM-08, ADM-25: nobody needs a degree where the rules name another way."""
    found = result(RULES[1], evidence)
    assert (found.outcome, found.alternative) == (MET_BY_ALTERNATIVE, alternative)


def test_an_alternative_of_an_alternative_counts():
    inner = criterion("work_experience", {"months": 6}, ("letter",))
    outer = criterion("prior_knowledge", {"ects": "5"}, ("transcript",), alternatives=(inner,))
    rule = criterion("qualification_level", {"eqf": 6}, ("diploma",), alternatives=(outer,))
    assert result(rule, proof("letter", months=6)).outcome == MET_BY_ALTERNATIVE


def test_an_unclear_alternative_keeps_the_case_open():
    low = proof("diploma", eqf=4)
    assert result(RULES[1], low).outcome == NOT_MET
    assert result(RULES[1], low, proof("employer_letter")).outcome == INSUFFICIENT_EVIDENCE


def test_months_of_several_letters_add_up():
    rule = criterion("work_experience", {"months": 24})
    letters = [Evidence(str(n), "proof", {"months": 12}, BY_PERSON) for n in range(2)]
    assert result(rule, *letters).outcome == MET
    assert result(rule, letters[0]).outcome == NOT_MET


def test_an_expired_proof_does_not_count_and_does_not_harm():
    rule = criterion("language", {"language": "en", "level": "B2"})
    expired = proof(language="en", cefr="C2", valid_until=date(2026, 11, 1))
    assert (result(rule, expired).outcome, result(rule, expired).reason) == (
        INSUFFICIENT_EVIDENCE,
        "proof_expired",
    )
    assert result(rule, proof(language="en", cefr="C2", valid_until=TODAY)).outcome == MET


def test_an_automatic_review_counts_verified_evidence_only():
    """ADM-24."""
    rule = criterion("qualification_level", {"eqf": 6})
    claimed = proof(verification=UNVERIFIED, eqf=7)
    assert result(rule, claimed).outcome == MET
    assert not result(rule, claimed).verified
    automatic = result(rule, claimed, verified_only=True)
    assert (automatic.outcome, automatic.reason) == (INSUFFICIENT_EVIDENCE, "proof_not_verified")
    assert result(rule, proof(eqf=7), verified_only=True).verified


def test_who_passed_is_not_the_applicants_own_word():
    rule = criterion("prior_knowledge", {"subject": "Logic"}, ("interview",))
    claimed = proof("interview", UNVERIFIED, passed=True, criterion="c")
    assert result(rule, claimed).outcome == INSUFFICIENT_EVIDENCE


def test_a_waiver_stands_in_for_proof_and_does_not_hide_that_a_criterion_was_met():
    rule = criterion("qualification_level", {"eqf": 6})
    assert result(rule, waived=frozenset({"c"})).outcome == WAIVED
    assert result(rule, proof(eqf=6), waived=frozenset({"c"})).outcome == MET


def test_the_overall_proposal():
    firm = criterion("qualification_level", {"eqf": 6})
    soft = criterion("language", {"language": "en", "level": "B2"}, ("ielts",), conditional=True)
    assert propose((firm, soft), proof(eqf=6)).overall == ELIGIBLE_WITH_CONDITIONS
    assert propose((firm, soft), proof(eqf=5)).overall == INELIGIBLE
    assert propose((firm, soft)).overall == UNDETERMINED
    assert propose((firm,), proof(eqf=6)).overall == ELIGIBLE
    assert propose(()).overall == ELIGIBLE


def test_a_target_group_is_a_criterion_only_where_the_rules_name_it():
    """ADM-11."""
    rule = criterion("target_group", {"codes": ["partner_student"]}, ())
    assert result(rule, target_group="partner_student").outcome == MET
    assert result(rule, target_group="professional").outcome == NOT_MET
    proven = criterion("target_group", {"codes": ["partner_student"]}, ("student_esi",))
    assert result(proven, target_group="partner_student").outcome == INSUFFICIENT_EVIDENCE
    assert result(proven, proof("student_esi"), target_group="partner_student").outcome == MET


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["en", "fi"]),
        "cefr": st.sampled_from(["A2", "B1", "B2", "C1"]),
        "score": st.sampled_from(["4.5", "5.5", "7.0", "72", "160"]),
        "eqf": st.integers(1, 8),
        "months": st.integers(0, 60),
        "passed": st.booleans(),
    },
)
PROOFS = st.builds(
    Evidence,
    id=st.uuids().map(str),
    kind=st.sampled_from(
        ["ielts", "toefl_ibt", "diploma", "employer_letter", "rpl_portfolio", "interview", "x"]
    ),
    facts=FACTS,
    verification=st.sampled_from(["unverified", "by_person", "by_signature"]),
    valid_until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    criterion=st.none()
    | st.sampled_from(["english", "english-interview", "bachelor", "experience", "portfolio"]),
)


@given(
    evidence=st.lists(PROOFS, max_size=6, unique_by=lambda e: e.id),
    chance=st.randoms(),
    verified_only=st.booleans(),
)
def test_the_same_evidence_gives_the_same_proposal_in_any_order_and_from_storage(
    evidence: list[Evidence], chance: random.Random, *, verified_only: bool
):
    """Check 1, ADM-02."""
    inputs = Inputs("professional", tuple(evidence), TODAY, verified_only)
    shuffled = list(evidence)
    chance.shuffle(shuffled)
    again = Inputs("professional", tuple(shuffled), TODAY, verified_only)
    stored = Inputs.from_json(inputs.to_json())
    first = evaluate("1", RULES, inputs).to_json()
    assert evaluate("1", RULES, again).to_json() == first
    assert evaluate("1", RULES, stored).to_json() == first
    assert again.to_json() == inputs.to_json()


@given(st.lists(PROOFS, max_size=5, unique_by=lambda e: e.id), PROOFS)
def test_a_further_proof_never_takes_away_what_was_met(evidence: list[Evidence], further: Evidence):
    before = propose(RULES, *evidence).results
    after = propose(RULES, *(e for e in evidence if e.id != further.id), further).results
    if further.id not in {e.id for e in evidence}:
        for old, new in zip(before, after, strict=True):
            if old.outcome in {MET, MET_BY_ALTERNATIVE}:
                assert new.outcome in {MET, MET_BY_ALTERNATIVE}


def test_a_thousand_applications_of_five_partners_are_treated_alike_in_any_order():
    """Check 1: who applies from where and when changes nothing; equal evidence, equal outcome."""
    chance = random.Random(2026)
    kinds = {
        "ielts": [{"score": score} for score in ("5.0", "5.5", "7.5")],
        "diploma": [{"eqf": level} for level in (4, 6)] + [{"country": "PL"}],
        "employer_letter": [{"months": months} for months in (12, 36)],
    }

    def portfolio(number: int) -> tuple[Evidence, ...]:
        chosen = [kind for kind in kinds if chance.random() < 0.7]
        return tuple(
            Evidence(f"{number}-{kind}", kind, chance.choice(kinds[kind]), BY_PERSON) for kind in chosen
        )

    homes = ["helsinki.fi", "kuleuven.be", "unibo.it", "ucm.es", "uj.edu.pl"]
    applicants = [(homes[number % 5], portfolio(number)) for number in range(1000)]

    def outcomes() -> dict[tuple[str, ...], set[str]]:
        chance.shuffle(applicants)
        found: dict[tuple[str, ...], set[str]] = {}
        for _, evidence in applicants:
            shown = tuple(sorted(f"{proof.kind} {proof.facts}" for proof in evidence))
            found.setdefault(shown, set()).add(propose(RULES, *evidence).overall)
        return found

    first = outcomes()
    assert outcomes() == first
    assert {len(each) for each in first.values()} == {1}
    assert len(set.union(*first.values())) > 2
