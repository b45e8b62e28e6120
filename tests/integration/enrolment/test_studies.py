"""Suspension, withdrawal, completion, attendance and their histories, over REST and events (D3)."""

import itertools
from datetime import timedelta

import pytest

from shared.ids import derived_id
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, EnrolmentService

LEARNER = "learner-of-application-1"


@pytest.fixture
def enrolment(service: EnrolmentService) -> str:
    started = service.start()
    service.settle(started, kuleuven="associated")
    return started


@pytest.fixture
def attending(service: EnrolmentService) -> str:
    started = service.start(track="attendance")
    service.settle(started, kuleuven="associated")
    return started


def test_enr_12_a_learner_suspends_and_resumes(service: EnrolmentService, enrolment: str) -> None:
    suspended = service.call("POST", f"/enrolments/{enrolment}/suspension", "learner", subject=LEARNER)
    assert (suspended.status, suspended.body["state"], suspended.body["reason_code"]) == (
        201,
        "suspended",
        "learner_request",
    )
    assert service.registrations(enrolment)[PLATFORM]["state"] == "x-suspended"
    resumed = service.call("POST", f"/enrolments/{enrolment}/resumption", "registrar", AWARDING)
    assert (resumed.status, resumed.body["state"]) == (201, "enrolled")
    assert service.names()[-4:] == [
        "enrolment.suspended",
        "registration.suspended",
        "enrolment.resumed",
        "registration.resumed",
    ]


def test_a_completion_while_suspended_takes_effect_on_resumption(
    service: EnrolmentService, enrolment: str
) -> None:
    service.call("POST", f"/enrolments/{enrolment}/suspension", "learner", subject=LEARNER)
    service.deliver(service.plan_event("completion.achieved", enrolment))
    assert service.enrolment(enrolment)["state"] == "suspended"
    resumed = service.call("POST", f"/enrolments/{enrolment}/resumption", "learner", subject=LEARNER)
    assert resumed.body["state"] == "completed"


def test_a_learner_withdraws_and_every_institution_is_asked_to_cancel(
    service: EnrolmentService, enrolment: str
) -> None:
    withdrawn = service.call("POST", f"/enrolments/{enrolment}/withdrawal", "learner", subject=LEARNER)
    assert (withdrawn.status, withdrawn.body["state"], withdrawn.body["next"]) == (201, "withdrawn", None)
    asked = [d["institution"] for n, d in service.published() if n == "registration.desired_state_changed"]
    assert len(asked) == 4
    assert service.job_names() == set()


def test_a_registrar_cancels_with_a_reason_of_the_list(service: EnrolmentService, enrolment: str) -> None:
    path = f"/enrolments/{enrolment}/cancellation"
    wrong = service.call("POST", path, "registrar", AWARDING, body={"reason_code": "she is ill"})
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "#/reason_code")
    body = {"reason_code": "institution_decision"}
    cancelled = service.call("POST", path, "registrar", AWARDING, body=body)
    assert (cancelled.status, cancelled.body["state"]) == (201, "cancelled")
    again = service.call("POST", path, "registrar", AWARDING, body=body)
    assert (again.status, again.body["type"].rpartition("/")[2]) == (409, "illegal-transition")


def test_a_decision_on_an_older_version_is_refused(service: EnrolmentService, enrolment: str) -> None:
    read = service.call("GET", f"/enrolments/{enrolment}", "learner", subject=LEARNER)
    service.settle(enrolment, helsinki="associated")
    stale = service.call(
        "POST",
        f"/enrolments/{enrolment}/withdrawal",
        "learner",
        subject=LEARNER,
        If_Match=read.etag or "",
    )
    assert stale.status == 412


def test_enr_06_attendance_confirmed_by_a_named_person_completes(
    service: EnrolmentService, attending: str
) -> None:
    body = {"confirmed_on": "2026-03-01", "hours": 24}
    confirmed = service.call("POST", f"/enrolments/{attending}/attendance", "registrar", AWARDING, body=body)
    assert (confirmed.status, confirmed.body["state"]) == (201, "completed")
    assert confirmed.body["attendance"] == {"institution": AWARDING, **body}
    assert service.names()[-2:] == ["attendance.confirmed", "enrolment.completed"]
    steps = service.call("GET", f"/enrolments/{attending}/history", "registrar", AWARDING).body["items"]
    assert steps[-1]["trigger"] == "complete"
    assert steps[-1]["actor"].startswith("person-")


def test_attendance_is_confirmed_once(service: EnrolmentService, attending: str) -> None:
    path = f"/enrolments/{attending}/attendance"
    assert service.call("POST", path, "assessor", PLATFORM, body={}).status == 201
    assert service.call("POST", path, "assessor", PLATFORM, body={}).status == 409


def test_check_12_a_no_show_ends(service: EnrolmentService, attending: str) -> None:
    ended = service.call(
        "POST", f"/enrolments/{attending}/end", "registrar", AWARDING, body={"reason_code": "no_show"}
    )
    assert (ended.status, ended.body["state"], ended.body["reason_code"]) == (201, "ended", "no_show")
    assert (
        service.call("POST", f"/enrolments/{attending}/attendance", "registrar", AWARDING, body={}).status
        == 409
    )


