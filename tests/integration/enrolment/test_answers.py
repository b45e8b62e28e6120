"""Partners answer over REST; what follows is told in events (practice checks 8 and 9, D2, D3)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.enrolment.store.tables import refunds
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService

NEEDED_BY_ALL = [
    {"institution": AWARDING, "role": "awarding", "required_for": "start"},
    {"institution": PLATFORM, "role": "teaching", "required_for": "start"},
    {"institution": TEACHING, "role": "teaching", "required_for": "award"},
]


def publish_profiles(service: EnrolmentService, profiles: list[dict[str, str]]) -> None:
    common: dict[str, object] = {
        "data": ["name"],
        "answer_within": "PT48H",
        "procedure": {},
        "entitlement": None,
    }
    service.admission.publish(registration_profiles=[{**common, **profile} for profile in profiles])


def test_the_learner_starts_when_the_institutions_needed_for_the_start_have_confirmed(
    service: EnrolmentService,
) -> None:
    enrolment = service.start()
    service.settle(enrolment, kuleuven="associated")
    assert service.names()[-2:] == ["registration.associated", "enrolment.activated"]
    activated = service.published()[-1][1]
    assert (activated["track"], activated["state"]) == ("assessed", "enrolled")
    assert activated["_to"] == sorted([AWARDING, PLATFORM, TEACHING, "ucm.es"])


def test_check_8_a_denial_of_a_needed_registration_is_compensated(service: EnrolmentService) -> None:
    publish_profiles(service, NEEDED_BY_ALL)
    enrolment = service.start()
    service.settle(enrolment, helsinki="associated", kuleuven="associated", unibo="denied")
    found = service.enrolment(enrolment)
    assert (found["state"], found["reason_code"]) == ("cancelled", "registration_denied")
    assert found["refund"] == {"amount": 60000, "currency": "EUR", "reason_code": "registration_denied"}
    assert {i: (r["state"], r["desired_state"]) for i, r in service.registrations(enrolment).items()} == {
        AWARDING: ("associated", "cancelled"),
        PLATFORM: ("associated", "cancelled"),
        TEACHING: ("denied", "cancelled"),
    }
    asked = [data["_to"] for name, data in service.published() if name.endswith("desired_state_changed")]
    assert asked == [[AWARDING], [PLATFORM]]
    service.settle(enrolment, helsinki="cancelled", kuleuven="cancelled")
    assert {r["state"] for r in service.registrations(enrolment).values()} == {"cancelled", "denied"}
    with service.database.read() as connection:
        assert len(connection.execute(sa.select(refunds)).all()) == 1


def test_check_8_a_denial_of_a_registration_needed_for_nothing_leaves_the_learner_enrolled(
    service: EnrolmentService,
) -> None:
    enrolment = service.start()
    service.settle(enrolment, kuleuven="associated", unibo="denied")
    assert service.enrolment(enrolment)["state"] == "enrolled"


def test_check_9_silence_is_overdue_after_the_deadline_and_listed(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.settle(enrolment, kuleuven="associated", ucm="associated", unibo="queued")
    service.clock.advance(timedelta(hours=47))
    service.run_jobs()
    assert "registration.overdue" not in service.names()
    service.clock.advance(timedelta(hours=1))
    service.run_jobs()
    overdue = [data for name, data in service.published() if name == "registration.overdue"]
    assert [(o["institution"], o["state"], o["_to"]) for o in overdue] == [(AWARDING, "pending", [AWARDING])]
    listed = service.call("GET", "/registrations?overdue=true", "registrar", AWARDING).body["items"]
    assert [each["institution"] for each in listed] == [AWARDING]
    assert service.job_names() == set()


def test_check_9_a_late_answer_after_the_cancellation_is_compensated(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.deliver(service.application_event("application.withdrawn"))
    late = service.answer(service.registrations(enrolment)[AWARDING]["id"], AWARDING, "associated")
    assert (late.status, late.body["state"], late.body["remote_state"]) == (200, "cancelled", "associated")
    assert service.names()[-1] == "registration.desired_state_changed"
    to_cancel = service.call("GET", "/registrations?to_cancel=true", "registrar", AWARDING).body["items"]
    assert [each["institution"] for each in to_cancel] == [AWARDING]
    service.settle(enrolment, helsinki="cancelled")
    assert service.names()[-1] == "registration.reconciled"
    assert service.call("GET", "/registrations?to_cancel=true", "registrar", AWARDING).body["items"] == []


def test_a_reminder_starts_a_new_deadline(service: EnrolmentService) -> None:
    enrolment = service.start()
    silent = service.registrations(enrolment)[TEACHING]["id"]
    service.clock.advance(timedelta(hours=48))
    service.run_jobs()
    reminded = service.call("POST", f"/registrations/{silent}/reminder", "registrar", AWARDING)
    assert (reminded.status, reminded.body["reminders"]) == (201, 1)
    assert service.names()[-1] == "registration.requested"
    service.clock.advance(timedelta(hours=48))
    service.run_jobs()
    again = [
        d for n, d in service.published() if n == "registration.overdue" and d["institution"] == TEACHING
    ]
    assert len(again) == 2


def test_a_registrar_gives_up_a_silent_institution_only_after_its_deadline(
    service: EnrolmentService,
) -> None:
    enrolment = service.start()
    silent = service.registrations(enrolment)[TEACHING]["id"]
    early = service.call("POST", f"/registrations/{silent}/denial", "registrar", AWARDING)
    assert (early.status, early.body["type"].rpartition("/")[2]) == (409, "conflict")
    service.clock.advance(timedelta(hours=48))
    service.run_jobs()
    denied = service.call("POST", f"/registrations/{silent}/denial", "registrar", AWARDING)
    assert (denied.status, denied.body["state"]) == (201, "denied")


def test_d2_a_registrar_finds_and_gives_up_an_institution_that_queued_the_learner_for_ever(
    service: EnrolmentService,
) -> None:
    enrolment = service.start()
    service.settle(enrolment, unibo="queued")
    queued = service.registrations(enrolment)[TEACHING]
    early = service.call("POST", f"/registrations/{queued['id']}/denial", "registrar", AWARDING)
    assert early.status == 409
    service.clock.advance(timedelta(hours=48, seconds=1))
    service.run_jobs()
    now = service.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    due = f"/registrations?state=queued&deadline_before={now}"
    listed = service.call("GET", due, "registrar", AWARDING).body["items"]
    assert [each["id"] for each in listed] == [queued["id"]]
    denied = service.call("POST", f"/registrations/{queued['id']}/denial", "registrar", AWARDING)
    assert (denied.status, denied.body["state"]) == (201, "denied")
    assert service.names()[-1] == "registration.desired_state_changed"


def test_after_completion_a_denial_is_followed_by_a_new_request(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.settle(enrolment, kuleuven="associated")
    service.deliver(service.plan_event("completion.achieved", enrolment))
    service.settle(enrolment, helsinki="denied")
    found = service.enrolment(enrolment)
    assert (found["state"], found["next"]["what"]) == ("completed", "request_registration_again")
    anew = service.call(
        "POST",
        f"/enrolments/{enrolment}/registrations",
        "registrar",
        AWARDING,
        body={"institution": AWARDING},
    )
    assert (anew.status, anew.body["number"], anew.body["state"]) == (201, 2, "pending")
    assert anew.location == f"/enrolment/v1/registrations/{anew.body['id']}"
    service.settle(enrolment, helsinki="associated")
    following = service.enrolment(enrolment)["next"]
    assert (following["what"], following["who"]) == ("see_certificate", "certification")
    assert following["see"] == f"/certification/v1/certificates?enrolment={enrolment}"


def test_an_answer_needs_the_etag_that_was_read(service: EnrolmentService) -> None:
    registration = service.registrations(service.start())[PLATFORM]["id"]
    path, body = f"/registrations/{registration}", {"remote_state": "queued"}
    assert service.call("PATCH", path, "partner", PLATFORM, body=body).status == 428
    assert service.call("PATCH", path, "partner", PLATFORM, body=body, If_Match='"7"').status == 412
    assert service.call("PATCH", path, "partner", PLATFORM, body=body, If_Match='"1"').status == 200
    assert service.call("PATCH", path, "partner", PLATFORM, body=body, If_Match='"1"').status == 412
    assert service.call("GET", path, "partner", PLATFORM).etag == '"2"'


def test_an_answer_that_changes_nothing_leaves_the_etag(service: EnrolmentService) -> None:
    registration = service.registrations(service.start())[PLATFORM]["id"]
    assert service.answer(registration, PLATFORM, "associated", esi="urn:x").etag == '"2"'
    assert service.answer(registration, PLATFORM, "associated", esi="urn:x").etag == '"2"'
    assert service.answer(registration, PLATFORM, "associated", esi="urn:y").etag == '"3"'
    stale = service.call(
        "PATCH", f"/registrations/{registration}", "partner", PLATFORM, body={"esi": "urn:y"}, If_Match='"2"'
    )
    assert stale.status == 412


def test_institutions_do_not_disturb_each_others_answers(service: EnrolmentService) -> None:
    found = service.registrations(service.start())
    etags = {
        i: service.call("GET", f"/registrations/{found[i]['id']}", "partner", i).etag
        for i in (AWARDING, PLATFORM, TEACHING)
    }
    for institution, etag in etags.items():
        patched = service.call(
            "PATCH",
            f"/registrations/{found[institution]['id']}",
            "partner",
            institution,
            body={"remote_state": "associated"},
            If_Match=etag or "",
        )
        assert patched.status == 200


def test_access_entitlement_and_numbers_are_kept_and_shown(service: EnrolmentService) -> None:
    enrolment = service.start()
    registration = service.registrations(enrolment)[PLATFORM]["id"]
    said = {
        "access_provisioned": True,
        "local_student_number": "r0123456",
        "esi": "urn:schac:personalUniqueCode:int:esi:kuleuven.be:r0123456",
        "entitlement_until": "2026-08-31",
    }
    answered = service.answer(registration, PLATFORM, "associated", **said).body
    assert answered["access_provisioned_at"] == "2026-03-02T09:30:00+00:00"
    assert (answered["entitlement_from"], answered["entitlement_until"]) == ("2026-03-02", "2026-08-31")
    assert (answered["local_student_number"], answered["esi"]) == ("r0123456", said["esi"])
    assert service.names()[-1] == "registration.access_provisioned"
    assert "r0123456" not in str(service.published())


def test_check_10_the_registration_speaks_both_versions_of_ooapi(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.deliver(service.application_event("application.withdrawn"))
    ooapi = service.registrations(enrolment)[PLATFORM]["ooapi"]
    assert (ooapi["v5"]["state"], ooapi["v6"]["state"]) == ("canceled", "cancelled")


def test_a_registration_says_what_data_is_asked_for(service: EnrolmentService) -> None:
    found = service.registrations(service.start())[PLATFORM]
    assert found["data_requested"] == ["name", "date_of_birth", "email"]
    assert found["request_digest"].startswith("sha256:")
    assert found["support"] == {"contact": "support@example.org", "hours": "Mon-Fri 9-16 EET"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"remote_state": "canceled"}, "#/remote_state"),
        ({"state": "associated"}, "#/state"),
        ({}, "#"),
        ({"remote_state": None}, "#/remote_state"),
        ({"access_provisioned": False}, "#/access_provisioned"),
        ({"local_student_number": ""}, "#/local_student_number"),
        ({"entitlement_from": "2026-05-02", "entitlement_until": "2026-05-01"}, "#/entitlement_until"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_place(
    service: EnrolmentService, body: dict[str, object], pointer: str
) -> None:
    registration = service.registrations(service.start())[PLATFORM]["id"]
    refused = service.call(
        "PATCH", f"/registrations/{registration}", "partner", PLATFORM, body=body, If_Match="*"
    )
    assert refused.status in {400, 422}
    assert pointer in {error["pointer"] for error in refused.body["errors"]}


def test_an_answer_that_cannot_follow_is_a_conflict_that_says_what_can(service: EnrolmentService) -> None:
    registration = service.registrations(service.start())[PLATFORM]["id"]
    refused = service.answer(registration, PLATFORM, "finished")
    assert refused.status == 409
    assert "Possible now: cancel, confirm, deny, queue" in refused.body["detail"]


def test_the_same_answer_twice_with_one_key_has_one_effect(service: EnrolmentService) -> None:
    enrolment = service.start()
    service.clock.advance(timedelta(hours=48))
    service.run_jobs()
    path = f"/registrations/{service.registrations(enrolment)[AWARDING]['id']}/reminder"
    first = service.call("POST", path, "registrar", AWARDING, subject="r", Idempotency_Key="key-00000001")
    again = service.call("POST", path, "registrar", AWARDING, subject="r", Idempotency_Key="key-00000001")
    assert (first.status, first.body) == (again.status, again.body)
    assert service.registrations(enrolment)[AWARDING]["reminders"] == 1
