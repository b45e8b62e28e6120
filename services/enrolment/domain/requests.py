"""Requests to institutions: one registration each, their deadlines, reminders and repeated requests."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.enrolment.domain.machines import HELD, LOST, UNANSWERED
from services.enrolment.domain.model import Enrolment, Profile, Registration
from services.enrolment.domain.proceedings import Outcome, Proceedings
from services.enrolment.domain.progress import activate_if_ready, compensate
from services.enrolment.domain.terms import Terms
from shared.domain import ConflictError, InvalidError, Pointer
from shared.durations import add_duration
from shared.ids import derived_id

_OPEN_FOR_REQUESTS: Final = frozenset({"pending", "enrolled", "suspended", "completed"})


def plan(enrolment: Enrolment, terms: Terms, now: datetime) -> Outcome:
    """Request one registration of each institution concerned and of no other (ENR-02, ENR-23).

    Happens once; an enrolment that is called off before its offering was known stays without registrations.
    """
    if enrolment.planned_at is not None or enrolment.state != "pending":
        return Outcome(enrolment)
    proceedings = Proceedings(
        replace(
            enrolment,
            planned_at=now,
            coordinating_institution=terms.coordinating_institution,
            reviewing_institution=terms.reviewing_institution,
            fee=terms.fee,
        ),
        now,
    )
    for profile in terms.profiles:
        proceedings.request(_registration(enrolment, profile, 1, now))
    activate_if_ready(proceedings)
    return proceedings.outcome()


def _registration(enrolment: Enrolment, profile: Profile, number: int, now: datetime) -> Registration:
    return Registration(
        id=derived_id("registration", enrolment.id, profile.institution, str(number)),
        number=number,
        profile=profile,
        contract_type=enrolment.contract_type,
        state="pending",
        state_at=now,
        desired_state="associated",
        desired_at=now,
        requested_at=now,
        answer_by=add_duration(now, profile.answer_within),
    )


def lapse_deadline(enrolment: Enrolment, registration_id: str, now: datetime) -> Outcome:
    """Tell that an institution has not answered in time; the registration stays `pending` (D2)."""
    registration = enrolment.registration(registration_id)
    proceedings = Proceedings(enrolment, now)
    if is_awaiting(registration) and registration.answer_by <= now:
        proceedings.announce(replace(registration, overdue_at=now), "overdue")
    return proceedings.outcome()


def is_awaiting(registration: Registration) -> bool:
    """Whether the institution's deadline runs."""
    return registration.state == "pending" and registration.overdue_at is None


def remind(enrolment: Enrolment, registration_id: str, now: datetime) -> Outcome:
    """Repeat to the institution what is wanted of it: to register with a new deadline, or to cancel.

    Raises:
        ConflictError: the institution has nothing left to answer.
    """
    registration = enrolment.registration(registration_id)
    reminded = replace(registration, reminders=registration.reminders + 1)
    proceedings = Proceedings(enrolment, now)
    if registration.state in UNANSWERED:
        deadline = add_duration(now, registration.profile.answer_within)
        proceedings.request_again(replace(reminded, answer_by=deadline, overdue_at=None))
    elif _waits_for_cancellation(registration):
        proceedings.announce(reminded, "desired_state_changed", reason="reminder")
    else:
        raise ConflictError(f"The registration is {registration.state}; there is nothing to be reminded of.")
    return proceedings.outcome()


def _waits_for_cancellation(registration: Registration) -> bool:
    held = registration.state in HELD or registration.remote_state == "associated"
    return registration.desired_state == "cancelled" and registration.remote_state not in LOST and held


def deny_overdue(enrolment: Enrolment, registration_id: str, now: datetime) -> Outcome:
    """Give a silent institution up: the registration is denied by our side and the institution asked to cancel.

    One that queued the learner and then fell silent can be given up too, after the same deadline (D2, `queued`).

    Raises:
        ConflictError: the institution has settled it, or may still do so in time.
    """
    registration = enrolment.registration(registration_id)
    if registration.state not in UNANSWERED or now < registration.answer_by:
        raise ConflictError(
            f"The registration is {registration.state} and not overdue; only a silent institution's registration "
            f"is denied here, after {registration.answer_by.isoformat()}."
        )
    proceedings = Proceedings(enrolment, now)
    reason = "no_answer"
    given_up = replace(registration, desired_state="cancelled", desired_at=now)
    proceedings.move_registration(given_up, "deny", reason=reason)
    denied = proceedings.enrolment.registration(registration_id)
    proceedings.announce(denied, "desired_state_changed", reason=reason)
    compensate(proceedings, denied, "registration_denied")
    return proceedings.outcome()


def request_anew(enrolment: Enrolment, institution: str, now: datetime) -> Outcome:
    """Request a new registration of an institution that denied or cancelled the one before (D3, `completed`).

    Raises:
        InvalidError: the institution is not concerned in this enrolment.
        ConflictError: its registration is not denied or cancelled, or the enrolment is called off or ended.
    """
    latest = next((r for r in enrolment.current if r.institution == institution), None)
    if latest is None:
        raise InvalidError(
            "This institution is not concerned in the enrolment.",
            pointers=[Pointer("/institution", "Name an institution that has a registration here.")],
        )
    if latest.state not in LOST:
        raise ConflictError(
            f"The registration at {institution} is {latest.state}; it need not be requested again."
        )
    if enrolment.state not in _OPEN_FOR_REQUESTS:
        raise ConflictError(
            f"The enrolment is {enrolment.state}; registrations are no longer requested for it."
        )
    proceedings = Proceedings(enrolment, now)
    proceedings.request(_registration(enrolment, latest.profile, latest.number + 1, now))
    return proceedings.outcome()
