"""Deadlines, reminders, denial of a silent institution and repeated requests (D2, D3)."""

from datetime import timedelta

import pytest

from services.enrolment.domain import requests, studies
from services.enrolment.domain.model import Conclusion, Enrolment
from services.enrolment.domain.progress import conclude
from shared.domain import ConflictError, InvalidError
from tests.unit.enrolment.cases import (
    AWARDING,
    LATER,
    NOW,
    PLATFORM,
    TEACHING,
    answered,
    at,
    enrolled,
    names,
    planned,
)


def overdue(enrolment: Enrolment, institution: str) -> Enrolment:
    return requests.lapse_deadline(enrolment, at(enrolment, institution).id, LATER).enrolment


def completed() -> Enrolment:
    return conclude(enrolled(), Conclusion("completed", 9, "completion_achieved"), NOW).enrolment


def test_check_9_silence_past_the_deadline_is_told_and_the_registration_stays_pending() -> None:
    outcome = requests.lapse_deadline(planned(), at(planned(), AWARDING).id, LATER)
    assert names(outcome) == ["registration.overdue"]
    assert at(outcome.enrolment, AWARDING).state == "pending"
    assert at(outcome.enrolment, AWARDING).overdue_at == LATER


def test_overdue_is_told_once() -> None:
    enrolment = overdue(planned(), AWARDING)
    assert names(requests.lapse_deadline(enrolment, at(enrolment, AWARDING).id, LATER)) == []


def test_nothing_is_overdue_before_its_deadline() -> None:
    early = requests.lapse_deadline(planned(), at(planned(), AWARDING).id, NOW + timedelta(hours=47))
    assert names(early) == []


def test_an_institution_that_answered_is_not_overdue() -> None:
    queued = answered(planned(), AWARDING, "queued").enrolment
    assert names(requests.lapse_deadline(queued, at(queued, AWARDING).id, LATER)) == []


def test_a_reminder_repeats_the_request_with_a_new_deadline() -> None:
    enrolment = overdue(planned(), AWARDING)
    outcome = requests.remind(enrolment, at(enrolment, AWARDING).id, LATER)
    assert names(outcome) == ["registration.requested"]
    reminded = at(outcome.enrolment, AWARDING)
    assert (reminded.answer_by, reminded.overdue_at, reminded.reminders) == (
        LATER + timedelta(hours=48),
        None,
        1,
    )


def test_a_partner_that_does_not_cancel_can_be_reminded_too() -> None:
    withdrawn = studies.withdraw(enrolled(), "learner_request", NOW).enrolment
    outcome = requests.remind(withdrawn, at(withdrawn, PLATFORM).id, LATER)
    assert names(outcome) == ["registration.desired_state_changed"]


def test_an_institution_with_nothing_to_answer_is_not_reminded() -> None:
    with pytest.raises(ConflictError, match="nothing to be reminded of"):
        requests.remind(enrolled(), at(enrolled(), PLATFORM).id, LATER)


def test_an_institution_that_may_still_answer_is_not_given_up() -> None:
    with pytest.raises(ConflictError, match="not overdue"):
        requests.deny_overdue(planned(), at(planned(), AWARDING).id, NOW + timedelta(hours=47))


def test_d2_an_institution_that_queued_the_learner_and_fell_silent_is_given_up_after_the_deadline() -> None:
    queued = answered(planned(), TEACHING, "queued").enrolment
    registration = at(queued, TEACHING)
    with pytest.raises(ConflictError, match="queued and not overdue"):
        requests.deny_overdue(queued, registration.id, registration.answer_by - timedelta(seconds=1))
    denied = requests.deny_overdue(queued, registration.id, registration.answer_by)
    assert names(denied) == ["registration.denied", "registration.desired_state_changed"]
    assert denied.changes[0].source == "queued"


def test_d2_a_reminder_gives_a_queue_a_new_deadline() -> None:
    queued = answered(planned(), TEACHING, "queued").enrolment
    reminded = requests.remind(queued, at(queued, TEACHING).id, LATER).enrolment
    with pytest.raises(ConflictError, match="not overdue"):
        requests.deny_overdue(reminded, at(reminded, TEACHING).id, LATER)


@pytest.mark.parametrize("word", ["associated", "denied"])
def test_an_institution_that_has_settled_its_registration_is_not_given_up(word: str) -> None:
    settled = answered(planned(), TEACHING, word).enrolment
    with pytest.raises(ConflictError, match=word):
        requests.deny_overdue(settled, at(settled, TEACHING).id, LATER)


def test_giving_up_an_institution_needed_for_the_award_calls_the_enrolment_off() -> None:
    enrolment = overdue(enrolled(), AWARDING)
    outcome = requests.deny_overdue(enrolment, at(enrolment, AWARDING).id, LATER)
    assert outcome.enrolment.state == "cancelled"
    assert outcome.refund is not None


def test_d3_a_denial_after_completion_cancels_nothing_and_is_requested_again() -> None:
    denied = answered(completed(), AWARDING, "denied")
    assert names(denied) == ["registration.denied"]
    assert denied.enrolment.state == "completed"
    anew = requests.request_anew(denied.enrolment, AWARDING, LATER)
    assert names(anew) == ["registration.requested"]
    second = at(anew.enrolment, AWARDING)
    assert (second.number, second.state, second.desired_state) == (2, "pending", "associated")
    assert second.id != at(denied.enrolment, AWARDING).id
    assert names(answered(anew.enrolment, AWARDING, "associated")) == ["registration.associated"]


def test_a_registration_that_stands_is_not_requested_again() -> None:
    with pytest.raises(ConflictError, match="need not be requested again"):
        requests.request_anew(enrolled(), PLATFORM, LATER)


def test_an_institution_not_concerned_is_never_asked() -> None:
    with pytest.raises(InvalidError) as refusal:
        requests.request_anew(enrolled(), "uu.nl", LATER)
    assert [p.pointer for p in refusal.value.pointers] == ["/institution"]


def test_nothing_is_requested_for_an_enrolment_called_off() -> None:
    cancelled = answered(enrolled(), TEACHING, "denied").enrolment
    cancelled = studies.cancel(cancelled, "admission_revoked", NOW).enrolment
    with pytest.raises(ConflictError, match="no longer requested"):
        requests.request_anew(cancelled, TEACHING, LATER)