def test_nobody_confirms_their_own_attendance(service: EnrolmentService, attending: str) -> None:
    path = f"/enrolments/{attending}/attendance"
    own = service.call("POST", path, "assessor", AWARDING, subject=LEARNER, body={})
    assert (own.status, service.enrolment(attending)["state"]) == (403, "enrolled")
    assert service.call("POST", path, "assessor", AWARDING, body={}).status == 201


def test_attendance_does_not_complete_the_assessed_track(service: EnrolmentService, enrolment: str) -> None:
    refused = service.call("POST", f"/enrolments/{enrolment}/attendance", "registrar", AWARDING, body={})
    assert (refused.status, "assessed track" in refused.body["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("names", "state"),
    [
        (["completion.achieved"], "completed"),
        (["completion.achieved", "completion.overturned"], "enrolled"),
        (["completion.achieved", "completion.overturned", "completion.achieved"], "completed"),
        (["completion.achieved", "completion.overturned", "completion.not_achieved"], "ended"),
        (["assessment_plan.lapsed"], "ended"),
        (["assessment_plan.lapsed", "assessment_plan.extended"], "enrolled"),
        (["completion.not_achieved", "completion.reopened", "completion.achieved"], "completed"),
    ],
)
def test_check_11_the_assessments_word_is_followed_in_any_order(
    service: EnrolmentService, enrolment: str, names: list[str], state: str
) -> None:
    events = [service.plan_event(name, enrolment, number) for number, name in enumerate(names, start=1)]
    copies = [enrolment]
    for number, order in enumerate(itertools.permutations(range(len(names))), start=2):
        other = service.start(f"application-{number}")
        service.settle(other, kuleuven="associated")
        theirs = [service.plan_event(name, other, place) for place, name in enumerate(names, start=1)]
        shuffled = [theirs[place] for place in order]
        service.deliver(*shuffled, *theirs)
        copies.append(other)
    service.deliver(*events)
    assert {service.enrolment(each)["state"] for each in copies} == {state}


def test_an_assessment_of_an_unknown_enrolment_is_remembered_and_fails_nothing(
    service: EnrolmentService,
) -> None:
    later = derived_id("enrolment", "application-1")
    service.deliver(service.plan_event("completion.achieved", later))
    service.settle(service.start(), kuleuven="associated")
    assert service.enrolment(later)["state"] == "completed"


@pytest.mark.parametrize("name", ["application.withdrawn", "admission.revoked"])
def test_a_completed_enrolment_does_not_follow_its_application_any_more(
    service: EnrolmentService, enrolment: str, name: str
) -> None:
    service.deliver(service.plan_event("completion.achieved", enrolment))
    before = service.enrolment(enrolment)
    service.deliver(service.application_event(name))
    assert service.enrolment(enrolment) == before


def test_the_history_tells_who_did_what_and_why(service: EnrolmentService, enrolment: str) -> None:
    service.call("POST", f"/enrolments/{enrolment}/suspension", "registrar", AWARDING, subject="registrar-7")
    steps = service.call("GET", f"/enrolments/{enrolment}/history", "registrar", AWARDING).body["items"]
    assert [s["trigger"] for s in steps] == [
        "admit",
        *["request"] * 4,
        "confirm",
        "all_required_for_start_associated",
        "suspend",
        "suspend",
    ]
    last = next(s for s in steps if s["trigger"] == "suspend" and s["subject_type"] == "enrolment")
    assert (last["actor"], last["role"], last["institution"], last["reason"]) == (
        "registrar-7",
        "registrar",
        AWARDING,
        "institution_decision",
    )
    assert steps[0]["actor"] == "system"


@pytest.mark.parametrize(("days", "refunded"), [(13, True), (15, False)])
def test_check_13_the_refund_clock_runs_from_the_contract(
    service: EnrolmentService, enrolment: str, days: int, *, refunded: bool
) -> None:
    assert service.enrolment(enrolment)["full_refund_until"] == "2026-03-16"
    service.clock.advance(timedelta(days=days))
    service.call("POST", f"/enrolments/{enrolment}/withdrawal", "learner", subject=LEARNER)
    owed = {"amount": 60000, "currency": "EUR", "reason_code": "statutory_withdrawal"}
    assert service.enrolment(enrolment)["refund"] == (owed if refunded else None)


def test_enr_24_the_learner_sees_what_is_next_by_whom_until_when_and_whom_to_ask(
    service: EnrolmentService,
) -> None:
    started = service.start()
    seen = service.call("GET", f"/enrolments/{started}", "learner", subject=LEARNER).body
    assert seen["next"] == {
        "what": "answer_registration",
        "who": "institution",
        "institutions": [PLATFORM],
        "until": "2026-03-04T09:30:00+00:00",
        "see": None,
    }
    assert seen["support"] == {"contact": "support@example.org", "hours": "Mon-Fri 9-16 EET"}
    assert seen["title"]["fi"] == "Kestävyys"
    listed = service.call("GET", "/enrolments", "learner", subject=LEARNER).body["items"]
    assert listed == [seen]
