"""Who sees and does what: the caller's institution comes from the token, foreign and missing look the same (S1)."""

import pytest

from shared.web import acting
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService

LEARNER = "learner-of-application-1"
FOREIGN = "uu.nl"


@pytest.fixture
def enrolment(service: EnrolmentService) -> str:
    started = service.start()
    service.settle(started, kuleuven="associated")
    return started


@pytest.mark.parametrize(
    ("role", "institution", "subject"),
    [
        ("learner", None, "somebody-else"),
        ("registrar", FOREIGN, None),
        ("partner", FOREIGN, None),
        ("coordinator", FOREIGN, None),
        ("admissions_officer", FOREIGN, None),
    ],
)
def test_a_foreign_enrolment_looks_like_a_missing_one(
    service: EnrolmentService, enrolment: str, role: str, institution: str | None, subject: str | None
) -> None:
    foreign = service.call("GET", f"/enrolments/{enrolment}", role, institution, subject=subject)
    missing = service.call("GET", "/enrolments/none-such", role, institution, subject=subject)
    assert (foreign.status, foreign.body["detail"]) == (404, missing.body["detail"])
    listed = service.call("GET", "/enrolments", role, institution, subject=subject)
    assert listed.body["items"] == []


ALL = {AWARDING, PLATFORM, TEACHING, "ucm.es"}


@pytest.mark.parametrize(
    ("role", "institution", "seen"),
    [
        ("learner", None, ALL),
        ("registrar", AWARDING, ALL),
        ("partner", PLATFORM, {PLATFORM}),
        ("registrar", TEACHING, {TEACHING}),
        ("service", None, ALL),
        ("administrator", None, ALL),
    ],
)
def test_an_institution_sees_its_own_registration_and_all_where_it_oversees_the_studies(
    service: EnrolmentService,
    enrolment: str,
    role: str,
    institution: str | None,
    seen: set[str],
) -> None:
    subject = LEARNER if role == "learner" else None
    found = service.call("GET", f"/enrolments/{enrolment}", role, institution, subject=subject).body
    assert {r["institution"] for r in found["registrations"]} == seen
    listed = service.call("GET", "/registrations", role, institution, subject=subject).body["items"]
    assert {r["institution"] for r in listed} == seen


def test_the_history_shows_a_partner_nothing_of_other_institutions(
    service: EnrolmentService, enrolment: str
) -> None:
    own = service.registrations(enrolment)[TEACHING]["id"]
    steps = service.call("GET", f"/enrolments/{enrolment}/history", "partner", TEACHING).body["items"]
    assert {s["subject"] for s in steps} == {enrolment, own}


def test_only_the_institution_concerned_answers_for_its_registration(
    service: EnrolmentService, enrolment: str
) -> None:
    path = f"/registrations/{service.registrations(enrolment)[TEACHING]['id']}"
    body = {"remote_state": "associated"}
    by = {
        institution: service.call("PATCH", path, "partner", institution, body=body, If_Match="*").status
        for institution in (FOREIGN, PLATFORM, AWARDING, TEACHING)
    }
    assert by == {FOREIGN: 404, PLATFORM: 404, AWARDING: 403, TEACHING: 200}


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("suspension", None),
        ("withdrawal", None),
        ("cancellation", {"reason_code": "institution_decision"}),
        ("end", {"reason_code": "no_show"}),
    ],
)
def test_enr_23_only_who_coordinates_reviews_or_awards_decides_on_the_studies(
    service: EnrolmentService, enrolment: str, action: str, body: dict[str, str] | None
) -> None:
    path = f"/enrolments/{enrolment}/{action}"
    assert service.call("POST", path, "registrar", FOREIGN, body=body).status == 404
    assert service.call("POST", path, "registrar", PLATFORM, body=body).status == 403
    assert service.call("POST", path, "registrar", AWARDING, body=body).status == 201


@pytest.mark.parametrize("action", ["suspension", "resumption", "withdrawal"])
def test_a_learner_decides_only_about_the_own_studies(
    service: EnrolmentService, enrolment: str, action: str
) -> None:
    path = f"/enrolments/{enrolment}/{action}"
    assert service.call("POST", path, "learner", subject="somebody-else").status == 404


@pytest.mark.parametrize("action", ["cancellation", "end"])
def test_a_learner_does_not_take_an_institutions_decision(
    service: EnrolmentService, enrolment: str, action: str
) -> None:
    body = {"reason_code": "no_show"}
    refused = service.call("POST", f"/enrolments/{enrolment}/{action}", "learner", subject=LEARNER, body=body)
    assert refused.status == 403


def test_only_an_institution_concerned_confirms_attendance(service: EnrolmentService) -> None:
    started = service.start("application-2", track="attendance")
    service.settle(started, kuleuven="associated")
    path = f"/enrolments/{started}/attendance"
    assert service.call("POST", path, "confirmer", FOREIGN, body={}).status == 404
    assert service.call("POST", path, "learner", body={}).status == 403
    assert service.call("POST", path, "partner", TEACHING, body={}).status == 201


