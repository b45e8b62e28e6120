"""Enrolments to begin with: three institutions, each needed for something else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.enrolment.domain import answers, requests, studies
from services.enrolment.domain.model import Enrolment, Money, Profile, Registration
from services.enrolment.domain.proceedings import Outcome
from services.enrolment.domain.terms import Terms

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

AWARDING, PLATFORM, TEACHING = "helsinki.fi", "kuleuven.be", "unibo.it"


def profile(institution: str, role: str, required_for: str) -> Profile:
    return Profile(institution, role, required_for, ("name", "email"), "PT48H", entitlement="P6M")  # type: ignore[arg-type]


PROFILES = (
    profile(AWARDING, "awarding", "award"),
    profile(PLATFORM, "platform", "start"),
    profile(TEACHING, "teaching", "none"),
)


def terms(*profiles: Profile) -> Terms:
    return Terms(AWARDING, AWARDING, profiles or PROFILES, Money(15000, "EUR"))


def opened(track: str = "assessed", **changes: Any) -> Enrolment:
    admitted = studies.Admitted(
        application_id="application-1",
        learner_id="learner-1",
        offering_id="sustainability",
        offering_version=1,
        agreement_id="una-europa",
        agreement_version=1,
        target_group="professional",
        contract_type="short_course",
        track=track,
        admitted_at=NOW,
    )
    return replace(studies.open_enrolment(admitted, "enrolment-1", 1, NOW), **changes)


def planned(*profiles: Profile, track: str = "assessed") -> Enrolment:
    return requests.plan(opened(track), terms(*profiles), NOW).enrolment


def at(enrolment: Enrolment, institution: str) -> Registration:
    return next(r for r in enrolment.current if r.institution == institution)


def answered(
    enrolment: Enrolment, institution: str, word: str, now: datetime = NOW, **details: Any
) -> Outcome:
    said = answers.Answer("message-1", remote_state=word, **details)
    return answers.answer(enrolment, at(enrolment, institution).id, said, now)


def enrolled(track: str = "assessed") -> Enrolment:
    """Active: the platform has confirmed, the awarding university has not answered yet."""
    return answered(planned(track=track), PLATFORM, "associated").enrolment


def names(outcome: Outcome) -> list[str]:
    return [event.name for event in outcome.events]
