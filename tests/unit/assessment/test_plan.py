"""The plan as a learner meets it: order, attempts, results, completion (AST-01 to AST-31, D4 to D6)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.assessment.domain import attempts, confirmation, lifecycle, marking
from services.assessment.domain.plan import Dispute
from services.assessment.domain.standing import proofs, weakest_supervision
from services.assessment.domain.template import read_template
from shared.domain import Actor, ConflictError, ForbiddenError, IllegalTransitionError, InvalidError
from tests.support import documents
from tests.unit.assessment.stories import (
    ASSESSOR,
    CONFIRMER,
    OTHER_CONFIRMER,
    START,
    Story,
    instrument,
    template,
)

DAY = timedelta(days=1)
SESSION = {
    "id": "june",
    "opens_at": "2026-06-01T09:00:00Z",
    "closes_at": "2026-06-01T12:00:00Z",
    "place": "Helsinki",
    "capacity": 2,
}


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


class TestConfirmation:
    """AST-03: named people, a quorum, a dispute window; never the marker himself."""

    def test_only_named_confirmers(self):
        story = Story()
        attempt = story.judged(story.open("essay"), a="70")
        for stranger in (Actor("x", "confirmer", "kuleuven.be"), Actor("x", "assessor", "helsinki.fi")):
            with pytest.raises(ForbiddenError):
                story.confirm(attempt, stranger)

    def test_never_a_marker_of_any_round(self):
        story = Story()
        attempt = story.judged(story.open("essay"), a="70")
        story.remark(attempt)
        story.begin(attempt, OTHER_CONFIRMER)
        story.mark(attempt, who=OTHER_CONFIRMER, a="60")
        story.release(attempt)
        for marker in (Actor(ASSESSOR.subject, "confirmer", "helsinki.fi"), OTHER_CONFIRMER):
            with pytest.raises(ConflictError, match="nobody judges twice"):
                story.confirm(attempt, marker)

    def test_the_quorum_is_of_different_people(self):
        story = Story(template(confirmation={"quorum": 2}))
        attempt = story.judged(story.open("essay"), a="70")
        story.confirm(attempt)
        assert story.plan.attempt(attempt).marking == "released"
        with pytest.raises(ConflictError, match="already"):
            story.confirm(attempt)
        story.confirm(attempt, OTHER_CONFIRMER)
        assert story.plan.attempt(attempt).marking == "final"

    def test_votes_of_an_earlier_round_do_not_count(self):
        story = Story(template(confirmation={"quorum": 2}))
        attempt = story.judged(story.open("essay"), a="70")
        story.confirm(attempt)
        story.remark(attempt)
        story.begin(attempt)
        story.mark(attempt, a="71")
        story.release(attempt)
        story.confirm(attempt, OTHER_CONFIRMER)
        assert story.plan.attempt(attempt).marking == "released"

    def test_the_dispute_window_has_to_elapse(self):
        story = Story(template(confirmation={"dispute_window": "P14D"}))
        attempt = story.judged(story.open("essay"), a="70")
        with pytest.raises(ConflictError, match="window"):
            story.confirm(attempt)
        story.passes(timedelta(days=14))
        story.confirm(attempt)

    def test_a_disputed_result_waits_for_its_answer(self):
        """AST-30: a complaint on a result is answered by somebody who did not mark it."""
        story = Story()
        attempt = story.judged(story.open("essay"), a="40")
        raised = Dispute("d1", 1, "a page was not read", story.now)
        story.apply(confirmation.dispute(story.plan, attempt, raised))
        with pytest.raises(ConflictError, match="disputed already"):
            confirmation.dispute(story.plan, attempt, raised)
        with pytest.raises(ConflictError, match="answer the dispute"):
            story.confirm(attempt)
        with pytest.raises(ConflictError, match="nobody judges twice"):
            confirmation.dismiss(story.plan, attempt, "it was", ASSESSOR, story.now)
        story.apply(confirmation.dismiss(story.plan, attempt, "it was read", CONFIRMER, story.now))
        story.confirm(attempt)

    def test_remarking_upholds_the_dispute(self):
        story = Story()
        attempt = story.judged(story.open("essay"), a="40")
        story.apply(confirmation.dispute(story.plan, attempt, Dispute("d1", 1, "again", story.now)))
        story.remark(attempt)
        assert story.plan.attempt(attempt).disputes[0].answer == "upheld"
        assert story.plan.attempt(attempt).marking == "inmarking"

    def test_partners_hear_of_results_without_hearing_of_attempts(self):
        """D9, data minimisation: the event of a superseded failure is for nobody."""
        story = Story(template(instrument("exam", "a")))
        story.final("exam", a="10")
        story.final("exam", a="60")
        heard = [e.audience for e in story.events if e.name == "result.final"]
        assert heard == [frozenset(), story.plan.template.institutions]
        assert all(not e.audience for e in story.events if e.name != "result.final")


class TestOverturn:
    """Check 21 (its part): an overturned result takes the completion back."""

    def test_two_people_overturn_and_the_plan_goes_back(self):
        story = Story(template(instrument("exam", "a")))
        attempt = story.final("exam", a="60")
        with pytest.raises(ConflictError, match="nobody has proposed"):
            confirmation.overturn(story.plan, attempt, CONFIRMER, story.now)
        story.propose_overturn(attempt)
        assert story.plan.state == "achieved"
        with pytest.raises(ConflictError, match="two people"):
            confirmation.overturn(story.plan, attempt, CONFIRMER, story.now)
        story.apply(confirmation.overturn(story.plan, attempt, OTHER_CONFIRMER, story.now))
        assert story.plan.state == "in_progress"
        assert story.told[-2:] == ["result.overturned", "completion.overturned"]

    def test_equal_results_give_an_equal_digest_and_the_next_number(self):
        """D7 reinstates on the same digest, whenever the work was judged."""
        story = Story(template(instrument("exam", "a")))
        attempt = story.final("exam", a="60")
        first = story.plan.results_digest
        story.overturn(attempt)
        story.passes(DAY)
        story.begin(attempt)
        story.mark(attempt, a="60.0", day=date(2026, 12, 24))
        story.release(attempt)
        story.confirm(attempt)
        assert (story.plan.completion_number, story.plan.results_digest) == (2, first)

    def test_other_results_give_another_digest(self):
        story = Story(template(instrument("exam", "a")))
        attempt = story.final("exam", a="60")
        first = story.plan.results_digest
        story.overturn(attempt)
        story.begin(attempt)
        story.mark(attempt, a="61")
        story.release(attempt)
        story.confirm(attempt)
        assert story.plan.results_digest != first

    def test_a_failed_plan_reopens(self):
        story = Story(template(instrument("exam", "a", max_attempts=1)))
        attempt = story.final("exam", a="1")
        assert story.plan.state == "not_achieved"
        story.overturn(attempt)
        assert (story.plan.state, story.told[-1]) == ("in_progress", "completion.reopened")

    def test_a_plan_that_awaits_confirmation_reopens(self):
        story = Story()
        first = story.final("essay", a="60")
        story.judged(story.open("project"), b="60")
        assert story.plan.state == "awaiting_confirmation"
        story.overturn(first)
        assert (story.plan.state, story.told[-1]) == ("in_progress", "completion.reopened")

    def test_a_plan_in_progress_stays(self):
        story = Story()
        story.overturn(story.final("essay", a="60"))
        assert story.plan.state == "in_progress"

    def test_only_final_results(self):
        story = Story()
        attempt = story.judged(story.open("essay"), a="70")
        with pytest.raises(IllegalTransitionError):
            story.propose_overturn(attempt)


class TestIntegrityHold:
    """AST-18: for that learner only; release and confirm wait."""

    def test_release_and_confirm_wait(self):
        story = Story()
        released = story.judged(story.open("essay"), a="70")
        other = story.open("project")
        story.submit(other)
        story.begin(other)
        story.mark(other, b="70")
        story.hold()
        for step in (story.release, story.confirm):
            with pytest.raises(ConflictError, match="integrity hold"):
                step(other if step == story.release else released)
        story.lift()
        story.release(other)
        story.confirm(released)
        story.confirm(other)
        assert story.plan.state == "achieved"

    def test_the_plan_is_not_completed_under_a_hold_and_is_by_its_lifting(self):
        story = Story()
        story.final("essay", a="70")
        story.hold()
        story.recognise("b")
        assert story.plan.state == "awaiting_confirmation"
        story.lift()
        assert story.plan.state == "achieved"

    def test_one_at_a_time(self):
        story = Story()
        with pytest.raises(ConflictError):
            story.lift()
        story.hold()
        with pytest.raises(ConflictError):
            story.hold()


class TestRecognition:
    """AST-22: prior learning is part of the process."""

    def test_recognised_outcomes_complete_a_plan(self):
        story = Story(briefed=False)
        story.recognise("a")
        story.recognise("b")
        assert story.plan.state == "achieved"
        assert [(p.outcome, p.state, p.instrument) for p in proofs(story.plan)] == [
            ("a", "recognised", None),
            ("b", "recognised", None),
        ]
        assert weakest_supervision(story.plan) is None

    def test_only_named_confirmers_and_open_outcomes(self):
        story = Story()
        with pytest.raises(ForbiddenError):
            story.recognise("a", ASSESSOR)
        with pytest.raises(InvalidError):
            story.recognise("nothing")
        story.recognise("a")
        with pytest.raises(ConflictError, match="already"):
            story.recognise("a")
        with pytest.raises(ConflictError, match="shown"):
            story.open("essay")


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
