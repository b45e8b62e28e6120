"""Attempts in their sessions, and whose they are (AST-02, AST-09, AST-19, D5)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.assessment.domain import attempts
from services.assessment.domain.standing import weakest_supervision
from shared.domain import ConflictError, InvalidError
from tests.unit.assessment.stories import (
    ASSESSOR,
    CONFIRMER,
    DAY,
    SESSION,
    START,
    Story,
    instrument,
    template,
)


class TestSessions:
    """AST-02: scheduled attempts happen inside their session and nowhere else."""

    def test_without_booking_an_attempt_opens_only_while_the_session_is_open(self):
        story = Story(template(instrument("exam", "a", sessions=[SESSION], duration="PT2H")))
        with pytest.raises(InvalidError) as refused:
            story.open("exam")
        assert refused.value.pointers[0].pointer == "/session_id"
        with pytest.raises(ConflictError, match="opens at"):
            story.open("exam", "june")
        story.now = datetime(2026, 6, 1, 11, tzinfo=UTC)
        attempt = story.open("exam", "june")
        assert story.plan.attempt(attempt).closes_at == datetime(2026, 6, 1, 12, tzinfo=UTC)

    def test_a_closed_session_is_refused(self):
        story = Story(template(instrument("exam", "a", sessions=[SESSION])))
        story.now = datetime(2026, 6, 2, tzinfo=UTC)
        with pytest.raises(ConflictError, match="closed"):
            story.open("exam", "june")

    def test_a_booked_attempt_is_handed_in_inside_its_session(self):
        story = Story(template(instrument("exam", "a", sessions=[SESSION], booking_required=True)))
        attempt = story.open("exam", "june")
        with pytest.raises(ConflictError, match="opens at"):
            story.submit(attempt)
        story.now = datetime(2026, 6, 1, 12, 0, 1, tzinfo=UTC)
        with pytest.raises(ConflictError, match="closed"):
            story.submit(attempt)
        story.now = datetime(2026, 6, 1, 10, tzinfo=UTC)
        story.submit(attempt)
        assert story.plan.attempt(attempt).state == "finished"

    def test_a_booking_may_come_later(self):
        """D5: `pending` until place and time are known."""
        story = Story(template(instrument("oral", "a", sessions=[SESSION], booking_required=True)))
        attempt = story.open("oral")
        assert story.plan.attempt(attempt).state == "pending"
        story.apply(attempts.book(story.plan, attempt, "june", story.now))
        assert story.plan.attempt(attempt).place == "Helsinki"

    def test_staff_appoint_where_no_session_is_published(self):
        story = Story(template(instrument("oral", "a", booking_required=True)))
        attempt = story.open("oral")
        with pytest.raises(InvalidError):
            attempts.appoint(story.plan, attempt, opens_at=START, closes_at=START, place=None, now=story.now)
        story.apply(
            attempts.appoint(
                story.plan,
                attempt,
                opens_at=START + DAY,
                closes_at=START + 2 * DAY,
                place="Room 1",
                now=story.now,
            )
        )
        assert story.plan.attempt(attempt).state == "associated"

    def test_time_runs_out_once_and_not_before(self):
        story = Story(template(instrument("exam", "a", duration="PT2H")))
        attempt = story.open("exam")
        assert attempts.time_out(story.plan, attempt, story.now) is None
        story.passes(timedelta(hours=2))
        story.apply(attempts.time_out(story.plan, attempt, story.now))
        assert story.plan.attempt(attempt).timed_out
        assert story.events[-1].data["timed_out"] is True
        assert attempts.time_out(story.plan, attempt, story.now) is None


class TestVerification:
    """AST-09, AST-19: identity beside the attempt."""

    chosen = template(instrument("exam", "a", identity_verification=True, supervision="supervised_online"))

    def test_a_result_waits_for_the_identity_check(self):
        story = Story(self.chosen)
        attempt = story.open("exam")
        story.submit(attempt)
        story.begin(attempt)
        story.mark(attempt, a="90")
        with pytest.raises(ConflictError, match="pending"):
            story.release(attempt)
        story.apply(attempts.verify(story.plan, attempt, "verified", None, ASSESSOR))
        story.release(attempt)
        story.confirm(attempt)
        assert weakest_supervision(story.plan) == ("supervised_online", True)

    def test_a_second_review_is_another_persons(self):
        story = Story(self.chosen)
        attempt = story.open("exam")
        with pytest.raises(InvalidError):
            attempts.verify(story.plan, attempt, "second_review_required", None, ASSESSOR)
        story.apply(attempts.verify(story.plan, attempt, "second_review_required", "blurred", ASSESSOR))
        with pytest.raises(ConflictError, match="another person"):
            attempts.verify(story.plan, attempt, "verified", None, ASSESSOR)
        story.apply(attempts.verify(story.plan, attempt, "verified", None, CONFIRMER))
        assert story.plan.attempt(attempt).verification == "verified"

    def test_a_rejected_attempt_is_used_up_without_result_and_can_be_looked_at_again(self):
        story = Story(self.chosen)
        for _ in range(2):
            attempt = story.open("exam")
            story.submit(attempt)
            story.apply(attempts.verify(story.plan, attempt, "rejected", "somebody else", ASSESSOR))
        assert story.plan.state == "not_achieved"
        story.apply(attempts.verify(story.plan, attempt, "second_review_required", "complaint", CONFIRMER))
        assert story.plan.state == "in_progress"
        assert story.told[-1] == "completion.reopened"

    def test_an_attempt_rejected_before_it_is_handed_in_ends_with_it(self):
        """Found by a random history: handing in was the last thing the plan waited for."""
        story = Story(template(instrument("exam", "a", identity_verification=True, max_attempts=1)))
        attempt = story.open("exam")
        story.apply(attempts.verify(story.plan, attempt, "rejected", "somebody else", ASSESSOR))
        assert story.plan.state == "in_progress"
        story.submit(attempt)
        assert story.plan.state == "not_achieved"

    def test_what_needs_no_verification_takes_none(self):
        story = Story()
        attempt = story.open("essay")
        with pytest.raises(ConflictError, match="no identity"):
            attempts.verify(story.plan, attempt, "verified", None, ASSESSOR)
