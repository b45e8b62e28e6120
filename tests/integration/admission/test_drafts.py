"""What an application has to be before it is reviewed, and how a draft ends (D1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.admission.conftest import DIPLOMA, IELTS, ON_SQLITE

pytestmark = pytest.mark.usefixtures("published")


def test_a_draft_that_nobody_hands_in_expires_and_lets_the_learner_begin_anew(service: Any):
    subject = service.learner()
    application = service.draft(subject)
    service.clock.advance(timedelta(days=89))
    service.run_jobs()
    assert service.state(application) == "draft"
    service.clock.advance(timedelta(days=2))
    service.run_jobs()
    assert service.state(application) == "expired"
    assert service.draft(subject) != application


def test_one_live_application_per_learner_and_offering(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    body = {"offering_id": "sustainability", "target_group": "professional"}
    second = service.call("POST", "/applications", "learner", subject=subject, body=body)
    assert second.status == 409
    assert application in second.body["detail"]
    service.learner_step(application, "withdrawal", subject, {"reason": "no time"})
    assert service.draft(subject) != application


def test_a_double_click_makes_one_application(service: Any):
    """Check 6."""
    subject = service.learner()
    body = {"offering_id": "sustainability", "target_group": "professional"}
    answers = [
        service.call("POST", "/applications", "learner", subject=subject, body=body, Idempotency_Key="k1")
        for _ in range(2)
    ]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].text == answers[1].text


def test_the_version_that_the_learner_saw_is_recorded_and_a_newer_one_is_pointed_to(service: Any):
    """ADM-14."""
    subject = service.learner()
    application = service.draft(subject, IELTS, DIPLOMA, offering_version=1)
    service.publish(admission__rule_set={"version": "2"})
    other = service.learner()
    body = {"offering_id": "sustainability", "offering_version": 1, "target_group": "professional"}
    stale = service.call("POST", "/applications", "learner", subject=other, body=body)
    assert (stale.status, stale.pointers) == (409, {"/offering_version"})
    assert service.application(service.draft(other))["offering_version"] == 2
    assert service.submit(application, subject).body["eligibility"]["rule_set"] == "1"


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"target_group": "nobility"}, 422, "/target_group"),
        ({"track": "attendance"}, 422, "/track"),
        ({"offering_id": "nothing-here"}, 404, None),
        ({"evidence": [{"kind": "ielts", "facts": {"score": "NaN"}}]}, 422, "/evidence/0/facts/score"),
        ({"evidence": [{"kind": "ielts", "verification": "by_person"}]}, 422, "/evidence/0/verification"),
        ({"evidence": [{"kind": "ielts", "facts": {"eqf": True}}]}, 422, "/evidence/0/facts/eqf"),
    ],
)
def test_a_malformed_application_is_refused(
    service: Any, body: dict[str, Any], status: int, pointer: str | None
):
    subject = service.learner()
    sent = {"offering_id": "sustainability", "target_group": "professional", **body}
    answer = service.call("POST", "/applications", "learner", subject=subject, body=sent)
    assert answer.status == status
    assert pointer is None or pointer in answer.pointers


def test_terms_are_accepted_in_the_version_in_force(service: Any):
    """ADM-18."""
    subject = service.learner()
    application = service.draft(subject)
    answer = service.learner_step(application, "submission", subject, {"terms_version": "0"})
    assert (answer.status, answer.pointers) == (422, {"/terms_version"})


def test_an_application_needs_a_learner_record(service: Any):
    body = {"offering_id": "sustainability", "target_group": "professional"}
    answer = service.call("POST", "/applications", "learner", subject="nobody-yet", body=body)
    assert answer.status == 409
    assert "/learners" in answer.body["detail"]
