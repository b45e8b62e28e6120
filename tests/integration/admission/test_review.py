"""From a draft to an admission: review, information, conditions of the rules, offers (D1, ADM-01 to ADM-20)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.ids import derived_id
from tests.integration.admission.conftest import DIPLOMA, IELTS, ON_SQLITE, OPEN, START

pytestmark = pytest.mark.usefixtures("published")

PORTFOLIO = {"kind": "rpl_portfolio", "title": "Twenty years of work", "facts": {}}


def test_a_case_from_draft_to_admission(service: Any):
    subject = service.learner()
    application = service.draft(subject, IELTS, DIPLOMA)
    shown = service.application(application)
    assert (shown["state"], shown["next"]["what"], shown["next"]["who"]) == (
        "draft",
        "submit_the_application",
        "learner",
    )
    submitted = service.submit(application, subject).body
    assert (submitted["state"], submitted["terms_version"], submitted["offering_version"]) == (
        "submitted",
        "1",
        1,
    )
    assert submitted["terms_accepted_at"] == START.isoformat()
    assert submitted["next"] == {
        "what": "begin_the_review",
        "who": "reviewing_institution",
        "institution": "helsinki.fi",
        "until": (START + timedelta(days=14)).isoformat(),
        "complaints_to": "helsinki.fi",
        "see": None,
    }
    reviewed = service.step(application, "review")
    outcomes = {r["criterion"]: (r["outcome"], r["verified"]) for r in reviewed["eligibility"]["results"]}
    assert outcomes == {"english": ("met", False), "bachelor": ("met", False)}
    for proof in reviewed["evidence"]:
        assert service.officer("POST", f"/evidence/{proof['id']}/verification", {}).status == 201
    offered = service.step(application, "offers", {})
    assert (offered["state"], offered["offer"]["kind"], offered["offer"]["state"]) == (
        "offer",
        "unconditional",
        "open",
    )
    assert all(result["verified"] for result in offered["eligibility"]["results"])
    admitted = service.respond(application, subject, "accept")
    assert (admitted["state"], admitted["association_state"]) == ("admitted", "associated")
    assert admitted["enrolment"] == {"id": derived_id("enrolment", application), "state": None}
    assert service.names(application) == [
        "application.submitted",
        "application.review_started",
        "offer.made",
        "offer.accepted",
        "application.admitted",
    ]
    last = service.published()[-1][1]
    assert (last["target_group"], last["contract_type"], last["agreement_version"]) == (
        "professional",
        "short_course",
        1,
    )
    assert service.differences() == []


def test_the_history_says_who_did_what_in_which_role_and_under_which_rules(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    answer = service.officer("GET", f"/applications/{application}/history")
    steps = [s for s in answer.body["steps"] if s["subject_type"] == "application"]
    assert [(s["source"], s["trigger"], s["target"], s["role"]) for s in steps] == [
        ("", "start", "draft", "learner"),
        ("draft", "submit", "submitted", "learner"),
        ("submitted", "begin_review", "under_review", "admissions_officer"),
        ("under_review", "make_offer", "offer", "admissions_officer"),
    ]
    assert (steps[-1]["actor"], steps[-1]["institution"], steps[-1]["rule_set"]) == (
        "anna",
        "helsinki.fi",
        "1",
    )
    assert steps[0]["actor"] == service.learner_id(subject)


def test_a_learner_without_a_degree_is_admitted_by_an_alternative(service: Any):
    """ADM-08, ADM-25, ADM-28: two people accept the portfolio."""
    subject = service.learner()
    application = service.apply(subject, IELTS, PORTFOLIO, target_group="lifelong_learner")
    case = service.step(application, "review")
    assert case["eligibility"]["overall"] == "undetermined"
    portfolio = next(e["id"] for e in case["evidence"] if e["kind"] == "rpl_portfolio")
    alone = service.officer("POST", f"/evidence/{portfolio}/verification", {})
    assert alone.status == 409
    assert service.decide(application, "rpl_acceptance", portfolio).status == 201
    offered = service.step(application, "offers", {})
    result = next(r for r in offered["eligibility"]["results"] if r["criterion"] == "bachelor")
    assert (result["outcome"], result["alternative"]) == ("met_by_alternative", "portfolio")
    assert service.differences() == []


def test_shr_12_after_the_admission_the_case_says_where_to_see_what_is_next(service: Any):
    service.publish(admission=OPEN)
    application, _ = service.admitted()
    enrolment = service.application(application)["enrolment"]["id"]
    seen = [service.application(application)["next"]]
    for name, state in [("activated", "enrolled"), ("completed", "completed"), ("reopened", "enrolled")]:
        service.deliver_enrolment(application, name, state)
        seen.append(service.application(application)["next"])
    at_enrolment = f"/enrolment/v1/enrolments/{enrolment}"
    assert [(each["what"], each["who"], each["see"]) for each in seen] == [
        ("register_at_the_institutions_concerned", "registering_institutions", at_enrolment),
        ("learn_and_be_assessed", "learner", at_enrolment),
        (
            "see_the_certificate",
            "certification",
            f"/certification/v1/certificates?enrolment={enrolment}",
        ),
        ("learn_and_be_assessed", "learner", at_enrolment),
    ]


def test_information_is_asked_for_and_given(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS)
    service.step(application, "review")
    asked = service.step(application, "information-request", {"request": "Which degree do you hold?"})
    assert (asked["state"], asked["information_request"]) == (
        "information_requested",
        "Which degree do you hold?",
    )
    assert asked["next"]["until"] == (START + timedelta(days=7)).isoformat()
    answer = {"answer": "A bachelor's.", "evidence": [DIPLOMA]}
    given = service.learner_step(application, "information", subject, answer).body
    assert (given["state"], given["information_overdue"]) == ("under_review", False)
    assert given["eligibility"]["overall"] == "eligible"
    assert ("application_deadline", application) not in service.due_jobs()


def test_an_unanswered_request_goes_back_to_the_reviewer_and_decides_nothing(service: Any):
    """D1: a deadline never decides against a learner."""
    application = service.apply(service.learner(), IELTS)
    service.step(application, "review")
    service.step(application, "information-request", {"request": "Which degree?"})
    service.run_jobs()
    assert service.state(application) == "information_requested"
    service.clock.advance(timedelta(days=7))
    service.run_jobs()
    case = service.application(application)
    assert (case["state"], case["information_overdue"], case["next"]["who"]) == (
        "under_review",
        True,
        "reviewing_institution",
    )
    overdue = service.officer("GET", "/applications?information_overdue=true").body["items"]
    assert [each["id"] for each in overdue] == [application]
    assert service.names(application)[-1] == "application.information_overdue"


def test_an_overdue_offer_stays_open_and_is_listed(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    service.clock.advance(timedelta(days=30))
    service.run_jobs()
    assert service.state(application) == "offer"
    before = service.clock.now().isoformat().replace("+00:00", "Z")
    listed = service.officer("GET", f"/applications?state=offer&deadline_before={before}").body["items"]
    assert [each["id"] for each in listed] == [application]
    assert (
        service.step(application, "offer-withdrawal", {"reason": "no answer"})["state"] == "offer_withdrawn"
    )
    assert service.step(application, "offers", {})["state"] == "offer"
    assert service.respond(application, subject, "accept")["state"] == "admitted"


def test_an_officer_records_what_the_document_shows(service: Any):
    application = service.apply(service.learner(), IELTS, {"kind": "diploma", "facts": {"eqf": 8}})
    case = service.step(application, "review")
    diploma = next(e["id"] for e in case["evidence"] if e["kind"] == "diploma")
    seen = {"facts": {"eqf": 4, "country": "LT"}, "note": "A vocational certificate."}
    assert service.officer("POST", f"/evidence/{diploma}/verification", seen).status == 201
    case = service.application(application)
    assert case["eligibility"]["overall"] == "ineligible"
    assert next(e for e in case["evidence"] if e["id"] == diploma)["verification"] == "by_person"


def test_nobody_reviews_their_own_application(service: Any):
    subject = service.learner("anna")
    application = service.apply(subject, IELTS, DIPLOMA)
    assert service.officer("POST", f"/applications/{application}/review").status == 403
    assert service.officer("POST", f"/applications/{application}/review", who="bert").status == 201


@ON_SQLITE
@pytest.mark.parametrize(
    ("noun", "body"),
    [
        ("review", None),
        ("offers", {}),
        ("information-request", {"request": "?"}),
        ("waiting-list", {}),
        ("offer-withdrawal", {"reason": "x"}),
    ],
)
def test_a_step_that_the_state_does_not_allow_is_a_conflict(service: Any, noun: str, body: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    service.learner_step(application, "withdrawal", subject, {})
    assert service.officer("POST", f"/applications/{application}/{noun}", body).status == 409


def test_no_new_offers_once_the_agreement_has_ended(service: Any):
    """Check 25."""
    service.publish_agreement(id="short-lived", term__until="2026-11-03")
    service.publish(id="brief", agreement={"id": "short-lived"})
    application = service.apply(service.learner(), IELTS, DIPLOMA, offering="brief")
    service.step(application, "review")
    service.clock.advance(timedelta(days=3))
    answer = service.officer("POST", f"/applications/{application}/offers", {})
    assert answer.status == 409
    assert "agreement ended" in answer.body["detail"]
