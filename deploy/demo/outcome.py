"""What became of everybody, read from the API once more when the story is over."""

from datetime import date
from typing import Any

from deploy.demo.awards import certificate_of, next_sitting
from deploy.demo.cast import Ending
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.table import Row


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
    enrolment = journey.enrolment() if journey.application_id else None
    plan = journey.plan() if enrolment and journey.part.track == "assessed" else None
    certificate = certificate_of(journey) if enrolment else None
    state = certificate["state"] if certificate else ""
    return Row(
        learner=journey.person.name,
        offering=journey.part.offering,
        application=journey.application()["state"],
        enrolment=enrolment["state"] if enrolment else "",
        plan=plan["state"] if plan else "",
        certificate=state,
        reason=journey.part.ending.reason,
        days_saved=_days_saved(story, journey) if state == "issued" else None,
        verified=journey.measured.get("verified") if certificate else None,
    )


def _days_saved(story: Story, journey: Journey) -> int:
    day = journey.part.assessed_on(story.today)
    sits: Any = next_sitting(story.sittings[journey.part.offering], day.isoformat())
    return (date.fromisoformat(sits) - day).days
