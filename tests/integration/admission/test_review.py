"""From a draft to an admission, and the ways that lead elsewhere (D1, ADM-01 to ADM-20)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.ids import derived_id
from tests.integration.admission.conftest import DIPLOMA, IELTS, ON_SQLITE, OPEN, START

PORTFOLIO = {"kind": "rpl_portfolio", "title": "Twenty years of work", "facts": {}}


@pytest.fixture(autouse=True)
def published(request: pytest.FixtureRequest, service: Any) -> None:
    marker = request.node.get_closest_marker("parametrize")
    if "unpublished" not in request.fixturenames and (marker is None or "review_mode" not in marker.args[0]):
        service.publish()


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


def test_no_offer_against_the_rules_but_by_two_people(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, {"kind": "diploma", "facts": {"eqf": 4}})
    service.step(application, "review")
    refused = service.officer("POST", f"/applications/{application}/offers", {})
    assert refused.status == 409
    assert "ineligible" in refused.body["detail"]
    assert service.decide(application, "override").status == 201
    assert service.step(application, "offers", {})["offer"]["kind"] == "unconditional"


def test_a_waiver_by_two_people_opens_the_way(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS)
    service.step(application, "review")
    assert service.decide(application, "waiver", "bachelor").status == 201
    offered = service.step(application, "offers", {})
    assert {r["criterion"]: r["outcome"] for r in offered["eligibility"]["results"]}["bachelor"] == "waived"
    assert service.differences() == []


def test_a_conditional_offer_admits_when_its_last_condition_is_met(service: Any):
    subject = service.learner()
    application = service.apply(subject, DIPLOMA)
    service.step(application, "review")
    due = (START + timedelta(days=30)).isoformat()
    extra = {"text": "Send the signed diploma.", "due_by": due}
    offered = service.step(application, "offers", {"conditions": [extra]})
    conditions = offered["offer"]["conditions"]
    assert offered["eligibility"]["overall"] == "eligible_with_conditions"
    assert {c["criterion"] for c in conditions} == {None, "english"}
    accepted = service.respond(application, subject, "accept")
    assert (accepted["state"], accepted["next"]["what"], accepted["next"]["until"]) == (
        "pending_conditions",
        "meet_the_conditions_of_the_offer",
        due,
    )
    first, second = (c["id"] for c in conditions)
    assert (
        service.step(application, "condition-decisions", {"condition_id": first})["state"]
        == "pending_conditions"
    )
    again = service.officer(
        "POST", f"/applications/{application}/condition-decisions", {"condition_id": first}
    )
    assert again.status == 409
    assert service.step(application, "condition-decisions", {"condition_id": second})["state"] == "admitted"


def test_a_condition_waived_by_two_people_admits(service: Any):
    subject = service.learner()
    application = service.apply(subject, DIPLOMA)
    service.step(application, "review")
    condition = service.step(application, "offers", {})["offer"]["conditions"][0]["id"]
    service.respond(application, subject, "accept")
    assert service.decide(application, "waiver", condition).status == 201
    assert service.state(application) == "admitted"


def test_conditions_not_met_is_a_decision_of_two_people(service: Any):
    subject = service.learner()
    application = service.apply(subject, DIPLOMA)
    service.step(application, "review")
    condition = service.step(application, "offers", {})["offer"]["conditions"][0]["id"]
    service.respond(application, subject, "accept")
    assert service.decide(application, "conditions_not_met", condition).status == 201
    case = service.application(application)
    assert (case["state"], case["offer"]["state"], case["association_state"]) == (
        "conditions_not_met",
        "failed",
        "denied",
    )


def test_a_rejection_takes_two_people_and_can_be_corrected_by_two(service: Any):
    """Check 5."""
    subject = service.learner()
    application = service.apply(subject)
    service.step(application, "review")
    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body
    assert service.state(application) == "under_review"
    alone = service.officer("POST", f"/decisions/{decision['id']}/confirmation", {})
    assert (alone.status, service.state(application)) == (409, "under_review")
    waiting = service.officer("GET", "/decisions?state=proposed", who="bert").body["items"]
    assert [d["id"] for d in waiting] == [decision["id"]]
    assert service.officer("POST", f"/decisions/{decision['id']}/confirmation", {}, who="bert").status == 201
    case = service.application(application)
    assert (case["state"], case["live"], case["next"]["what"]) == ("rejected", False, "nothing")
    twice = service.officer("POST", f"/decisions/{decision['id']}/confirmation", {}, who="bert")
    assert twice.status == 409
    assert service.decide(application, "correction").status == 201
    corrected = service.application(application)
    assert (corrected["state"], corrected["live"]) == ("under_review", True)
    assert service.names(application)[-2:] == ["application.rejected", "application.correction_made"]


def test_officers_see_that_a_decision_waits_for_its_second_person_and_the_learner_does_not(service: Any):
    """Nothing is decided by a proposal, so a learner is told nothing by it."""
    subject = service.learner()
    application = service.apply(subject)
    service.step(application, "review")
    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body["id"]

    def told(role: str, **who: Any) -> list[tuple[str, str]]:
        one = service.ok("GET", f"/applications/{application}", role, **who)
        [listed] = service.ok("GET", "/applications", role, **who)["items"]
        return [(each["next"]["what"], each["next"]["who"]) for each in (one, listed)]

    officer = {"institution": "helsinki.fi"}
    waits = ("confirm_or_drop_the_proposed_decision", "reviewing_institution")
    decides = ("decide_on_the_application", "reviewing_institution")
    assert told("admissions_officer", **officer) == [waits] * 2
    assert told("learner", subject=subject) == [decides] * 2
    drop = service.officer("POST", f"/decisions/{decision}/confirmation", {"agrees": False})
    assert drop.status == 201
    assert told("admissions_officer", **officer) == [decides] * 2


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


def test_what_awaits_its_second_person_is_not_proposed_again(service: Any):
    """A double click and two officers with one thought leave one proposal; another kind beside it is no repetition."""
    application = service.apply(service.learner())
    service.step(application, "review")
    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body["id"]
    again = service.officer("POST", "/decisions", proposal, who="bert")
    assert (again.status, decision in again.body["detail"]) == (409, True)
    other = {**proposal, "kind": "override"}
    assert service.officer("POST", "/decisions", other, who="bert").status == 201
    service.officer("POST", f"/decisions/{decision}/confirmation", {"agrees": False}, who="bert")
    assert service.officer("POST", "/decisions", proposal, who="bert").status == 201


def test_no_proposal_outlives_a_decision_that_moved_the_case(service: Any):
    """A rejection that two people corrected cannot come back by a proposal made before it."""
    application = service.apply(service.learner())
    service.step(application, "review")
    waiver = {"application_id": application, "kind": "waiver", "about": "bachelor", "reason": "seen"}
    override = {"application_id": application, "kind": "override", "reason": "seen"}
    left, kept = (service.officer("POST", "/decisions", body).body["id"] for body in (waiver, override))
    assert service.officer("POST", f"/decisions/{left}/confirmation", {}, who="bert").status == 201
    assert service.officer("GET", f"/decisions/{kept}").body["state"] == "proposed"
    assert service.decide(application, "rejection").status == 201
    assert service.officer("GET", f"/decisions/{kept}").body["state"] == "refused"
    assert service.decide(application, "correction").status == 201
    assert service.officer("POST", f"/decisions/{kept}/confirmation", {}, who="bert").status == 409
    assert service.officer("GET", "/decisions?state=proposed").body["items"] == []


def test_a_learner_does_not_read_what_is_only_proposed(service: Any):
    subject = service.learner()
    application = service.apply(subject)
    service.step(application, "review")

    def read(role: str, **who: Any) -> list[str]:
        steps = service.ok("GET", f"/applications/{application}/history", role, **who)["steps"]
        return [step["trigger"] for step in steps if step["subject_type"] == "decision"]

    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body["id"]
    assert read("learner", subject=subject) == []
    assert read("admissions_officer", institution="helsinki.fi") == ["propose"]
    service.officer("POST", f"/decisions/{decision}/confirmation", {}, who="bert")
    assert read("learner", subject=subject) == ["confirm"]


def test_a_proposal_can_be_dropped_and_then_nothing_happens(service: Any):
    subject = service.learner()
    application = service.apply(subject)
    service.step(application, "review")
    proposal = {"application_id": application, "kind": "rejection", "reason": "nothing shown"}
    decision = service.officer("POST", "/decisions", proposal).body["id"]
    answer = service.officer("POST", f"/decisions/{decision}/confirmation", {"agrees": False}, who="bert")
    assert (answer.status, answer.body["state"], service.state(application)) == (
        201,
        "refused",
        "under_review",
    )
    assert service.officer("POST", f"/decisions/{decision}/confirmation", {}, who="bert").status == 409


def test_a_correction_is_not_possible_once_the_learner_has_applied_again(service: Any):
    subject = service.learner()
    application = service.apply(subject)
    service.step(application, "review")
    assert service.decide(application, "rejection").status == 201
    service.apply(subject, IELTS, DIPLOMA)
    answer = service.decide(application, "correction")
    assert (answer.status, service.state(application)) == (409, "rejected")


def test_a_condition_that_would_be_overdue_at_once_is_refused_at_its_place(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    due = {"text": "Send the original.", "due_by": (START + timedelta(days=7)).isoformat()}
    past = {**due, "due_by": START.isoformat()}
    refused = service.officer("POST", f"/applications/{application}/offers", {"conditions": [due, past]})
    assert (refused.status, refused.pointers) == (422, {"/conditions/1/due_by"})
    service.step(application, "offers", {"conditions": [due]})


def test_an_admission_is_revoked_by_two_people(service: Any):
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    service.respond(application, subject, "accept")
    assert service.decide(application, "revocation").status == 201
    assert service.state(application) == "offer_withdrawn"
    assert service.names(application)[-1] == "admission.revoked"


@ON_SQLITE
@pytest.mark.parametrize("kind", ["rejection", "revocation", "correction", "conditions_not_met"])
def test_a_decision_that_the_state_has_no_place_for_is_refused(service: Any, kind: str):
    application = service.apply(service.learner(), IELTS, DIPLOMA)
    body = {"application_id": application, "kind": kind, "reason": "x", "about": "y"}
    assert service.officer("POST", "/decisions", body).status == 409


@ON_SQLITE
@pytest.mark.parametrize("kind", ["waiver", "rpl_acceptance"])
def test_a_decision_says_what_it_is_about(service: Any, kind: str):
    application = service.apply(service.learner(), IELTS, DIPLOMA)
    body = {"application_id": application, "kind": kind, "reason": "x"}
    assert service.officer("POST", "/decisions", body).pointers == {"/about"}
    assert service.officer("POST", "/decisions", {**body, "about": "nothing"}).pointers == {"/about"}


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


@pytest.mark.parametrize(("review_mode", "after"), [("manual", "declined"), ("manual", "offer")])
def test_decline_by_default_only_where_the_offering_turned_it_on(service: Any, review_mode: str, after: str):
    service.publish(admission={"decline_by_default": after == "declined", "review_mode": review_mode})
    application = service.apply(service.learner(), IELTS, DIPLOMA)
    service.step(application, "review")
    service.step(application, "offers", {})
    service.clock.advance(timedelta(days=8))
    service.run_jobs()
    assert service.state(application) == after
    if after == "declined":
        assert service.published()[-1][1]["by_default"] is True


@pytest.mark.parametrize("review_mode", ["automatic"])
def test_an_automatic_offering_offers_on_verified_evidence_only(service: Any, review_mode: str):
    """ADM-24: the machine goes towards an offer, and never against anybody."""
    service.publish(admission={"review_mode": review_mode})
    subject = service.learner()
    application = service.apply(subject, IELTS, DIPLOMA)
    case = service.application(application)
    assert (case["state"], case["eligibility"]["overall"]) == ("submitted", "undetermined")
    first, second = (e["id"] for e in case["evidence"])
    assert service.officer("POST", f"/evidence/{first}/verification", {}).status == 201
    service.officer("POST", f"/evidence/{second}/verification", {})
    case = service.application(application)
    assert (case["state"], case["offer"]["automatic"], case["offer"]["made_for"]) == (
        "offer",
        True,
        "helsinki.fi",
    )
    assert service.differences() == []
    poor = service.apply(service.learner(), {"kind": "diploma", "facts": {"eqf": 2}})
    assert service.state(poor) == "submitted"


@pytest.mark.parametrize("review_mode", ["open"])
def test_an_open_offering_needs_no_review(service: Any, review_mode: str):
    """ADM-09."""
    service.publish(admission=OPEN)
    assert service.state(service.apply(service.learner())) == "offer"


def test_an_officer_records_what_the_document_shows(service: Any):
    application = service.apply(service.learner(), IELTS, {"kind": "diploma", "facts": {"eqf": 8}})
    case = service.step(application, "review")
    diploma = next(e["id"] for e in case["evidence"] if e["kind"] == "diploma")
    seen = {"facts": {"eqf": 4, "country": "LT"}, "note": "A vocational certificate."}
    assert service.officer("POST", f"/evidence/{diploma}/verification", seen).status == 201
    case = service.application(application)
    assert case["eligibility"]["overall"] == "ineligible"
    assert next(e for e in case["evidence"] if e["id"] == diploma)["verification"] == "by_person"


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
