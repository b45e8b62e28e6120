"""A credential presented as evidence is verified by its signature, and never decides against anybody (ADM-24, 31)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.rest import RestRefusedError, RestUnavailableError

RULE = {
    "id": "credits",
    "kind": "prior_knowledge",
    "params": {"ects": "5", "isced_f": ["0714"]},
    "accepted_evidence": ["digital_credential"],
    "verification": "presented_credential",
}


def presented(name: str) -> dict[str, Any]:
    subject = {
        "identifier": [{"hashed": False, "identityType": "name", "identityHash": name}],
        "creditsEarned": 6,
        "achievement": {"alignment": [{"targetType": "ext:ISCEDF", "targetCode": "0714"}]},
    }
    return {"kind": "digital_credential", "credential": {"credentialSubject": subject}}


@pytest.fixture
def applied(service: Any) -> tuple[str, str]:
    service.publish(admission={"review_mode": "automatic", "rule_set": {"criteria": [RULE]}})
    subject = service.learner(given_name="Ona", family_name="Kazlauskaitė")
    return service.apply(subject, presented("Ona Kazlauskaitė")), subject


def proof(service: Any, application: str) -> Any:
    return service.application(application)["evidence"][0]


def test_a_good_credential_of_the_applicant_leads_straight_to_an_offer(
    service: Any, applied: tuple[str, str]
):
    application, _ = applied
    assert service.state(application) == "submitted"
    service.run_jobs()
    case = service.application(application)
    assert (case["state"], case["offer"]["automatic"]) == ("offer", True)
    found = case["evidence"][0]
    assert (found["verification"], found["facts"]) == ("by_signature", {"ects": "6", "isced_f": "0714"})
    assert service.differences() == []


def test_what_does_not_verify_stays_unverified_with_a_note(service: Any, applied: tuple[str, str]):
    service.certification.verdict = "not_valid"
    service.run_jobs()
    found = proof(service, applied[0])
    assert (found["verification"], "not_valid" in found["note"]) == ("unverified", True)
    assert service.state(applied[0]) == "submitted"


def test_a_good_credential_of_somebody_else_counts_for_nobody(service: Any, applied: tuple[str, str]):
    _, subject = applied
    second = service.learner(given_name="Jonas", family_name="Kitas")
    application = service.apply(second, presented("Ona Kazlauskaitė"))
    service.run_jobs()
    assert proof(service, application)["verification"] == "unverified"
    assert "somebody else" in proof(service, application)["note"]
    assert subject != second


def test_while_certification_is_away_it_waits(service: Any, applied: tuple[str, str]):
    service.certification.error = RestUnavailableError("away")
    service.run_jobs()
    assert proof(service, applied[0])["note"] is None
    service.certification.error = None
    service.clock.advance(timedelta(minutes=1))
    service.run_jobs()
    assert proof(service, applied[0])["verification"] == "by_signature"


def test_what_certification_cannot_read_is_noted(service: Any, applied: tuple[str, str]):
    service.certification.error = RestRefusedError("422")
    service.run_jobs()
    assert "cannot be read" in proof(service, applied[0])["note"]
