"""From `application.admitted` to registrations, exactly where they are needed (ENR-01, ENR-02)."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shared.ids import derived_id
from shared.messaging.tables import jobs, kept_documents
from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService

ENROLMENT = derived_id("enrolment", "application-1")


def test_an_admission_requests_one_registration_of_each_institution_concerned(
    service: EnrolmentService,
) -> None:
    service.start()
    requested = service.published()
    assert [name for name, _ in requested] == ["registration.requested"] * 4
    assert {tuple(data["_to"]) for _, data in requested} == {
        (AWARDING,),
        (PLATFORM,),
        (TEACHING,),
        ("ucm.es",),
    }
    assert requested[0][1]["answer_by"] == "2026-03-04T09:30:00Z"
    assert service.enrolment(ENROLMENT)["state"] == "pending"


def test_partners_without_a_profile_for_the_target_group_are_never_asked(service: EnrolmentService) -> None:
    document = service.admission.publish()
    document["target_groups"][1]["registration_profile"] = [AWARDING, PLATFORM]
    service.start()
    assert {data["institution"] for _, data in service.published()} == {AWARDING, PLATFORM}


def test_the_learner_sees_the_enrolment_before_the_offering_is_fetched(service: EnrolmentService) -> None:
    service.deliver(service.admitted_event())
    seen = service.call("GET", f"/enrolments/{ENROLMENT}", "learner", subject="learner-of-application-1").body
    assert (seen["state"], seen["next"]["what"], seen["registrations"]) == (
        "pending",
        "prepare_registrations",
        [],
    )


def test_an_offering_version_is_fetched_once_and_kept_for_ever(service: EnrolmentService) -> None:
    service.start("application-1")
    service.start("application-2")
    service.admission.away = True
    service.start("application-3")
    assert service.admission.asked == ["/admission/v1/offerings/sustainability/versions/1"]
    assert service.names().count("registration.requested") == 12
    with service.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(kept_documents)).scalar() == 1


def test_a_published_offering_is_fetched_before_anybody_is_admitted(service: EnrolmentService) -> None:
    published = {"offering_id": "sustainability", "version": 1, "digest": "sha256:0"}
    service.deliver(service.event("admission", "offering.published", "sustainability", published))
    service.run_jobs()
    service.admission.away = True
    service.start()
    assert service.names().count("registration.requested") == 4


def test_while_admission_is_away_the_start_waits_and_goes_on_by_itself(service: EnrolmentService) -> None:
    service.admission.away = True
    service.start()
    assert service.names() == []
    with service.database.read() as connection:
        waiting = connection.execute(sa.select(jobs.c.kind, jobs.c.attempts, jobs.c.last_error)).one()
    assert (waiting.kind, waiting.attempts) == ("start_registrations", 1)
    assert "RestUnavailableError" in waiting.last_error
    service.admission.away = False
    service.clock.advance(timedelta(seconds=1))
    service.run_jobs()
    assert service.names().count("registration.requested") == 4


def test_another_document_than_the_one_asked_for_is_not_kept(service: EnrolmentService) -> None:
    document = service.admission.publish()
    document["version"] = 2
    service.start()
    assert service.names() == []
    assert ("start_registrations", ENROLMENT) in service.job_names()


def test_check_25_a_new_offering_version_leaves_earlier_registrations_byte_identical(
    service: EnrolmentService,
) -> None:
    first = service.start("application-1")
    before = service.enrolment(first)
    profiles: list[dict[str, Any]] = [*before_profiles(service), joining("uj.edu.pl")]
    service.admission.publish(version=2, registration_profiles=profiles)
    second = service.start("application-2", offering_version=2)
    assert service.enrolment(first) == before
    assert set(service.registrations(second)) == {*service.registrations(first), "uj.edu.pl"}


def before_profiles(service: EnrolmentService) -> list[dict[str, Any]]:
    document = service.admission.documents["/admission/v1/offerings/sustainability/versions/1"]
    profiles: list[dict[str, Any]] = document["registration_profiles"]
    return profiles


def joining(institution: str) -> dict[str, Any]:
    return {
        "institution": institution,
        "role": "teaching",
        "required_for": "none",
        "data": ["name"],
        "answer_within": "PT48H",
        "procedure": {"en": "By hand."},
        "entitlement": None,
    }


@pytest.mark.parametrize("times", [1, 3])
def test_check_11_a_redelivered_admission_starts_one_enrolment(service: EnrolmentService, times: int) -> None:
    event = service.admitted_event()
    service.deliver(*[event] * times)
    service.run_jobs()
    listed = service.call("GET", "/enrolments", "service").body["items"]
    assert [each["id"] for each in listed] == [ENROLMENT]


def test_a_second_announcement_of_the_same_admission_changes_nothing(service: EnrolmentService) -> None:
    service.start()
    before = service.enrolment(ENROLMENT)
    service.deliver(service.admitted_event())
    service.run_jobs()
    assert service.enrolment(ENROLMENT) == before


def test_a_withdrawal_that_arrives_before_the_start_job_leaves_nothing_to_start(
    service: EnrolmentService,
) -> None:
    service.deliver(service.admitted_event(), service.application_event("application.withdrawn"))
    service.run_jobs()
    assert service.names() == ["enrolment.withdrawn"]
    assert service.enrolment(ENROLMENT)["registrations"] == []


@pytest.mark.parametrize("name", ["application.withdrawn", "admission.revoked"])
def test_check_11_a_withdrawal_or_revocation_that_overtakes_the_admission_is_remembered(
    service: EnrolmentService, name: str
) -> None:
    admitted, given_up = service.admitted_event(), service.application_event(name)
    service.deliver(given_up, admitted, given_up)
    service.run_jobs()
    assert service.call("GET", "/enrolments", "service").body["items"] == []
    assert service.names() == []


def test_without_an_enrolment_a_withdrawal_is_ignored(service: EnrolmentService) -> None:
    service.deliver(service.application_event("application.withdrawn"))
    assert service.names() == []


def test_an_admission_after_a_revocation_starts_a_new_round(service: EnrolmentService) -> None:
    service.start()
    service.deliver(service.application_event("admission.revoked"))
    service.clock.advance(timedelta(seconds=1))
    service.start()
    first, second = service.call("GET", "/enrolments?application=application-1", "service").body["items"]
    assert [(first["round"], first["state"]), (second["round"], second["state"])] == [
        (1, "cancelled"),
        (2, "pending"),
    ]
    assert second["id"] == derived_id("enrolment", "application-1", "2")
    service.deliver(service.application_event("application.withdrawn"))
    assert service.enrolment(second["id"])["state"] == "withdrawn"
