"""The plan as a learner meets it: order, attempts, completion (AST-01 to AST-31, D4, D6)."""

from datetime import timedelta

import pytest

from services.assessment.domain import attempts, lifecycle
from services.assessment.domain.standing import proofs
from services.assessment.domain.template import read_template
from shared.domain import ConflictError, InvalidError
from tests.support import documents
from tests.unit.assessment.stories import (
    ASSESSOR,
    SESSION,
    Story,
    instrument,
    template,
)


def test_completion_follows_the_last_final_result_at_once():
    """AST-03, AST-24, check 19 (its part): no board, no other learner; the last confirmation completes."""
    story = Story()
    story.final("essay", a="70")
    assert story.plan.state == "in_progress"
    story.final("project", b="50")
    assert story.plan.state == "achieved"
    assert story.told[-4:] == [
        "completion.proposed",
        "result.final",
        "outcome.achieved",
        "completion.achieved",
    ]
    assert story.events[-1].data["completion_number"] == 1
    assert story.events[-1].data["results_digest"] == story.plan.results_digest


def test_the_briefing_comes_before_the_first_attempt():
    """AST-15, AST-20."""
    story = Story(briefed=False)
    with pytest.raises(ConflictError, match="briefing"):
        story.open("essay")
    story.apply(lifecycle.brief(story.plan, story.now))
    assert lifecycle.brief(story.plan, story.now) is None
    story.open("essay")
    assert story.plan.state == "in_progress"


def test_an_introduction_comes_first_and_a_released_pass_is_enough():
    """AST-31: components may require others."""
    chosen = read_template(documents.offering())
    story = Story(chosen)
    with pytest.raises(ConflictError, match="lo-intro"):
        story.open("climate-essay")
    attempt = story.open("intro-essay")
    story.apply(attempts.verify(story.plan, attempt, "verified", None, ASSESSOR))
    story.judged(attempt, **{"lo-intro": "50"})
    story.open("climate-essay")


def test_an_instrument_over_a_group_and_its_requirement_does_not_wait_for_itself():
    groups = [
        {"id": "first", "outcomes": ["a"], "requires": []},
        {"id": "then", "outcomes": ["b"], "requires": ["first"]},
    ]
    story = Story(template(instrument("both", "a", "b"), groups=groups))
    story.final("both", a="60", b="60")
    assert story.plan.state == "achieved"


def test_components_order_their_outcomes_like_groups_do():
    """AST-31: the offering's components say it too, where the plan's groups do not."""
    document = documents.offering(assessment={"groups": []})
    assert read_template(document).prerequisites["lo-policy"] == {"lo-intro"}


def test_every_summative_instrument_of_an_outcome_has_to_be_passed():
    """AST-04, AST-10: several tools, not a single event."""
    story = Story(template(instrument("quiz", "a"), instrument("oral", "a")))
    story.final("quiz", a="90")
    assert story.outcome("a") == "in_progress"
    story.final("oral", a="55")
    assert story.outcome("a") == "achieved"
    assert [(p.instrument.id, p.mark) for p in proofs(story.plan)] == [("quiz", "90"), ("oral", "55")]


def test_formative_instruments_never_count():
    """AST-07: practice does not complete anything, and nobody confirms it."""
    story = Story(template(instrument("essay", "a"), instrument("drill", "a", purpose="formative")))
    drill = story.judged(story.open("drill"), a="100")
    assert story.outcome("a") == "not_started"
    with pytest.raises(ConflictError, match="formative"):
        story.confirm(drill)
    story.final("essay", a="50")
    assert story.plan.state == "achieved"


def test_an_outcome_without_summative_instrument_is_no_template():
    """AST-29, check 15 (its part): evidence for every outcome, or no plan at all."""
    drill = instrument("drill", "b", purpose="formative")
    with pytest.raises(InvalidError, match="covers b"):
        template(instrument("essay", "a"), drill)


def test_a_resit_follows_a_released_failure_and_the_first_pass_stands():
    """Attempts are immutable, the result is derived: a second mark never overwrites a first."""
    story = Story(template(instrument("exam", "a", "b")))
    first = story.judged(story.open("exam"), a="80", b="20")
    assert story.outcome("b") == "in_progress"
    second = story.judged(story.open("exam"), a="60", b="65")
    assert story.plan.attempt(first).marks == {"a": "80", "b": "20"}
    story.confirm(second)
    assert story.plan.state == "awaiting_confirmation"
    story.confirm(first)
    assert story.plan.state == "achieved"
    assert {p.outcome: p.mark for p in proofs(story.plan)} == {"a": "80", "b": "65"}


def test_a_superseded_failure_needs_no_confirmation():
    story = Story(template(instrument("exam", "a")))
    first = story.judged(story.open("exam"), a="20")
    story.final("exam", a="60")
    assert story.plan.state == "achieved"
    assert story.plan.attempt(first).marking == "released"
    with pytest.raises(ConflictError, match="overturned"):
        story.remark(first)


def test_an_outcome_is_not_achieved_only_when_no_attempt_is_left():
    """D4: failing once is never the end while an attempt is left."""
    story = Story(template(instrument("exam", "a")))
    story.final("exam", a="49.99")
    assert (story.plan.state, story.outcome("a")) == ("in_progress", "in_progress")
    second = story.judged(story.open("exam"), a="10")
    assert (story.plan.state, story.outcome("a")) == ("awaiting_confirmation", "not_achieved")
    story.confirm(second)
    assert story.plan.state == "not_achieved"
    assert story.told[-1] == "completion.not_achieved"
    with pytest.raises(ConflictError):
        story.open("exam")


def test_no_limit_of_attempts_means_never_failed():
    story = Story(template(instrument("exam", "a", max_attempts=None)))
    for _ in range(5):
        story.final("exam", a="1")
    assert story.outcome("a") == "in_progress"


def test_attempts_wait_for_each_other_and_for_their_interval():
    story = Story(template(instrument("exam", "a", min_interval="P7D")))
    attempt = story.open("exam")
    with pytest.raises(ConflictError, match="under way"):
        story.open("exam")
    story.judged(attempt, a="1")
    with pytest.raises(ConflictError, match="next attempt"):
        story.open("exam")
    story.passes(timedelta(days=7))
    story.open("exam")


def test_what_is_shown_already_is_not_attempted_again():
    story = Story(template(instrument("exam", "a"), instrument("other", "b")))
    story.final("exam", a="50")
    with pytest.raises(ConflictError, match="shown"):
        story.open("exam")


def test_cancelled_attempts_are_not_used_up():
    chosen = template(instrument("exam", "a", max_attempts=1, booking_required=True, sessions=[SESSION]))
    story = Story(chosen)
    attempt = story.open("exam", "june")
    story.apply(attempts.cancel(story.plan, attempt, story.now, by_learner=True))
    story.open("exam", "june")


def test_a_learner_cannot_take_an_opened_attempt_back():
    story = Story()
    attempt = story.open("essay")
    with pytest.raises(ConflictError, match="opened"):
        attempts.cancel(story.plan, attempt, story.now, by_learner=True)
    story.apply(attempts.cancel(story.plan, attempt, story.now, by_learner=False, reason="fire alarm"))
    assert story.changes[-1].reason == "fire alarm"
