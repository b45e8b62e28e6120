"""CRT-42, CRT-43, ADM-32: what follows for a recognition, as examples and under any sequence of facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.domain.machines import RECOGNITION
from services.certification.domain.recognising import (
    decided,
    fell_overdue,
    followed,
    proposed,
    requested,
    upheld,
    withdrawn,
)
from services.certification.domain.recognition import (
    AGREEMENT,
    REJECTED,
    REPLACED,
    REQUEST,
    REVOKED,
    SUSPENDED,
    WAITING,
    Basis,
    Programme,
    Recognition,
    Rule,
    Standing,
    Step,
)
from services.certification.domain.recognition_rules import OUTCOMES, Ground, Ruling
from shared.domain import IllegalTransitionError

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def basis(number: int = 1) -> Basis:
    return Basis(
        f"urn:uuid:{number}",
        f"sha256:{number}",
        {"en": "Sustainability"},
        "helsinki.fi",
        "10",
        7,
        f"c{number}",
        "a1",
    )


CASE = Recognition(
    id="r1",
    origin=AGREEMENT,
    learner_id="l1",
    programme=Programme("kuleuven.be", {"en": "Master of Sustainable Development"}, "5", ("lo-intro",)),
    rule=Rule("una-europa", 1, "2026-1", decide_within="P30D"),
    basis=basis(),
)
STANDS, HELD, GONE = Standing(basis()), Standing(None, SUSPENDED), Standing(None, REVOKED)
OTHER = Standing(basis(2))
YES = Ruling("recognised", "Elective", "5", ("lo-intro",))
PARTLY = Ruling("partly_recognised", "Elective", "3", (), (Ground("workload", "less laboratory work"),))
NO = Ruling("refused", grounds=(Ground("level", "a course of the first cycle"),))
OPEN = proposed(CASE, NOW).case
RECOGNISED = decided(OPEN, YES).case


def names(step: Step) -> list[str]:
    return [event.name.removeprefix("recognition.") for event in step.events]


def test_every_state_is_reachable_and_the_final_ones_are_final() -> None:
    reached, frontier = {RECOGNITION.initial}, {RECOGNITION.initial}
    while frontier:
        frontier = {row.target for row in RECOGNITION.table if row.source in frontier} - reached
        reached |= frontier
    assert reached == RECOGNITION.states
    assert {state for state in RECOGNITION.states if not RECOGNITION.triggers(state)} == {
        "refused",
        "withdrawn",
    }


def test_what_was_agreed_is_proposed_with_a_deadline_to_that_institution_alone() -> None:
    step = proposed(CASE, NOW)
    (event,) = step.events
    assert (step.case.state, step.case.decide_by) == ("open", NOW + 30 * DAY)
    assert (event.name, event.audience) == ("recognition.proposed", frozenset({"kuleuven.be"}))
    assert event.data["certificate_id"] == "c1"


def test_events_say_nothing_of_what_a_person_wrote() -> None:
    for step in (
        decided(OPEN, NO, "as discussed"),
        upheld(followed(RECOGNISED, GONE, NOW).case, "as discussed"),
    ):
        said = str([dict(event.data) for event in step.events])
        assert "as discussed" not in said
        assert "first cycle" not in said


def test_a_suspended_certificate_pauses_the_case_and_its_clock() -> None:
    paused = followed(OPEN, HELD, NOW + 10 * DAY)
    assert (paused.case.state, paused.case.cause, names(paused)) == ("paused", SUSPENDED, ["paused"])
    with pytest.raises(IllegalTransitionError):
        decided(paused.case, YES)
    resumed = followed(paused.case, STANDS, NOW + 15 * DAY)
    assert (resumed.case.state, resumed.case.decide_by) == ("open", NOW + 35 * DAY)


@pytest.mark.parametrize("cause", [REVOKED, REJECTED])
def test_an_open_case_is_closed_with_its_certificate(cause: str) -> None:
    closed = followed(OPEN, Standing(None, cause), NOW)
    assert (closed.case.state, closed.case.cause, closed.case.decide_by) == ("closed", cause, None)


def test_the_certificate_that_replaces_another_takes_its_place() -> None:
    renewed = followed(OPEN, OTHER, NOW + DAY)
    assert (renewed.case.state, renewed.case.basis.certificate_id, names(renewed)) == (
        "open",
        "c2",
        ["proposed"],
    )
    assert renewed.case.decide_by == OPEN.decide_by, "the institution has no more time for it"
    reopened = followed(followed(OPEN, GONE, NOW).case, OTHER, NOW + DAY)
    assert (reopened.case.state, reopened.case.decide_by) == ("open", NOW + 31 * DAY)


def test_a_request_that_ended_with_its_certificate_is_not_made_again_by_itself() -> None:
    asked = requested(replace(CASE, origin=REQUEST), NOW).case
    closed = followed(asked, GONE, NOW).case
    assert followed(closed, OTHER, NOW) == Step(closed)


@pytest.mark.parametrize(("standing", "cause"), [(HELD, SUSPENDED), (GONE, REVOKED), (OTHER, REPLACED)])
@pytest.mark.parametrize("ruling", [YES, PARTLY])
def test_what_was_decided_is_only_proposed_for_review(standing: Standing, cause: str, ruling: Ruling) -> None:
    """CRT-24 in the same sense: never withdrawn without the institution."""
    before = decided(OPEN, ruling).case
    step = followed(before, standing, NOW + DAY)
    assert (step.case.state, step.case.cause, names(step)) == ("under_review", cause, ["review_proposed"])
    assert (step.case.ruling, step.case.number) == (ruling, 1)
    assert step.case.decide_by == NOW + 31 * DAY


def test_a_refusal_needs_no_review() -> None:
    refused = decided(OPEN, NO).case
    for standing in (HELD, GONE, OTHER, STANDS):
        assert followed(refused, standing, NOW) == Step(refused)


def test_a_review_ends_by_itself_where_its_cause_does() -> None:
    step = followed(followed(RECOGNISED, HELD, NOW).case, STANDS, NOW)
    assert (step.case.state, names(step)) == ("recognised", ["review_dropped"])


def test_a_review_of_another_certificate_stays_when_that_one_was_only_suspended() -> None:
    replaced = followed(RECOGNISED, OTHER, NOW).case
    held = followed(replaced, HELD, NOW).case
    assert held.cause == SUSPENDED
    back = followed(held, OTHER, NOW).case
    assert (back.state, back.cause) == ("under_review", REPLACED)


def test_what_was_upheld_is_not_asked_again() -> None:
    kept = upheld(followed(RECOGNISED, GONE, NOW).case, "the course is completed").case
    assert kept.state == "recognised"
    assert followed(kept, GONE, NOW) == Step(kept)
    again = upheld(followed(RECOGNISED, HELD, NOW).case, "small matter").case
    lifted = followed(again, STANDS, NOW).case
    assert followed(lifted, HELD, NOW).case.state == "under_review", "another suspension is another question"


def test_a_new_question_takes_the_place_of_the_one_that_was_answered() -> None:
    """Found by the property below: said twice, the second fact cleared what the first one had kept."""
    ruled = decided(followed(RECOGNISED, HELD, NOW).case, YES).case
    case = followed(followed(ruled, OTHER, NOW).case, STANDS, NOW).case
    assert followed(case, STANDS, NOW) == Step(case)


def test_negative_control_without_its_memory_the_institution_would_be_asked_again() -> None:
    kept = upheld(followed(RECOGNISED, GONE, NOW).case, "the course is completed").case
    assert followed(replace(kept, answered=None), GONE, NOW).case.state == "under_review"


def test_after_a_review_the_institution_decides_anew_or_not_at_all() -> None:
    review = followed(RECOGNISED, GONE, NOW).case
    withdrawn_by_it = decided(
        review, Ruling("refused", grounds=(Ground("certificate_withdrawn", "revoked"),))
    )
    assert (withdrawn_by_it.case.state, withdrawn_by_it.case.number) == ("refused", 2)
    with pytest.raises(IllegalTransitionError):
        upheld(RECOGNISED, "no question")


def test_a_deadline_reminds_once_and_decides_nothing() -> None:
    assert fell_overdue(OPEN, NOW + 29 * DAY) == Step(OPEN)
    late = fell_overdue(OPEN, NOW + 30 * DAY)
    assert (late.case.state, late.case.overdue, names(late)) == ("open", True, ["overdue"])
    assert fell_overdue(late.case, NOW + 31 * DAY) == Step(late.case)
    assert fell_overdue(RECOGNISED, NOW + 90 * DAY) == Step(RECOGNISED)


def test_a_holder_withdraws_what_nobody_has_decided_yet() -> None:
    assert withdrawn(OPEN).case.state == "withdrawn"
    assert followed(withdrawn(OPEN).case, OTHER, NOW).case.state == "withdrawn"
    with pytest.raises(IllegalTransitionError):
        withdrawn(RECOGNISED)


STANDINGS = st.sampled_from([STANDS, HELD, GONE, OTHER, Standing(None, REJECTED)])
PEOPLE = st.sampled_from([YES, PARTLY, NO, "uphold", "withdraw", "late"])


@given(st.lists(st.one_of(STANDINGS, PEOPLE), max_size=12))
def test_whatever_comes_the_case_keeps_its_promises(happenings: list[object]) -> None:
    """Only listed transitions; said again nothing follows; only a person's ruling is ever a decision."""
    case = OPEN
    for number, happening in enumerate(happenings):
        now = NOW + number * DAY
        before = case
        try:
            step = _happen(case, happening, now)
        except IllegalTransitionError:
            continue
        for change in step.changes:
            assert change.trigger == "fall_overdue" or RECOGNITION.fire(
                change.source, change.trigger, target=change.target
            )
        case = step.case
        if isinstance(happening, Standing):
            again = followed(case, happening, now)
            assert (again.case, again.events) == (case, ()), "a redelivered fact changes nothing"
            assert (case.ruling, case.number) == (before.ruling, before.number)
        if case.state in OUTCOMES:
            assert case.ruling is not None
            assert case.ruling.outcome == case.state
        assert (case.decide_by is not None) == (case.state in WAITING or case.state == "paused")
        assert (case.paused_at is not None) == (case.state == "paused")
        assert all(event.audience == {"kuleuven.be"} for event in step.events)


def _happen(case: Recognition, happening: object, now: datetime) -> Step:
    if isinstance(happening, Standing):
        return followed(case, happening, now)
    if isinstance(happening, Ruling):
        return decided(case, happening)
    acts = {"uphold": lambda: upheld(case, "why"), "withdraw": lambda: withdrawn(case)}
    return acts[str(happening)]() if happening in acts else fell_overdue(case, now)
