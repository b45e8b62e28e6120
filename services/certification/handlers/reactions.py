"""One function per kind of consumed event: record the fact, decide, schedule what needs more than this database.

Order holds within a topic only; a fact that arrives early is recorded and waits. Nothing here ever fails for the
state an award is in.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from services.certification.domain.award import Attendance, Award, Completion, Registration
from services.certification.domain.decisions import Decision, completed, enrolment_moved
from services.certification.handlers.saving import ISSUE, KEEP_DOCUMENTS, save
from services.certification.handlers.stacking import on_agreement
from services.certification.store import issuance, queries
from services.certification.store.awards import Stored, load_award
from shared.ids import derived_id
from shared.messaging.consumer import Reaction
from shared.messaging.documents import kept_document
from shared.messaging.envelope import Event, event_type
from shared.messaging.unit_of_work import UnitOfWork

CONSUMES: Final = ("admission", "enrolment", "assessment")

_COMPLETIONS: Final = MappingProxyType(
    {
        "completion.achieved": "achieved",
        "completion.not_achieved": "not_achieved",
        "completion.overturned": "overturned",
    }
)
_ENROLMENTS: Final = (
    "activated",
    "cancelled",
    "withdrawn",
    "suspended",
    "resumed",
    "completed",
    "reopened",
    "ended",
)
_REGISTRATIONS: Final = (
    "requested",
    "associated",
    "queued",
    "denied",
    "cancelled",
    "suspended",
    "resumed",
    "finished",
)


def on_completion(uow: UnitOfWork, event: Event) -> None:
    """`completion.achieved|not_achieved|overturned`: the award follows (D7)."""
    state = _COMPLETIONS[_name(event)]
    completion = Completion(
        number=event.data["completion_number"],
        state=state,
        results_digest=event.data.get("results_digest") if state == "achieved" else None,
        at=event.time,
    )
    _react(uow, event, lambda award: completed(award, completion))


def on_enrolment(uow: UnitOfWork, event: Event) -> None:
    """`enrolment.*`: called off before issue cancels; anything else may supply a missing fact."""
    track = event.data.get("track")

    def decide(award: Award) -> Decision:
        known = replace(award, track=track) if track else award
        return enrolment_moved(known, event.data["state"])

    _react(uow, event, decide)


def on_registration(uow: UnitOfWork, event: Event) -> None:
    """`registration.*`: one required for the award may be what a certificate waits for."""

    def decide(award: Award) -> Decision:
        return Decision(replace(award, registrations=_with(award.registrations, event.data)))

    _react(uow, event, decide)


def on_attendance(uow: UnitOfWork, event: Event) -> None:
    """`attendance.confirmed`: what a certificate of attendance rests on."""
    attendance = Attendance(event.data["institution"], event.data["confirmed_on"], event.data.get("hours"))
    _react(uow, event, lambda award: Decision(replace(award, attendance=attendance)))


def on_learner(uow: UnitOfWork, event: Event) -> None:
    """`learner.changed`: whatever this learner has completed is looked at again; the job finds what waits."""
    for award_id in queries.completed_awards(uow.connection, event.data["learner_id"]):
        uow.schedule(ISSUE, award_id)


def on_offering(uow: UnitOfWork, event: Event) -> None:
    """`offering.published`: the version is fetched and kept, so that no certificate waits for admission later."""
    version = event.data["version"]
    payload = {"offering_id": event.data["offering_id"], "version": version}
    uow.schedule(KEEP_DOCUMENTS, f"{event.data['offering_id']}/{version}", payload=payload)


def _name(event: Event) -> str:
    """`subject.action` of an event's type."""
    return ".".join(event.type.split(".")[3:5])


def _react(uow: UnitOfWork, event: Event, decide: Callable[[Award], Decision]) -> None:
    award_id = derived_id("award", event.data["enrolment_id"])
    stored = load_award(uow.connection, award_id) or _unknown(award_id, event.data)
    decision = decide(stored.award)
    save(uow, stored, decision)
    if stored.version is None:
        _note_institutions(uow, decision.award)
    if decision.award.due:
        uow.schedule(ISSUE, award_id)


def _note_institutions(uow: UnitOfWork, award: Award) -> None:
    """Whose staff a new award concerns, where its offering is kept already; the job that keeps it does it else."""
    offering = kept_document(uow.connection, "offerings", award.offering_id, award.offering_version)
    if offering is not None:
        issuance.put_institutions(uow, award.id, offering["issuer"], offering["awarding_bodies"])


def _unknown(award_id: str, data: Mapping[str, Any]) -> Stored:
    award = Award(
        id=award_id,
        enrolment_id=data["enrolment_id"],
        learner_id=data["learner_id"],
        offering_id=data["offering_id"],
        offering_version=data["offering_version"],
    )
    return Stored(award, None)


def _with(known: tuple[Registration, ...], data: Mapping[str, Any]) -> tuple[Registration, ...]:
    present = next((each for each in known if each.id == data["registration_id"]), None)
    if present is not None:
        return tuple(replace(each, state=data["state"]) if each is present else each for each in known)
    new = Registration(
        id=data["registration_id"],
        institution=data["institution"],
        required_for=data["required_for"],
        state=data["state"],
        ordinal=len(known) + 1,
    )
    return (*known, new)


def _reactions() -> dict[str, Reaction]:
    found: dict[str, Reaction] = {event_type("assessment", name): on_completion for name in _COMPLETIONS}
    found |= {event_type("enrolment", f"enrolment.{action}"): on_enrolment for action in _ENROLMENTS}
    found |= {event_type("enrolment", f"registration.{action}"): on_registration for action in _REGISTRATIONS}
    found[event_type("enrolment", "attendance.confirmed")] = on_attendance
    found[event_type("admission", "learner.changed")] = on_learner
    found[event_type("admission", "offering.published")] = on_offering
    for action in ("published", "partner_joined"):
        found[event_type("admission", f"agreement.{action}")] = on_agreement
    return found


REACTIONS: Final[Mapping[str, Reaction]] = MappingProxyType(_reactions())
