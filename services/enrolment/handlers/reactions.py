"""Reactions to events of admission and assessment: the fact is recorded, then followed where it still can be.

No I/O: what needs the offering document is a job. State never parks an event.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Literal

from services.enrolment.domain import studies
from services.enrolment.domain.model import Conclusion, Enrolment
from services.enrolment.domain.proceedings import Outcome
from services.enrolment.domain.progress import conclude
from services.enrolment.handlers import incoming
from services.enrolment.handlers.jobs import KEEP_OFFERING, START_REGISTRATIONS
from services.enrolment.store import aggregate, facts
from services.enrolment.store.tables import enrolments
from shared.domain import Change
from shared.ids import derived_id
from shared.messaging.consumer import Reaction
from shared.messaging.envelope import Event, event_type
from shared.messaging.unit_of_work import UnitOfWork

_ADMISSION_FACTS: Final = ("admitted", "withdrawn", "revoked")
_CONCLUSIONS: Final[Mapping[str, Conclusion]] = {
    "completion.achieved": Conclusion("completed", 0, "completion_achieved"),
    "completion.not_achieved": Conclusion("ended", 0, "completion_not_achieved"),
    "completion.overturned": Conclusion("enrolled", 0, "completion_overturned"),
    "completion.reopened": Conclusion("enrolled", 0, "completion_reopened"),
    "assessment_plan.lapsed": Conclusion("ended", 0, "plan_lapsed"),
    "assessment_plan.extended": Conclusion("enrolled", 0, "plan_extended"),
}


def on_admitted(unit_of_work: UnitOfWork, event: Event) -> None:
    """Start an enrolment: its root at once, its registrations by a job that has the offering version.

    Nothing starts where the application was withdrawn or its admission revoked later than this (the facts arrived
    out of order), or where the learner has an enrolment from this application already. After a revocation the same
    application may be admitted again: that is a new round, a new enrolment.
    """
    admitted = incoming.admitted(event)
    if not _is_latest(unit_of_work, event, admitted.application_id, "admitted"):
        return
    before = _latest_round(unit_of_work, admitted.application_id)
    if not studies.makes_room(before):
        return
    round_ = before.round + 1 if before else 1
    enrolment_id = _enrolment_id(admitted.application_id, round_)
    enrolment = studies.open_enrolment(admitted, enrolment_id, round_, unit_of_work.now)
    enrolment = replace(enrolment, conclusion=_remembered_conclusion(unit_of_work, enrolment_id))
    opened = Change("enrolment", enrolment.id, "admit", "", enrolment.state, detail={"round": round_})
    aggregate.save(unit_of_work, None, Outcome(enrolment, changes=(opened,)))
    unit_of_work.schedule(START_REGISTRATIONS, enrolment.id)


def _enrolment_id(application_id: str, round_: int) -> str:
    again = () if round_ == 1 else (str(round_),)
    return derived_id("enrolment", application_id, *again)


def _remembered_conclusion(unit_of_work: UnitOfWork, enrolment_id: str) -> Conclusion | None:
    known = facts.latest(unit_of_work.connection, enrolment_id, tuple(_CONCLUSIONS))
    return _conclusion(*known) if known else None


def _conclusion(name: str, sequence: int) -> Conclusion:
    return replace(_CONCLUSIONS[name], sequence=sequence)


def _follow_application(
    fate: Literal["withdrawn", "revoked"], unit_of_work: UnitOfWork, event: Event
) -> None:
    """Withdraw or cancel with the application; without an enrolment the fact is remembered only."""
    application_id = incoming.application_id(event)
    if not _is_latest(unit_of_work, event, application_id, fate):
        return
    enrolment = _latest_round(unit_of_work, application_id)
    if enrolment is not None:
        outcome = studies.follow_application(enrolment, fate, unit_of_work.now)
        aggregate.save(unit_of_work, enrolment, outcome)


def _is_latest(unit_of_work: UnitOfWork, event: Event, application_id: str, name: str) -> bool:
    """Record the fact; whether it is the application's last word so far."""
    sequence = facts.record(unit_of_work, event, about=application_id, name=name)
    return facts.latest(unit_of_work.connection, application_id, _ADMISSION_FACTS) == (name, sequence)


def _latest_round(unit_of_work: UnitOfWork, application_id: str) -> Enrolment | None:
    found = aggregate.rounds_of(unit_of_work.connection, application_id)
    return found[-1] if found else None


def _conclude(name: str, unit_of_work: UnitOfWork, event: Event) -> None:
    """Follow the assessment's word on a plan; of an unknown enrolment it is remembered only."""
    enrolment_id = incoming.enrolment_id(event)
    sequence = facts.record(unit_of_work, event, about=enrolment_id, name=name)
    enrolment = aggregate.load(unit_of_work.connection, enrolments.c.id == enrolment_id)
    if enrolment is not None:
        outcome = conclude(enrolment, _conclusion(name, sequence), unit_of_work.now)
        aggregate.save(unit_of_work, enrolment, outcome)


def on_offering_version(unit_of_work: UnitOfWork, event: Event) -> None:
    """Fetch a published offering version before the first learner needs it."""
    offering_id, version = incoming.offering_version(event)
    unit_of_work.schedule(
        KEEP_OFFERING, f"{offering_id}@{version}", payload={"offering_id": offering_id, "version": version}
    )


REACTIONS: Final[Mapping[str, Reaction]] = {
    event_type("admission", "application.admitted"): on_admitted,
    event_type("admission", "application.withdrawn"): partial(_follow_application, "withdrawn"),
    event_type("admission", "admission.revoked"): partial(_follow_application, "revoked"),
    event_type("admission", "offering.published"): on_offering_version,
    **{event_type("assessment", name): partial(_conclude, name) for name in _CONCLUSIONS},
}
