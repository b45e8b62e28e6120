"""D7's guard: what is missing is named, and from whom; nothing is forgotten and nothing is invented."""

from dataclasses import replace
from typing import Any

import pytest

from services.certification.domain.award import Award, Registration
from services.certification.domain.guard import CONDITIONS, enrolment_facts, missing_facts
from services.certification.formats.renderer import RENDERERS
from shared.annex1 import Supervision, clause
from tests.unit.certification.samples import LEARNER, elements

CLAUSE: dict[str, Any] = {"issuer": "helsinki.fi", "awarding_bodies": ["helsinki.fi"], "conditions": []}
GOOD = Award(
    "award-1",
    "enrolment-1",
    "learner-1",
    "sustainability",
    1,
    enrolment_state="completed",
    registrations=(Registration("r1", "helsinki.fi", "award", "associated", 1),),
)


def missing(award: Award = GOOD, clause: dict[str, Any] = CLAUSE, **changes: Any) -> list[tuple[str, str]]:
    return [(need.name, need.source) for need in missing_facts(award, replace(elements(), **changes), clause)]


def test_nothing_is_missing_where_all_facts_are_there() -> None:
    assert missing() == []


@pytest.mark.parametrize("state", ["pending", "queued", "denied", "cancelled", "x-suspended"])
def test_a_registration_required_for_the_award_is_missing_by_institution(state: str) -> None:
    award = replace(GOOD, registrations=(Registration("r1", "helsinki.fi", "award", state, 1),))
    assert missing(award) == [("registration at helsinki.fi", "helsinki.fi")]


@pytest.mark.parametrize("state", ["associated", "finished"])
def test_a_registration_that_stands_or_is_finished_suffices(state: str) -> None:
    award = replace(GOOD, registrations=(Registration("r1", "helsinki.fi", "award", state, 1),))
    assert missing(award) == []


@pytest.mark.parametrize("required_for", ["start", "none"])
def test_a_registration_not_required_for_the_award_delays_nobody(required_for: str) -> None:
    late = Registration("r2", "unibo.it", required_for, "pending", 2)
    assert missing(replace(GOOD, registrations=(*GOOD.registrations, late))) == []


def test_a_new_registration_mends_a_denied_one() -> None:
    denied = Registration("r0", "helsinki.fi", "award", "denied", 1)
    award = replace(GOOD, registrations=(denied, Registration("r1", "helsinki.fi", "award", "associated", 2)))
    assert missing(award) == []


@pytest.mark.parametrize("state", [None, "pending", "suspended", "withdrawn", "cancelled", "ended"])
def test_the_enrolment_has_to_be_in_good_standing(state: str | None) -> None:
    assert missing(replace(GOOD, enrolment_state=state)) == [("enrolment in good standing", "enrolment")]


def test_an_element_is_missing_by_its_name() -> None:
    assert missing(issued_on=None) == [("date of issuing", "certification")]


def test_the_recorded_facts_alone_are_tested_again_when_the_signature_is_stored() -> None:
    assert enrolment_facts(GOOD) == ()
    assert [need.source for need in enrolment_facts(replace(GOOD, enrolment_state="suspended"))] == [
        "enrolment"
    ]


IDENTITY = {**CLAUSE, "conditions": [{"kind": "identity_verified"}]}
UNVERIFIED = Supervision("unsupervised", identity_verified=False)


def test_a_condition_on_identity_holds_by_every_assessment_or_by_the_record() -> None:
    assert missing(clause=IDENTITY, supervision=replace(UNVERIFIED, identity_verified=True)) == []
    compared = replace(LEARNER, identity_verified=True)
    assert missing(clause=IDENTITY, supervision=UNVERIFIED, learner=compared) == []


def test_a_condition_on_identity_names_admission_where_it_does_not_hold() -> None:
    (need,) = missing(clause=IDENTITY, supervision=UNVERIFIED)
    assert need == ("condition of the agreement: identity verified", "admission")


@pytest.mark.parametrize(("reached", "holds"), [("unsupervised", False), ("supervised_online", True)])
def test_a_condition_on_supervision_looks_at_the_weakest_assessment(reached: str, *, holds: bool) -> None:
    clause = {**CLAUSE, "conditions": [{"kind": "supervised"}]}
    found = missing(clause=clause, supervision=Supervision(reached, identity_verified=True))
    assert (found == []) is holds


def test_what_an_agreement_may_ask_for_is_what_certification_knows() -> None:
    """Admission refuses every other name when an agreement is published."""
    assert frozenset(CONDITIONS) == clause.CONDITIONS
    assert frozenset(RENDERERS) == clause.FORMATS


def test_a_condition_that_is_not_known_blocks_instead_of_being_ignored() -> None:
    clause = {**CLAUSE, "conditions": [{"kind": "paid_in_gold"}]}
    assert missing(clause=clause) == [("condition of the agreement: paid in gold", "agreement")]
