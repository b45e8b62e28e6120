"""D2: what partners answer, and what follows for the enrolment (practice checks 8 and 9)."""

from datetime import date

import pytest

from services.enrolment.domain import answers, requests, studies
from services.enrolment.domain.proceedings import Refund
from shared.domain import ConflictError, IllegalTransitionError, InvalidError
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
    opened,
    planned,
    profile,
    terms,
)


def test_enr_02_one_request_goes_to_each_institution_concerned() -> None:
    outcome = requests.plan(opened(), terms(), NOW)
    assert names(outcome) == ["registration.requested"] * 3
    assert [event.audience for event in outcome.events] == [{AWARDING}, {PLATFORM}, {TEACHING}]
    request = outcome.events[0].data
    assert request["contract_type"] == "short_course"
    assert request["answer_by"] == "2026-03-04T09:30:00Z"
    assert outcome.enrolment.state == "pending"


def test_planning_twice_changes_nothing() -> None:
    again = requests.plan(planned(), terms(), LATER)
    assert (again.events, again.changes, again.enrolment) == ((), (), planned())


def test_an_enrolment_called_off_before_its_offering_was_known_requests_nothing() -> None:
    withdrawn = studies.withdraw(opened(), "learner_request", NOW).enrolment
    outcome = requests.plan(withdrawn, terms(), LATER)
    assert outcome.events == ()
    assert outcome.enrolment.registrations == ()


def test_an_offering_that_needs_nobody_for_the_start_activates_at_once() -> None:
    outcome = requests.plan(opened(), terms(profile(AWARDING, "awarding", "award")), NOW)
    assert names(outcome) == ["registration.requested", "enrolment.activated"]


def test_d3_a_slow_registrar_needed_only_for_the_award_delays_nobodys_learning() -> None:
    outcome = answered(planned(), PLATFORM, "associated")
    assert names(outcome) == ["registration.associated", "enrolment.activated"]
    assert outcome.enrolment.state == "enrolled"
    assert at(outcome.enrolment, AWARDING).state == "pending"


def test_the_start_waits_for_the_last_institution_needed_for_it() -> None:
    enrolment = planned(profile(AWARDING, "awarding", "start"), profile(PLATFORM, "platform", "start"))
    first = answered(enrolment, AWARDING, "associated").enrolment
    assert first.state == "pending"
    assert answered(first, PLATFORM, "associated").enrolment.state == "enrolled"


def test_check_8_a_denial_needed_for_the_award_calls_the_enrolment_off_with_a_refund() -> None:
    outcome = answered(enrolled(), AWARDING, "denied")
    enrolment = outcome.enrolment
    assert enrolment.state == "cancelled"
    assert enrolment.reason == "registration_denied"
    assert outcome.refund == Refund("registration_denied", enrolment.fee)  # type: ignore[arg-type]
    assert names(outcome) == [
        "registration.denied",
        "enrolment.cancelled",
        "fee.refund_due",
        "registration.desired_state_changed",
        "registration.desired_state_changed",
        "registration.cancelled",
    ]
    assert {r.institution: (r.state, r.desired_state) for r in enrolment.registrations} == {
        AWARDING: ("denied", "cancelled"),
        PLATFORM: ("associated", "cancelled"),
        TEACHING: ("cancelled", "cancelled"),
    }


def test_check_8_a_denial_needed_for_nothing_leaves_the_learner_enrolled() -> None:
    outcome = answered(enrolled(), TEACHING, "denied")
    assert names(outcome) == ["registration.denied"]
    assert outcome.enrolment.state == "enrolled"
    assert outcome.refund is None


def test_a_partner_that_cancels_a_wanted_registration_on_its_own_is_a_loss_like_a_denial() -> None:
    outcome = answered(enrolled(), PLATFORM, "cancelled")
    assert outcome.enrolment.state == "cancelled"
    assert outcome.enrolment.reason == "registration_cancelled"


def test_a_compensated_registration_is_cancelled_when_its_partner_says_so() -> None:
    cancelled = answered(enrolled(), AWARDING, "denied").enrolment
    outcome = answered(cancelled, PLATFORM, "cancelled")
    assert names(outcome) == ["registration.cancelled"]
    assert at(outcome.enrolment, PLATFORM).state == "cancelled"


def test_check_9_a_late_answer_after_cancellation_leaves_no_ghost_registration() -> None:
    withdrawn = studies.withdraw(planned(), "learner_request", NOW).enrolment
    assert at(withdrawn, AWARDING).state == "cancelled"
    late = answered(withdrawn, AWARDING, "associated", LATER)
    assert names(late) == ["registration.desired_state_changed"]
    assert at(late.enrolment, AWARDING).state == "cancelled"
    assert at(late.enrolment, AWARDING).remote_state == "associated"
    mended = answered(late.enrolment, AWARDING, "cancelled", LATER)
    assert names(mended) == ["registration.reconciled"]
    assert mended.enrolment.state == "withdrawn"


def test_a_late_answer_that_already_agrees_changes_the_remote_state_only() -> None:
    withdrawn = studies.withdraw(planned(), "learner_request", NOW).enrolment
    queued = answered(withdrawn, AWARDING, "queued", LATER)
    assert names(queued) == []
    assert at(queued.enrolment, AWARDING).remote_state == "queued"


