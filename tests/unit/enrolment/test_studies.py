"""D3: suspension, withdrawal, cancellation, end, attendance, and the application's fate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.enrolment.domain import studies
from services.enrolment.domain.model import Conclusion, Money
from services.enrolment.domain.proceedings import Refund
from services.enrolment.domain.progress import conclude
from shared.domain import ConflictError, IllegalTransitionError, InvalidError
from tests.unit.enrolment.cases import (
    AWARDING,
    NOW,
    PLATFORM,
    TEACHING,
    answered,
    at,
    enrolled,
    names,
    opened,
    planned,
)

ATTENDED = studies.Attendance(AWARDING, date(2026, 3, 2), hours=24)
ACHIEVED = Conclusion("completed", 5, "completion_achieved")


def test_enr_12_suspension_pauses_confirmed_registrations_only() -> None:
    outcome = studies.suspend(enrolled(), "learner_request", NOW)
    assert names(outcome) == ["enrolment.suspended", "registration.suspended"]
    assert {r.institution: r.state for r in outcome.enrolment.registrations} == {
        AWARDING: "pending",
        PLATFORM: "x-suspended",
        TEACHING: "pending",
    }


def test_resumption_brings_paused_registrations_back() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    outcome = studies.resume(suspended, NOW)
    assert names(outcome) == ["enrolment.resumed", "registration.resumed"]
    assert at(outcome.enrolment, PLATFORM).state == "associated"


def test_d3_a_completion_while_suspended_is_kept_and_completes_on_resumption() -> None:
    suspended = studies.suspend(enrolled(), "learner_request", NOW).enrolment
    kept = conclude(suspended, ACHIEVED, NOW)
    assert names(kept) == []
    assert kept.enrolment.state == "suspended"
    assert names(studies.resume(kept.enrolment, NOW)) == [
        "enrolment.resumed",
        "registration.resumed",
        "enrolment.completed",
    ]


def test_a_kept_completion_that_is_overturned_meanwhile_does_not_complete() -> None:
    kept = conclude(studies.suspend(enrolled(), "learner_request", NOW).enrolment, ACHIEVED, NOW).enrolment
    overturned = conclude(kept, Conclusion("enrolled", 6, "completion_overturned"), NOW).enrolment
    assert studies.resume(overturned, NOW).enrolment.state == "enrolled"


@pytest.mark.parametrize("decision", [studies.withdraw, studies.cancel])
def test_calling_off_cancels_what_nobody_confirmed_and_asks_the_others(decision: object) -> None:
    outcome = decision(enrolled(), "reason", NOW)  # type: ignore[operator]
    assert {r.institution: (r.state, r.desired_state) for r in outcome.enrolment.registrations} == {
        AWARDING: ("cancelled", "cancelled"),
        PLATFORM: ("associated", "cancelled"),
        TEACHING: ("cancelled", "cancelled"),
    }
    assert names(outcome).count("registration.desired_state_changed") == 3


@pytest.mark.parametrize(
    ("contract", "withdrawal", "refunded"),
    [
        ("2026-03-02T00:30:00+02:00", "2026-03-16T23:30:00+02:00", True),
        ("2026-03-02T12:00:00-04:00", "2026-03-16T23:30:00-04:00", True),
        ("2026-03-02T00:30:00+02:00", "2026-03-18T00:30:00+02:00", False),
    ],
)
def test_check_13_the_14_days_are_whole_days_wherever_the_learner_is(
    contract: str, withdrawal: str, *, refunded: bool
) -> None:
    contracted = replace(enrolled(), contracted_at=datetime.fromisoformat(contract).astimezone(UTC))
    outcome = studies.withdraw(
        contracted, "learner_request", datetime.fromisoformat(withdrawal).astimezone(UTC)
    )
    assert (outcome.refund is not None) == refunded


@pytest.mark.parametrize(("days", "refunded"), [(0, True), (13, True), (14, True), (15, False)])
def test_check_13_the_statutory_withdrawal_of_14_days_from_the_contract_refunds_in_full(
    days: int, *, refunded: bool
) -> None:
    outcome = studies.withdraw(enrolled(), "learner_request", NOW + timedelta(days=days))
    assert (outcome.refund == Refund("statutory_withdrawal", Money(15000, "EUR"))) is refunded
    assert ("fee.refund_due" in names(outcome)) is refunded


def test_a_cancellation_by_an_institution_is_no_statutory_withdrawal() -> None:
    assert studies.cancel(enrolled(), "institution_decision", NOW).refund is None


def test_an_enrolment_can_be_withdrawn_before_its_registrations_are_known() -> None:
    assert names(studies.withdraw(opened(), "learner_request", NOW)) == ["enrolment.withdrawn"]


def test_a_completed_enrolment_is_not_withdrawn_by_hand() -> None:
    completed = conclude(enrolled(), ACHIEVED, NOW).enrolment
    with pytest.raises(IllegalTransitionError, match="Possible now: reopen"):
        studies.withdraw(completed, "learner_request", NOW)


@pytest.mark.parametrize(
    ("fate", "state", "reason"),
    [
        ("withdrawn", "withdrawn", "application_withdrawn"),
        ("revoked", "cancelled", "admission_revoked"),
    ],
)
def test_the_enrolment_follows_its_application(fate: str, state: str, reason: str) -> None:
    outcome = studies.follow_application(planned(), fate, NOW)  # type: ignore[arg-type]
    assert (outcome.enrolment.state, outcome.enrolment.reason) == (state, reason)


@pytest.mark.parametrize("fate", ["withdrawn", "revoked"])
def test_where_the_step_can_no_longer_follow_the_fact_changes_nothing(fate: str) -> None:
    completed = conclude(enrolled(), ACHIEVED, NOW).enrolment
    outcome = studies.follow_application(completed, fate, NOW)  # type: ignore[arg-type]
    assert (outcome.enrolment, outcome.events) == (completed, ())


def test_ending_tells_it_and_leaves_the_registrations() -> None:
    outcome = studies.end(enrolled(), "no_show", NOW)
    assert names(outcome) == ["enrolment.ended"]
    assert outcome.events[0].data["reason_code"] == "no_show"
    assert at(outcome.enrolment, PLATFORM).desired_state == "associated"


def test_enr_06_confirmed_attendance_completes_the_attendance_track() -> None:
    outcome = studies.confirm_attendance(enrolled("attendance"), ATTENDED, NOW)
    assert names(outcome) == ["attendance.confirmed", "enrolment.completed"]
    assert outcome.events[0].data["hours"] == 24
    assert outcome.events[0].data["confirmed_on"] == "2026-03-02"
    assert outcome.enrolment.state == "completed"


def test_check_12_attendance_proves_nothing_in_the_assessed_track() -> None:
    with pytest.raises(ConflictError, match="assessed track"):
        studies.confirm_attendance(enrolled(), ATTENDED, NOW)


def test_attendance_of_a_day_to_come_is_refused() -> None:
    tomorrow = studies.Attendance(AWARDING, date(2026, 3, 3))
    with pytest.raises(InvalidError) as refusal:
        studies.confirm_attendance(enrolled("attendance"), tomorrow, NOW)
    assert [p.pointer for p in refusal.value.pointers] == ["/confirmed_on"]


@pytest.mark.parametrize("state", ["pending", "suspended", "ended"])
def test_attendance_completes_only_active_studies(state: str) -> None:
    prepared = {
        "pending": planned(track="attendance"),
        "suspended": studies.suspend(enrolled("attendance"), "learner_request", NOW).enrolment,
        "ended": studies.end(enrolled("attendance"), "no_show", NOW).enrolment,
    }[state]
    with pytest.raises(IllegalTransitionError):
        studies.confirm_attendance(prepared, ATTENDED, NOW)


def test_a_new_admission_starts_again_only_where_the_enrolment_before_was_called_off() -> None:
    cancelled = studies.cancel(planned(), "admission_revoked", NOW).enrolment
    assert studies.makes_room(None)
    assert studies.makes_room(cancelled)
    assert not studies.makes_room(enrolled())
    assert not studies.makes_room(studies.end(enrolled(), "no_show", NOW).enrolment)


def test_enr_23_who_coordinates_reviews_or_awards_oversees_the_studies() -> None:
    enrolment = answered(planned(), TEACHING, "associated").enrolment
    assert enrolment.overseen_by(AWARDING)
    assert not enrolment.overseen_by(TEACHING)
    assert enrolment.concerns(TEACHING)
    assert not enrolment.concerns("uu.nl")
