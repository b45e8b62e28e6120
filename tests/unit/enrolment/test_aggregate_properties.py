"""The enrolment under any sequence of answers, deadlines, decisions and assessments: its rules always hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.enrolment.domain import answers, requests, studies
from services.enrolment.domain.model import Conclusion, Enrolment
from services.enrolment.domain.proceedings import Outcome, Proceedings
from services.enrolment.domain.progress import conclude
from shared.domain import ConflictError
from tests.unit.enrolment.cases import (
    AWARDING,
    NOW,
    PLATFORM,
    TEACHING,
    answered,
    at,
    enrolled,
    opened,
    planned,
    profile,
    terms,
)
from tests.unit.enrolment.invariants import check_enrolment, check_outcome

INSTITUTIONS = (AWARDING, PLATFORM, TEACHING)
CONCLUSIONS = (
    ("completed", "completion_achieved"),
    ("ended", "plan_lapsed"),
    ("ended", "completion_not_achieved"),
    ("enrolled", "completion_overturned"),
    ("enrolled", "plan_extended"),
)
Decision = Callable[[Enrolment, datetime], Outcome]


class EnrolmentLife(RuleBasedStateMachine):
    @initialize(
        needs=st.tuples(*[st.sampled_from(["start", "award", "none"])] * 3),
        track=st.sampled_from(["assessed", "assessed", "attendance"]),
        patience=st.integers(0, 40),
    )
    def admit(self, needs: tuple[str, ...], track: str, patience: int) -> None:
        self.patience = patience
        roles = ("awarding", "platform", "teaching")
        self.profiles = [profile(i, r, n) for i, r, n in zip(INSTITUTIONS, roles, needs, strict=True)]
        self.now = NOW
        self.sequence = 0
        self.excused: frozenset[str] = frozenset()
        self.enrolment = opened(track)
        if patience:
            self.plan()

    def take(self, decision: Decision) -> None:
        before = self.enrolment
        self.patience -= 1
        try:
            outcome = decision(before, self.now)
        except ConflictError:
            return
        check_outcome(before, outcome)
        triggers = {change.trigger for change in outcome.changes}
        in_time = before.refunded_in_full(self.now)
        owed = "required_denied" in triggers or ("withdraw" in triggers and in_time)
        assert (outcome.refund is not None) == (owed and before.fee is not None)
        self.enrolment = outcome.enrolment
        self._excuse(before)

    def _excuse(self, before: Enrolment) -> None:
        """After a completion or an end a loss cancels nothing; the studies may be reopened with it."""
        lost = {r.institution for r in self.enrolment.current if r.state in {"denied", "cancelled"}}
        held = {r.institution for r in before.current if r.state not in {"denied", "cancelled"}}
        if before.state in {"completed", "ended"}:
            self.excused |= lost & held
        self.excused -= {
            r.institution
            for r in self.enrolment.current
            if r.state in {"associated", "x-suspended", "finished"}
        }

    @rule()
    def plan(self) -> None:
        self.take(lambda e, now: requests.plan(e, terms(*self.profiles), now))

    @precondition(lambda self: self.enrolment.registrations)
    @rule(data=st.data(), word=st.sampled_from(("associated",) * 6 + answers.WORDS))
    def answer(self, data: st.DataObject, word: str) -> None:
        registration = data.draw(st.sampled_from(self.enrolment.registrations))
        said = answers.Answer("message", remote_state=word, access_provisioned=data.draw(st.booleans()))
        self.take(lambda e, now: answers.answer(e, registration.id, said, now))

    @precondition(lambda self: self.enrolment.registrations)
    @rule(
        data=st.data(),
        step=st.sampled_from([requests.lapse_deadline, requests.remind, requests.deny_overdue]),
    )
    def chase(self, data: st.DataObject, step: Callable[[Enrolment, str, datetime], Outcome]) -> None:
        registration = data.draw(st.sampled_from(self.enrolment.registrations))
        self.take(lambda e, now: step(e, registration.id, now))

    @precondition(lambda self: self.enrolment.registrations)
    @rule(institution=st.sampled_from(INSTITUTIONS))
    def request_anew(self, institution: str) -> None:
        self.take(lambda e, now: requests.request_anew(e, institution, now))

    @rule()
    def suspend(self) -> None:
        self.take(lambda e, now: studies.suspend(e, "learner_request", now))

    @precondition(lambda self: self.patience < 0)
    @rule(step=st.sampled_from([studies.withdraw, studies.cancel, studies.end]))
    def give_up(self, step: Callable[[Enrolment, str, datetime], Outcome]) -> None:
        self.take(lambda e, now: step(e, "reason", now))

    @rule()
    def resume(self) -> None:
        self.take(studies.resume)

    @rule()
    def attend(self) -> None:
        attendance = studies.Attendance(AWARDING, date(2026, 3, 1))
        self.take(lambda e, now: studies.confirm_attendance(e, attendance, now))

    @rule(word=st.sampled_from(CONCLUSIONS), lag=st.integers(-2, 3))
    def conclude(self, word: tuple[str, str], lag: int) -> None:
        self.sequence += 1
        conclusion = Conclusion(word[0], self.sequence + lag, word[1])  # type: ignore[arg-type]
        if self.enrolment.track == "assessed":
            self.take(lambda e, now: conclude(e, conclusion, now))

    @precondition(lambda self: self.patience < 0)
    @rule(fate=st.sampled_from(["withdrawn", "revoked"]))
    def follow_application(self, fate: str) -> None:
        self.take(lambda e, now: studies.follow_application(e, fate, now))  # type: ignore[arg-type]

    @rule(hours=st.sampled_from([1, 47, 60]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def rules_hold(self) -> None:
        if hasattr(self, "enrolment"):
            check_enrolment(self.enrolment, lost_after_completion=self.excused)


TestEnrolmentLife = EnrolmentLife.TestCase
TestEnrolmentLife.settings = settings(max_examples=200, stateful_step_count=50)


def test_the_rules_notice_a_called_off_enrolment_that_still_wants_a_registration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Proceedings, "call_off_registrations", lambda *_: None)
    with pytest.raises(AssertionError, match="still wanted"):
        check_enrolment(studies.withdraw(enrolled(), "learner_request", NOW).enrolment)


def test_the_rules_notice_a_start_without_an_institution_needed_for_it() -> None:
    with pytest.raises(AssertionError, match="before everyone needed for the start"):
        check_enrolment(replace(planned(), state="enrolled"))


def test_the_rules_notice_an_activation_that_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "activate_if_ready", lambda _: None)
    with pytest.raises(AssertionError, match="still pending"):
        check_enrolment(answered(planned(), PLATFORM, "associated").enrolment)


def test_the_rules_notice_a_denial_without_compensation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "compensate", lambda *_: None)
    with pytest.raises(AssertionError, match="without a registration that it needs"):
        check_enrolment(answered(enrolled(), AWARDING, "denied").enrolment)


def test_the_rules_notice_a_step_without_its_event() -> None:
    outcome = answered(planned(), TEACHING, "associated")
    with pytest.raises(AssertionError):
        check_outcome(planned(), replace(outcome, events=()))


def test_the_rules_notice_a_registration_left_running_while_studies_are_suspended() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    running = suspended.with_registration(replace(at(suspended, PLATFORM), state="associated"))
    with pytest.raises(AssertionError, match="this registration is not"):
        check_enrolment(running)
