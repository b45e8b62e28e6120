"""D3 follows the assessment's word, whatever order its events arrive in (practice check 11)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.domain import studies
from services.enrolment.domain.model import Conclusion, Enrolment
from services.enrolment.domain.progress import conclude
from tests.unit.enrolment.cases import NOW, PLATFORM, answered, at, enrolled, names, planned

WORDS = {
    "achieved": ("completed", "completion_achieved"),
    "overturned": ("enrolled", "completion_overturned"),
    "not_achieved": ("ended", "completion_not_achieved"),
    "reopened": ("enrolled", "completion_reopened"),
    "lapsed": ("ended", "plan_lapsed"),
    "extended": ("enrolled", "plan_extended"),
}
FOLLOWING = {"achieved": ["overturned"], "not_achieved": ["reopened"], "lapsed": ["extended"]}


def heard(word: str, sequence: int) -> Conclusion:
    wanted, reason = WORDS[word]
    return Conclusion(wanted, sequence, reason)  # type: ignore[arg-type]


def after(enrolment: Enrolment, *words: Conclusion) -> Enrolment:
    for word in words:
        enrolment = conclude(enrolment, word, NOW).enrolment
    return enrolment


@st.composite
def plan_histories(draw: st.DrawFn) -> list[Conclusion]:
    """A plan's conclusions as D4 allows them, numbered as published."""
    words: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        word = draw(st.sampled_from(sorted(FOLLOWING)))
        words += [word, *FOLLOWING[word]]
    if draw(st.booleans()):
        words.pop()
    return [heard(word, number) for number, word in enumerate(words, start=1)]


@pytest.mark.parametrize(
    ("word", "event", "state"),
    [
        ("achieved", "enrolment.completed", "completed"),
        ("lapsed", "enrolment.ended", "ended"),
        ("not_achieved", "enrolment.ended", "ended"),
    ],
)
def test_a_settled_plan_settles_the_enrolment(word: str, event: str, state: str) -> None:
    outcome = conclude(enrolled(), heard(word, 1), NOW)
    assert (names(outcome), outcome.enrolment.state) == ([event], state)


@pytest.mark.parametrize(
    ("first", "second"), [("achieved", "overturned"), ("not_achieved", "reopened"), ("lapsed", "extended")]
)
def test_a_plan_opened_again_reopens_the_enrolment(first: str, second: str) -> None:
    outcome = conclude(after(enrolled(), heard(first, 1)), heard(second, 2), NOW)
    assert (names(outcome), outcome.enrolment.state) == (["enrolment.reopened"], "enrolled")


def test_a_redelivered_word_changes_nothing() -> None:
    once = after(enrolled(), heard("achieved", 1))
    again = conclude(once, heard("achieved", 1), NOW)
    assert (again.enrolment, again.events) == (once, ())


def test_a_word_that_was_overtaken_changes_nothing() -> None:
    overturned = after(enrolled(), heard("overturned", 2))
    late = conclude(overturned, heard("achieved", 1), NOW)
    assert (late.enrolment.state, late.events) == ("enrolled", ())


@pytest.mark.parametrize("decision", [studies.withdraw, studies.cancel])
def test_a_completion_after_the_enrolment_was_called_off_is_kept_without_effect(decision: object) -> None:
    called_off = decision(enrolled(), "reason", NOW).enrolment  # type: ignore[operator]
    outcome = conclude(called_off, heard("achieved", 1), NOW)
    assert outcome.events == ()
    assert outcome.enrolment.conclusion == heard("achieved", 1)
    assert outcome.enrolment.state == called_off.state


def test_a_completion_does_not_undo_an_end_that_a_person_decided() -> None:
    ended = studies.end(enrolled(), "no_show", NOW).enrolment
    assert after(ended, heard("achieved", 1)).state == "ended"


def test_a_word_before_the_activation_takes_effect_with_it() -> None:
    early = after(planned(), heard("achieved", 1))
    assert early.state == "pending"
    assert names(answered(early, PLATFORM, "associated")) == [
        "registration.associated",
        "enrolment.activated",
        "enrolment.completed",
    ]


def test_reopening_after_an_end_during_suspension_resumes_the_registrations() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    ended = after(suspended, heard("lapsed", 1))
    assert ended.state == "ended"
    reopened = conclude(ended, heard("extended", 2), NOW)
    assert names(reopened) == ["enrolment.reopened", "registration.resumed"]
    assert at(reopened.enrolment, PLATFORM).state == "associated"


@given(history=plan_histories(), data=st.data())
def test_check_11_any_order_and_redelivery_ends_as_the_published_order(
    history: list[Conclusion], data: st.DataObject
) -> None:
    in_order = after(enrolled(), *history)
    shuffled = data.draw(st.permutations(history * 2))
    out_of_order = after(enrolled(), *shuffled)
    assert (out_of_order.state, out_of_order.conclusion) == (in_order.state, in_order.conclusion)
