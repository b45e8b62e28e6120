"""Ends, extensions, suspensions and leaving: what time does to a plan (D4, D5)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.assessment.domain import attempts, lifecycle, marking
from shared.domain import ConflictError, InvalidError
from tests.unit.assessment.stories import (
    DAY,
    SESSION,
    Story,
    instrument,
    template,
)


class TestTime:
    """ENR-19, D4: an end, extensions, and clocks that stand still while studies are suspended."""

    def test_a_plan_lapses_at_its_end_and_goes_on_after_an_extension(self):
        story = Story()
        story.open("essay")
        assert lifecycle.lapse(story.plan, story.now) is None
        story.passes(timedelta(days=365))
        with pytest.raises(ConflictError, match="ends at"):
            story.open("project")
        story.apply(lifecycle.lapse(story.plan, story.now))
        assert story.plan.state == "lapsed"
        assert story.plan.attempts[0].cancelled
        with pytest.raises(InvalidError):
            lifecycle.extend(story.plan, story.now, "illness", story.now)
        story.apply(lifecycle.extend(story.plan, story.now + DAY, "illness", story.now))
        assert (story.plan.state, story.told[-1]) == ("in_progress", "assessment_plan.extended")
        story.open("essay")

    def test_a_template_without_an_end_is_no_error(self):
        chosen = template(
            instrument("exam", "a", duration="P9999Y", min_interval="P9999Y"),
            expected_end="P9999Y",
            confirmation={"dispute_window": "P0D"},
        )
        story = Story(chosen)
        story.judged(story.open("exam"), a="10")
        story.suspend()
        story.passes(DAY)
        story.resume()
        assert story.plan.expected_end.year == 2999

    def test_a_plan_does_not_lapse_while_its_work_is_being_judged(self):
        story = Story()
        attempt = story.open("essay")
        story.submit(attempt)
        story.passes(timedelta(days=400))
        assert lifecycle.lapse(story.plan, story.now) is None
        story.begin(attempt)
        story.mark(attempt, a="10")
        story.release(attempt)
        assert lifecycle.deadlines(story.plan)[lifecycle.LAPSE, "plan-1"] < story.now
        story.apply(lifecycle.lapse(story.plan, story.now))
        assert story.plan.state == "lapsed"

    def test_a_suspension_refuses_attempts_and_stops_every_clock(self):
        story = Story(template(instrument("exam", "a", duration="PT2H"), instrument("other", "b")))
        attempt = story.open("exam")
        end, closes = story.plan.expected_end, story.plan.attempt(attempt).closes_at
        story.passes(timedelta(hours=1))
        story.suspend()
        assert lifecycle.deadlines(story.plan) == {}
        story.passes(timedelta(days=30))
        assert attempts.time_out(story.plan, attempt, story.now) is None
        for refused in (lambda: story.submit(attempt), lambda: story.open("other")):
            with pytest.raises(ConflictError, match="suspended"):
                refused()
        story.resume()
        assert story.plan.expected_end == end + timedelta(days=30)
        assert story.plan.attempt(attempt).closes_at == closes + timedelta(days=30)
        story.submit(attempt)

    def test_what_had_ended_before_the_suspension_is_not_moved(self):
        story = Story(template(confirmation={"dispute_window": "PT1H"}))
        attempt = story.judged(story.open("essay"), a="70")
        until = story.plan.attempt(attempt).disputable_until
        story.passes(DAY)
        story.suspend()
        story.passes(DAY)
        story.resume()
        assert story.plan.attempt(attempt).disputable_until == until

    def test_the_dispute_window_stands_still_too(self):
        story = Story(template(confirmation={"dispute_window": "P2D"}))
        attempt = story.judged(story.open("essay"), a="70")
        story.passes(DAY)
        story.suspend()
        story.passes(10 * DAY)
        with pytest.raises(ConflictError, match="window"):
            story.confirm(attempt)
        story.resume()
        story.passes(DAY)
        story.confirm(attempt)

    def test_a_result_is_confirmed_while_suspended(self):
        """D3: it is kept and completes the enrolment on resume."""
        story = Story(template(instrument("exam", "a")))
        attempt = story.judged(story.open("exam"), a="70")
        story.suspend()
        story.confirm(attempt)
        assert story.plan.state == "achieved"

    def test_a_session_missed_while_suspended_is_not_used_up(self):
        chosen = template(instrument("exam", "a", max_attempts=1, booking_required=True, sessions=[SESSION]))
        story = Story(chosen)
        attempt = story.open("exam", "june")
        story.suspend()
        story.now = datetime(2026, 7, 1, tzinfo=UTC)
        story.resume()
        assert story.plan.attempt(attempt).cancelled

    @pytest.mark.parametrize("over", ["cancelled", "withdrawn", "no_show"])
    def test_leaving_voids_what_is_not_settled(self, over):
        story = Story()
        attempt = story.open("essay")
        story.enrolment(over=over)
        assert story.plan.state == "voided"
        assert story.plan.attempt(attempt).cancelled
        assert story.told[-2:] == ["attempt.cancelled", "assessment_plan.voided"]

    @pytest.mark.parametrize("over", ["cancelled", "withdrawn", "no_show"])
    def test_a_settled_plan_stays(self, over):
        story = Story(template(instrument("exam", "a")))
        story.final("exam", a="70")
        story.enrolment(over=over)
        assert story.plan.state == "achieved"

    def test_a_voided_plan_has_no_further_results(self):
        story = Story()
        attempt = story.open("essay")
        story.submit(attempt)
        story.enrolment(over="withdrawn")
        with pytest.raises(ConflictError, match="voided"):
            marking.release(story.plan, attempt, story.now)
        with pytest.raises(ConflictError, match="voided"):
            story.begin(attempt)
