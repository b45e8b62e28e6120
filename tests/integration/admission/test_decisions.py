"""Decisions that take two people: waivers, conditions, rejections, corrections, revocations (D1)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.admission.conftest import DIPLOMA, IELTS, ON_SQLITE, START

pytestmark = pytest.mark.usefixtures("published")


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
