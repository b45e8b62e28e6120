"""Marks, scales and markers (D6; practice C2; acceptance check 17)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain.marking import visible_sheets
from services.assessment.domain.scales import Scale
from shared.domain import ConflictError, IllegalTransitionError, InvalidError
from tests.unit.assessment.stories import ASSESSOR, CONFIRMER, SECOND, THIRD, Story, instrument, template

HUNDRED = Scale("grade_0_100", "50")


def _double(policy, **changes: Any) -> tuple[Story, str]:
    agreement = {"policy": policy, "tolerance": "5"}
    story = Story(template(instrument("exam", "a", markers=2, agreement=agreement, **changes)))
    attempt = story.open("exam")
    story.submit(attempt)
    story.begin(attempt)
    story.begin(attempt, SECOND)
    return story, attempt


def _seen(story, attempt, who) -> set[str]:
    sheets = visible_sheets(story.plan, story.plan.attempt(attempt), who.subject)
    return {sheet.marker for sheet in sheets}


class TestScales:
    @pytest.mark.parametrize(
        ("type_", "mark", "read"),
        [
            ("grade_0_100", "072.50", "72.5"),
            ("grade_0_100", "100", "100"),
            ("grade_0_10", "7.25", "7.25"),
            ("grade_0_10", "0", "0"),
            ("pass_or_fail", "pass", "pass"),
        ],
    )
    def test_one_spelling(self, type_, mark, read):
        assert Scale(type_, "5").read(mark) == read

    @pytest.mark.parametrize(
        "mark", ["7,5", "100.01", "-1", "1e1", "", "\u0667", "7.123", "pass", " 7", "NaN", "1" * 999]
    )
    def test_everything_else_is_refused(self, mark):
        """XHochschule: comma decimals; and whatever Decimal would take besides."""
        with pytest.raises(InvalidError):
            HUNDRED.read(mark)

    def test_the_threshold_passes(self):
        assert HUNDRED.passes("50")
        assert not HUNDRED.passes("49.99")
        assert Scale("pass_or_fail").passes("pass")
        assert not Scale("pass_or_fail").passes("fail")

    def test_averages_round_half_up(self):
        assert HUNDRED.average(["50.01", "50.02"]) == "50.02"
        assert HUNDRED.average(["50", "53"]) == "51.5"

    def test_words_have_a_majority(self):
        scale = Scale("pass_or_fail")
        assert scale.average(["pass", "fail", "fail"]) == "fail"
        assert scale.average(["pass", "fail"]) == "pass", "in the learner's favour"

    def test_unknown_scales_and_thresholds_are_refused(self):
        with pytest.raises(InvalidError):
            Scale("us_letter", "B")
        with pytest.raises(InvalidError):
            Scale("grade_0_10", "10.5")

    def test_without_a_threshold_half_of_the_scale_passes(self):
        assert Scale("grade_0_10").lowest_pass == "5"
        assert Scale("grade_0_100", "49.995").passes("50")

    @given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
    def test_an_average_lies_between(self, one, other):
        low, high = sorted([one, other])
        average = HUNDRED.average([HUNDRED.read(str(one)), HUNDRED.read(str(other))])
        assert low <= HUNDRED.rank(average) <= high


class TestOneMarker:
    def test_marking_is_begun_first_and_handed_in_once(self):
        story = Story()
        attempt = story.open("essay")
        with pytest.raises(ConflictError, match="handed in"):
            story.begin(attempt)
        story.submit(attempt)
        with pytest.raises(IllegalTransitionError):
            story.mark(attempt, a="70")
        story.begin(attempt)
        with pytest.raises(ConflictError, match="already"):
            story.begin(attempt)
        with pytest.raises(ConflictError, match="all the markers"):
            story.begin(attempt, SECOND)
        with pytest.raises(ConflictError, match="begin first"):
            story.mark(attempt, who=SECOND, a="70")
        story.mark(attempt, a="70")
        assert story.plan.attempt(attempt).marking == "readyforrelease"
        assert story.told[-2:] == ["attempt.marked", "attempt.moderated"]
        with pytest.raises(IllegalTransitionError):
            story.mark(attempt, a="71")

    def test_every_outcome_gets_a_mark_of_the_scale(self):
        """AST-05: a result rests on each outcome."""
        story = Story(template(instrument("exam", "a", "b")))
        attempt = story.open("exam")
        story.submit(attempt)
        story.begin(attempt)
        for marks in ({"a": "50"}, {"a": "50", "b": "101"}, {"a": "50", "b": "50", "c": "50"}):
            with pytest.raises(InvalidError) as refused:
                story.mark(attempt, **marks)
            assert len(refused.value.pointers) == 1

    def test_the_day_of_assessment_gates_nothing(self):
        """Issue 3, scene 3: `assessed_on` is told, not tested."""
        story = Story(template(instrument("exam", "a")))
        attempt = story.open("exam")
        story.submit(attempt)
        story.begin(attempt)
        story.mark(attempt, day=date(2031, 1, 1), a="70")
        story.release(attempt)
        story.confirm(attempt)
        assert story.plan.state == "achieved"

    def test_a_remark_keeps_the_sheets_of_every_round(self):
        story = Story(template(instrument("exam", "a")))
        attempt = story.judged(story.open("exam"), a="40")
        story.remark(attempt)
        story.begin(attempt, SECOND)
        story.mark(attempt, who=SECOND, a="55")
        assert [(s.round, s.marks["a"]) for s in story.plan.attempt(attempt).sheets] == [(1, "40"), (2, "55")]
        assert story.plan.attempt(attempt).marks == {"a": "55"}


class TestTwoMarkers:
    """Check 17: independent, then agreed."""

    def test_neither_sees_the_other_before_both_are_done(self):
        story, attempt = _double("average_within_tolerance")
        story.mark(attempt, a="60")
        assert _seen(story, attempt, ASSESSOR) == {"ada"}
        assert _seen(story, attempt, SECOND) == set()
        assert _seen(story, attempt, THIRD) == set()
        story.mark(attempt, who=SECOND, a="64")
        assert _seen(story, attempt, ASSESSOR) == {"ada", "ben"}
        assert story.plan.attempt(attempt).marks == {"a": "62"}

    def test_one_person_is_not_two_markers(self):
        story, attempt = _double("average_within_tolerance")
        story.mark(attempt, a="60")
        with pytest.raises(ConflictError, match="stand"):
            story.mark(attempt, a="60")
        assert story.plan.attempt(attempt).marking == "inmarking"

    @pytest.mark.parametrize(
        ("policy", "third", "agreed"),
        [
            ("average_within_tolerance", "58", "59"),
            ("average_within_tolerance", "50", "55"),
            ("average_within_tolerance", "42", "41"),
            ("third_marker", "50", "50"),
        ],
    )
    def test_beyond_the_tolerance_a_third_marker_is_needed(self, policy, third, agreed):
        story, attempt = _double(policy)
        story.mark(attempt, a="60")
        story.mark(attempt, who=SECOND, a="40")
        assert story.plan.attempt(attempt).marking == "inmarking"
        story.begin(attempt, THIRD)
        assert _seen(story, attempt, THIRD) == set()
        story.mark(attempt, who=THIRD, a=third)
        assert story.plan.attempt(attempt).marks == {"a": agreed}

    def test_on_pass_or_fail_the_majority_decides(self):
        story, attempt = _double("average_within_tolerance", scale={"type": "pass_or_fail", "pass": None})
        story.mark(attempt, a="pass")
        story.mark(attempt, who=SECOND, a="fail")
        story.begin(attempt, THIRD)
        story.mark(attempt, who=THIRD, a="fail")
        assert story.plan.attempt(attempt).marks == {"a": "fail"}

    def test_a_discussion_ends_with_equal_marks_of_both(self):
        story, attempt = _double("discussion")
        story.mark(attempt, a="60")
        story.mark(attempt, who=SECOND, a="40")
        with pytest.raises(ConflictError, match="all the markers"):
            story.begin(attempt, THIRD)
        story.mark(attempt, a="50")
        story.mark(attempt, who=SECOND, a="52")
        assert story.plan.attempt(attempt).marking == "inmarking"
        assert _seen(story, attempt, SECOND) == {"ada", "ben"}
        story.mark(attempt, a="52")
        assert story.plan.attempt(attempt).marks == {"a": "52"}

    def test_more_than_two_markers_follow_the_same_rules(self):
        policy = {"policy": "average_within_tolerance", "tolerance": "5"}
        story = Story(template(instrument("exam", "a", markers=3, agreement=policy)))
        attempt = story.open("exam")
        story.submit(attempt)
        for who, mark in ((ASSESSOR, "60"), (SECOND, "64"), (THIRD, "40")):
            story.begin(attempt, who)
            story.mark(attempt, who=who, a=mark)
        assert story.plan.attempt(attempt).marking == "inmarking"
        story.begin(attempt, CONFIRMER)
        story.mark(attempt, who=CONFIRMER, a="41")
        assert story.plan.attempt(attempt).marks == {"a": "40.5"}

    def test_the_last_judgement_dates_the_result(self):
        story, attempt = _double("average_within_tolerance")
        story.mark(attempt, day=date(2026, 5, 1), a="60")
        story.mark(attempt, who=SECOND, day=date(2026, 4, 1), a="60")
        assert story.plan.attempt(attempt).assessed_on == date(2026, 5, 1)
