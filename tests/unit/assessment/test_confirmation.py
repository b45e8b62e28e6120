"""Who makes results final, undoes or holds them, and recognises what was learnt elsewhere (AST-03, D4, D6)."""

from datetime import date, timedelta

import pytest

from services.assessment.domain import confirmation
from services.assessment.domain.plan import Dispute
from services.assessment.domain.standing import proofs, weakest_supervision
from shared.domain import Actor, ConflictError, ForbiddenError, IllegalTransitionError, InvalidError
from tests.unit.assessment.stories import (
    ASSESSOR,
    CONFIRMER,
    DAY,
    OTHER_CONFIRMER,
    Story,
    instrument,
    template,
)


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