@pytest.mark.parametrize("action", ["reminder", "denial"])
def test_a_partner_does_not_chase_others(service: EnrolmentService, enrolment: str, action: str) -> None:
    registration = service.registrations(enrolment)[AWARDING]["id"]
    path = f"/registrations/{registration}/{action}"
    assert service.call("POST", path, "partner", PLATFORM).status == 403
    assert service.call("POST", path, "registrar", PLATFORM).status == 404


def test_nobody_without_a_token_sees_anything(service: EnrolmentService, enrolment: str) -> None:
    assert service.client.get(f"/enrolment/v1/enrolments/{enrolment}").status_code == 401


BOTH = ["registrar", "learner"]


def test_who_is_a_registrar_elsewhere_acts_as_the_learner_in_the_own_studies(
    service: EnrolmentService, enrolment: str
) -> None:
    """The role that may acts, whatever the order in the token, and stands in the history."""
    path = f"/enrolments/{enrolment}"
    assert service.call("GET", path, BOTH, FOREIGN, subject=LEARNER).status == 200
    key = {"Idempotency_Key": "pause"}
    paused = [
        service.call("POST", f"{path}/suspension", BOTH, FOREIGN, subject=LEARNER, **key) for _ in range(2)
    ]
    assert [(each.status, each.body["state"]) for each in paused] == [(201, "suspended")] * 2
    steps = service.call("GET", f"{path}/history", "registrar", AWARDING).body["items"]
    [step] = [s for s in steps if s["trigger"] == "suspend" and s["subject_type"] == "enrolment"]
    assert (step["role"], step["actor"]) == ("learner", service.learner_id(LEARNER))
    assert step["reason"] == "learner_request"
    assert service.names().count("enrolment.suspended") == 1


def test_negative_control_in_the_first_role_alone_the_own_studies_are_foreign(
    service: EnrolmentService, enrolment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "_other_roles", tuple)
    assert service.call("GET", f"/enrolments/{enrolment}", BOTH, FOREIGN, subject=LEARNER).status == 404


def test_the_first_role_of_the_policy_acts_where_it_may(service: EnrolmentService, enrolment: str) -> None:
    path = f"/enrolments/{enrolment}"
    assert service.call("POST", f"{path}/suspension", BOTH, AWARDING, subject="rita").status == 201
    steps = service.call("GET", f"{path}/history", "registrar", AWARDING).body["items"]
    assert {s["role"] for s in steps if s["trigger"] == "suspend"} == {"registrar"}


def test_a_list_is_that_of_the_role_that_is_asked_for(service: EnrolmentService, enrolment: str) -> None:
    """Both roles may list; the header says whose list is meant."""

    def listed(**headers: str) -> list[str]:
        answer = service.call("GET", "/enrolments", BOTH, FOREIGN, subject=LEARNER, **headers)
        return [each["id"] for each in answer.body["items"]]

    assert listed() == []
    assert listed(Acting_Role="learner") == [enrolment]
    refused = service.call("GET", "/enrolments", BOTH, FOREIGN, subject=LEARNER, Acting_Role="assessor")
    assert refused.status == 403


def test_nobody_decides_as_a_registrar_on_the_own_studies(service: EnrolmentService, enrolment: str) -> None:
    """As the learner that the registrar also is, the same person may give them up."""
    path, own = f"/enrolments/{enrolment}", {"subject": LEARNER}
    body = {"reason_code": "institution_decision"}
    assert service.call("POST", f"{path}/cancellation", "registrar", AWARDING, body=body, **own).status == 403
    assert service.call("POST", f"{path}/suspension", "registrar", AWARDING, **own).status == 403
    registration = f"/registrations/{service.registrations(enrolment)[AWARDING]['id']}"
    word = {"remote_state": "associated"}
    answered = service.call("PATCH", registration, "registrar", AWARDING, body=word, If_Match="*", **own)
    assert answered.status == 403
    assert service.call("POST", f"{registration}/reminder", "registrar", AWARDING, **own).status == 403
    given_up = service.call("POST", f"{path}/withdrawal", BOTH, AWARDING, **own)
    assert (given_up.status, given_up.body["state"]) == (201, "withdrawn")
    steps = service.call("GET", f"{path}/history", "registrar", AWARDING).body["items"]
    assert {s["role"] for s in steps if s["trigger"] == "withdraw"} == {"learner"}


def test_a_role_that_may_not_is_explained_rather_than_hidden(
    service: EnrolmentService, enrolment: str
) -> None:
    """As a registrar of a platform the caller sees the case and may not decide; as a learner it is foreign."""
    path = f"/enrolments/{enrolment}/suspension"
    assert service.call("POST", path, BOTH, PLATFORM, subject="somebody").status == 403
    assert service.call("POST", path, BOTH, FOREIGN, subject="somebody").status == 404
    assert service.call("POST", path, ["learner", "assessor"], AWARDING, subject="somebody").status == 404
