"""What became of everybody, read from the API once more when the story is over."""

from dataclasses import dataclass
from typing import Any

from deploy.demo.awards import certificate_of, judged_on, next_sitting
from deploy.demo.cast import Ending
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.table import Row

Document = Any


@dataclass(frozen=True, slots=True)
class Case:
    """One learner's case in the four services; None where it has not come so far."""

    application: Document
    enrolment: Document
    plan: Document
    certificate: Document


def rows(story: Story) -> list[Row]:
    """One row per learner in the cast's order; each that is not as it was meant to be is a failure of the story."""
    found = story.all_at_once(lambda journey: _row(story, journey), story.journeys)
    wrong = [
        (row.learner, _states(row), _meant(journey.part.ending))
        for journey, row in zip(story.journeys, found, strict=True)
        if _states(row) != _meant(journey.part.ending)
    ]
    story.expect_equal(wrong, [], "every journey ended as it was meant to")
    return found


def _states(row: Row) -> tuple[object, ...]:
    return row.application, row.enrolment, row.plan, row.certificate, row.verified


def _meant(ending: Ending) -> tuple[object, ...]:
    verified = {"issued": True, "suspended": False}.get(ending.certificate)
    return ending.application, ending.enrolment, ending.plan, ending.certificate, verified


def _row(story: Story, journey: Journey) -> Row:
    case = _case(journey)
    assessed = case.plan and case.certificate and case.certificate["state"] == "issued"
    return Row(
        learner=journey.person.name,
        offering=journey.part.offering,
        application=case.application["state"],
        enrolment=case.enrolment["state"] if case.enrolment else "",
        plan=case.plan["state"] if case.plan else "",
        document=case.certificate["document_type"] or "" if case.certificate else "",
        certificate=case.certificate["state"] if case.certificate else "",
        reason=_reason(story, journey, case),
        days_saved=_days_saved(story, journey, case.plan) if assessed else None,
        verified=journey.measured.get("verified") if case.certificate else None,
    )


def _case(journey: Journey) -> Case:
    enrolment = journey.enrolment()
    return Case(
        application=journey.application(),
        enrolment=enrolment,
        plan=journey.plan() if enrolment and journey.part.track == "assessed" else None,
        certificate=certificate_of(journey) if enrolment else None,
    )


def _reason(story: Story, journey: Journey, case: Case) -> str:
    """Why there is no valid certificate, in the words of the service that knows."""
    if case.certificate:
        return case.certificate["reason"] or ""
    if not case.enrolment:
        return _reason_of_application(journey, case.application)
    if case.plan:
        hold = story.administrator.get(f"/assessment/v1/plans/{journey.plan_id}")["integrity_hold"]
        return f"integrity hold: {hold['reason']}" if hold else f"next: {_words(case.plan['next']['what'])}"
    return _reason_of_enrolment(case.enrolment)


def _reason_of_application(journey: Journey, application: Document) -> str:
    if application["state"] == "waitlisted":
        return f"next: {_words(application['next']['what'])}"
    steps = journey.client.get(f"{journey.application_path}/history")["steps"]
    last = next(step for step in reversed(steps) if step["target"] == application["state"])
    return str(last["reason"] or f"{last['trigger']} by the {last['role']}")


def _reason_of_enrolment(enrolment: Document) -> str:
    attended = enrolment["attendance"]
    if attended:
        return f"{attended['hours']} hours of attendance confirmed by {attended['institution']}"
    refusing = [r["institution"] for r in enrolment["registrations"] if r["remote_state"] == "denied"]
    return " ".join(
        (_words(enrolment["reason_code"] or ""), *(f"by {institution}" for institution in refusing))
    )


def _words(code: str) -> str:
    return code.replace("_", " ")


def _days_saved(story: Story, journey: Journey, plan: Document) -> int:
    day = judged_on(plan)
    return (next_sitting(story.sittings[journey.part.offering], day) - day).days