def test_a_partner_that_insists_on_an_unwanted_registration_is_asked_to_cancel_again() -> None:
    withdrawn = studies.withdraw(enrolled(), "learner_request", NOW).enrolment
    assert at(withdrawn, PLATFORM).state == "associated"
    assert names(answered(withdrawn, PLATFORM, "associated", LATER)) == ["registration.desired_state_changed"]


def test_a_registration_given_up_after_silence_is_not_revived_by_a_late_answer() -> None:
    overdue = requests.lapse_deadline(planned(), at(planned(), TEACHING).id, LATER).enrolment
    denied = requests.deny_overdue(overdue, at(overdue, TEACHING).id, LATER)
    assert names(denied) == ["registration.denied", "registration.desired_state_changed"]
    late = answered(denied.enrolment, TEACHING, "associated", LATER)
    assert names(late) == ["registration.desired_state_changed"]
    assert at(late.enrolment, TEACHING).state == "denied"


def test_an_institution_may_queue_first_and_confirm_later() -> None:
    queued = answered(planned(), PLATFORM, "queued")
    assert names(queued) == ["registration.queued"]
    assert names(answered(queued.enrolment, PLATFORM, "associated")) == [
        "registration.associated",
        "enrolment.activated",
    ]


def test_repeating_an_answer_changes_nothing() -> None:
    """Not even the version, which is the ETag: `remote_at` says since when the partner has held its word."""
    before = enrolled()
    outcome = answered(before, PLATFORM, "associated", LATER)
    assert (outcome.events, outcome.changes, outcome.enrolment) == ((), (), before)
    other = answered(before, PLATFORM, "finished", LATER)
    assert at(other.enrolment, PLATFORM).remote_at == LATER


def test_details_that_are_known_already_change_nothing() -> None:
    said = {
        "local_student_number": "01234",
        "entitlement_until": date(2026, 5, 1),
        "access_provisioned": True,
    }
    before = answered(planned(), PLATFORM, "associated", **said).enrolment
    assert answered(before, PLATFORM, "associated", LATER, **said).enrolment == before
    other = answered(before, PLATFORM, "associated", LATER, local_student_number="01235")
    assert at(other.enrolment, PLATFORM).version == at(before, PLATFORM).version + 1


@pytest.mark.parametrize(
    ("institution", "word"),
    [(AWARDING, "finished"), (PLATFORM, "denied"), (PLATFORM, "queued"), (PLATFORM, "pending")],
)
def test_a_word_that_cannot_follow_is_refused_with_what_is_possible(institution: str, word: str) -> None:
    with pytest.raises(IllegalTransitionError, match="Possible now"):
        answered(enrolled(), institution, word)


def test_finish_is_the_partners_answer_and_still_counts_as_held() -> None:
    outcome = answered(enrolled(), PLATFORM, "finished")
    assert names(outcome) == ["registration.finished"]
    assert outcome.enrolment.ready_to_start


def test_a_confirmation_while_studies_are_suspended_is_suspended_at_once() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    outcome = answered(suspended, AWARDING, "associated")
    assert names(outcome) == ["registration.associated", "registration.suspended"]
    assert at(outcome.enrolment, AWARDING).state == "x-suspended"


def test_a_loss_while_suspended_is_compensated() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    assert answered(suspended, AWARDING, "denied").enrolment.state == "cancelled"


def test_enr_17_the_entitlement_runs_for_the_profiles_duration_unless_the_partner_says_otherwise() -> None:
    by_profile = at(answered(planned(), PLATFORM, "associated").enrolment, PLATFORM)
    assert (by_profile.entitlement_from, by_profile.entitlement_until) == (date(2026, 3, 2), date(2026, 9, 2))
    said = answered(planned(), PLATFORM, "associated", entitlement_until=date(2026, 5, 1))
    assert at(said.enrolment, PLATFORM).entitlement_until == date(2026, 5, 1)


def test_an_entitlement_that_ends_before_it_begins_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidError) as refusal:
        answered(
            planned(),
            PLATFORM,
            "associated",
            entitlement_from=date(2026, 5, 1),
            entitlement_until=date(2026, 4, 1),
        )
    assert [p.pointer for p in refusal.value.pointers] == ["/entitlement_until"]


def test_enr_03_access_is_told_once_and_only_for_a_registration_that_stands() -> None:
    with_access = answered(planned(), PLATFORM, "associated", access_provisioned=True)
    assert names(with_access) == [
        "registration.associated",
        "enrolment.activated",
        "registration.access_provisioned",
    ]
    assert names(answered(with_access.enrolment, PLATFORM, "associated", access_provisioned=True)) == []
    with pytest.raises(ConflictError, match="once the registration is associated"):
        answers.answer(
            planned(), at(planned(), PLATFORM).id, answers.Answer("m", access_provisioned=True), NOW
        )


def test_student_number_and_esi_stay_out_of_events() -> None:
    outcome = answered(planned(), AWARDING, "associated", local_student_number="01234", esi="urn:schac:x")
    registration = at(outcome.enrolment, AWARDING)
    assert (registration.local_student_number, registration.esi) == ("01234", "urn:schac:x")
    told = " ".join(str(dict(event.data)) for event in outcome.events)
    kept = " ".join(str(change) for change in outcome.changes)
    assert "01234" not in told + kept
    assert "schac:x" not in told + kept


def test_the_changed_registration_alone_has_a_new_version() -> None:
    before = planned()
    after = answered(before, PLATFORM, "associated").enrolment
    assert {r.institution: r.version for r in after.registrations} == {AWARDING: 1, PLATFORM: 2, TEACHING: 1}
