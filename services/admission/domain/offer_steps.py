"""The steps of an application from an offer, or the queue for one, to the end of an admission (D1)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.admission.domain.application import Application, Decided, take_step, two_people
from services.admission.domain.machine import OFFERED, is_live
from shared.domain import Change, ConflictError


def make_offer(
    application: Application, *, reply_by: datetime, seat_held: bool, rule_set: str, detail: Mapping[str, Any]
) -> Decided:
    """Offer a place. `seat_held` says that a seat was counted for it.

    Raises:
        ConflictError: the applicant may be somebody who applied already, and nobody has looked yet.
    """
    check_offerable(application)
    return take_step(
        application,
        "make_offer",
        rule_set=rule_set,
        detail=detail,
        deadline_at=reply_by,
        seat_held=seat_held,
        waitlisted_at=None,
        information_overdue=False,
        revoked=False,
        settled_by=None,
        settled_with=None,
    )


def waitlist(application: Application, now: datetime, *, rank: int, rule_set: str) -> Decided:
    """Queue for a seat: by rank, then by time."""
    check_offerable(application)
    return take_step(
        application, "waitlist", rule_set=rule_set, deadline_at=None, rank=rank, waitlisted_at=now
    )


def check_offerable(application: Application) -> None:
    """Refuse while a possible duplicate of the applicant has not been looked at by a person."""
    if application.duplicate_hold:
        raise ConflictError(
            "Somebody with the same name and date of birth has applied to this offering. "
            "Resolve the possible duplicate first."
        )


def accept(application: Application, *, conditions_open: bool, conditions_due: datetime | None) -> Decided:
    """The learner accepts; with every condition met or none, this is the admission."""
    if conditions_open:
        return take_step(application, "accept", target="pending_conditions", deadline_at=conditions_due)
    return take_step(application, "accept", target="admitted", deadline_at=None)


def decline(application: Application) -> Decided:
    return take_step(application, "decline", deadline_at=None, data={"by_default": False})


def decline_by_default(application: Application) -> Decided:
    """Only where the offering turned it on and the learner was told; the caller has checked that."""
    return take_step(application, "decline_by_default", deadline_at=None, data={"by_default": True})


def withdraw_offer(application: Application, reason: str) -> Decided:
    return take_step(application, "withdraw_offer", reason=reason, deadline_at=None)


def confirm_conditions_met(application: Application) -> Decided:
    return take_step(application, "confirm_conditions_met", deadline_at=None)


def conditions_not_met(application: Application, reason: str, people: tuple[str, str]) -> Decided:
    return take_step(application, "conditions_not_met", reason=reason, deadline_at=None, **two_people(people))


def revoke_admission(application: Application, reason: str, people: tuple[str, str]) -> Decided:
    return take_step(
        application, "revoke_admission", reason=reason, deadline_at=None, revoked=True, **two_people(people)
    )


def note_enrolment(
    application: Application, *, enrolment_id: str, enrolment_state: str, trigger: str, keep_live: bool
) -> Decided:
    """Take over what enrolment says; a cancelled or withdrawn enrolment frees the seat of its admission once (D1).

    `keep_live=False` where another live application of the learner holds the offering already.
    """
    called_off = enrolment_state in {"cancelled", "withdrawn"}
    frees = called_off and application.seat_held and application.state not in OFFERED
    after = replace(
        application,
        enrolment_id=enrolment_id,
        enrolment_state=enrolment_state,
        live=keep_live and is_live(application.state, enrolment_state),
        seat_held=application.seat_held and not frees,
    )
    change = Change("enrolment", enrolment_id, trigger, application.enrolment_state or "", enrolment_state)
    return Decided(after, (change,), (), frees)
