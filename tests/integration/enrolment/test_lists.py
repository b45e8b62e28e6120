"""Work lists: by state, deadline and offering, page by page in a stable order."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.enrolment.conftest import AWARDING, PLATFORM, TEACHING, EnrolmentService


@pytest.fixture
def five(service: EnrolmentService) -> list[str]:
    """Five enrolments, an hour apart; the first two active, the third withdrawn."""
    started = []
    for number in range(1, 6):
        started.append(service.start(f"application-{number}"))
        service.clock.advance(timedelta(hours=1))
    for enrolment in started[:2]:
        service.settle(enrolment, kuleuven="associated")
    service.deliver(service.application_event("application.withdrawn", "application-3"))
    return started


def pages(service: EnrolmentService, path: str, role: str, institution: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = f"{path}{'&' if '?' in path else '?'}limit=2"
    while following is not None:
        body = service.call("GET", following.removeprefix("/enrolment/v1"), role, institution).body
        assert len(body["items"]) <= 2
        found += body["items"]
        following = body["next"]
    return found


def test_enrolments_are_listed_page_by_page_the_longest_in_their_state_first(
    service: EnrolmentService, five: list[str]
) -> None:
    listed = pages(service, "/enrolments", "registrar", AWARDING)
    assert [each["id"] for each in listed] == [five[3], five[4], *sorted(five[:3])]


@pytest.mark.parametrize(
    ("state", "indices"), [("enrolled", {0, 1}), ("withdrawn", {2}), ("pending", {3, 4})]
)
def test_enrolments_are_filtered_by_state(
    service: EnrolmentService, five: list[str], state: str, indices: set[int]
) -> None:
    listed = pages(service, f"/enrolments?state={state}", "registrar", AWARDING)
    assert {each["id"] for each in listed} == {five[i] for i in indices}


def test_enrolments_are_filtered_by_application_offering_and_track(
    service: EnrolmentService, five: list[str]
) -> None:
    one = pages(service, "/enrolments?application=application-2", "registrar", AWARDING)
    assert [each["id"] for each in one] == [five[1]]
    assert (
        len(pages(service, "/enrolments?offering=sustainability&track=assessed", "registrar", AWARDING)) == 5
    )
    assert pages(service, "/enrolments?offering=another", "registrar", AWARDING) == []
    assert pages(service, "/enrolments?track=attendance", "registrar", AWARDING) == []


def test_a_partner_lists_its_registrations_by_deadline(service: EnrolmentService, five: list[str]) -> None:
    listed = pages(service, "/registrations?state=pending", "partner", TEACHING)
    assert [each["enrolment_id"] for each in listed] == [five[0], five[1], five[3], five[4]]
    assert {each["institution"] for each in listed} == {TEACHING}


def test_a_registrar_lists_what_is_due_before_a_moment(service: EnrolmentService, five: list[str]) -> None:
    due = "2026-03-04T10:00:00Z"
    listed = pages(service, f"/registrations?deadline_before={due}", "registrar", AWARDING)
    assert {each["enrolment_id"] for each in listed} == {five[0]}
    assert {each["institution"] for each in listed} == {AWARDING, TEACHING, "ucm.es"}


def test_a_registrar_lists_what_is_overdue(service: EnrolmentService, five: list[str]) -> None:
    service.clock.advance(timedelta(hours=44))
    service.run_jobs()
    overdue = pages(service, "/registrations?overdue=true", "registrar", AWARDING)
    assert {each["enrolment_id"] for each in overdue} == {five[0], five[1]}
    others = pages(service, "/registrations?overdue=false", "registrar", AWARDING)
    assert len(others) == 20 - len(overdue)


def test_a_registrar_narrows_by_institution_enrolment_and_wish(
    service: EnrolmentService, five: list[str]
) -> None:
    one = pages(service, f"/registrations?enrolment={five[2]}&institution={PLATFORM}", "registrar", AWARDING)
    assert [(each["state"], each["desired_state"]) for each in one] == [("cancelled", "cancelled")]
    assert len(pages(service, "/registrations?desired_state=cancelled", "registrar", AWARDING)) == 4
    assert pages(service, "/registrations?offering=another", "registrar", AWARDING) == []


@pytest.mark.parametrize(
    "query",
    [
        "state=canceled",
        "overdue=perhaps",
        "deadline_before=soon",
        "deadline_before=2026-03-04T10:00:00",
        "limit=0",
        "limit=100000",
        "after=nothing",
        "unknown=1",
        "state=pending&state=queued",
    ],
)
def test_a_list_that_cannot_be_made_is_a_problem_of_the_client(service: EnrolmentService, query: str) -> None:
    refused = service.call("GET", f"/registrations?{query}", "registrar", AWARDING)
    assert refused.status in {400, 422}
    assert refused.body["errors"][0]["parameter"] == query.partition("=")[0]
