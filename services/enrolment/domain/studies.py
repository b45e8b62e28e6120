"""What people decide about a learner's studies: suspension, withdrawal, cancellation, end, attendance (D3)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.enrolment.domain.machines import CALLED_OFF, ENROLMENT
from services.enrolment.domain.model import Enrolment
from services.enrolment.domain.proceedings import Outcome, Proceedings
from services.enrolment.domain.progress import resume_registrations, settle, suspend_registrations
from shared.domain import ConflictError, InvalidError, Pointer


@dataclass(frozen=True, slots=True)
class Admitted:
    """The facts of `application.admitted` that an enrolment starts from."""

    application_id: str
    learner_id: str
    offering_id: str
    offering_version: int
    agreement_id: str
    agreement_version: int
    target_group: str
    contract_type: str
    track: str
    admitted_at: datetime


def open_enrolment(admitted: Admitted, enrolment_id: str, round_: int, now: datetime) -> Enrolment:
    """A pending enrolment without registrations; they follow once the offering version is known."""
    return Enrolment(
        id=enrolment_id,
        application_id=admitted.application_id,
        learner_id=admitted.learner_id,
        offering_id=admitted.offering_id,
        offering_version=admitted.offering_version,
        agreement_id=admitted.agreement_id,
        agreement_version=admitted.agreement_version,
        target_group=admitted.target_group,
        contract_type=admitted.contract_type,
        track=admitted.track,
        state=ENROLMENT.initial,
        state_at=now,
        contracted_at=admitted.admitted_at,
        round=round_,
    )


def makes_room(enrolment: Enrolment | None) -> bool:
    """Whether a new admission of the application starts an enrolment: there is none, or it was called off."""
    return enrolment is None or enrolment.state in CALLED_OFF


_FOLLOWING: Final = {
    "withdrawn": ("withdraw", "application_withdrawn"),
    "revoked": ("cancel", "admission_revoked"),
}


def follow_application(enrolment: Enrolment, fate: Literal["withdrawn", "revoked"], now: datetime) -> Outcome:
    """Withdraw or cancel with the application; where that can no longer follow, nothing moves. Never raises."""
    trigger, reason = _FOLLOWING[fate]
    if not ENROLMENT.allows(enrolment.state, trigger):
        return Outcome(enrolment)
    return _call_off(enrolment, trigger, reason, now)


def withdraw(enrolment: Enrolment, reason: str, now: datetime) -> Outcome:
    """The learner gives up; every registration is wanted cancelled, and within 14 days the fee is owed back."""
    return _call_off(enrolment, "withdraw", reason, now)


def cancel(enrolment: Enrolment, reason: str, now: datetime) -> Outcome:
    """The institution calls the enrolment off; every registration is wanted cancelled."""
    return _call_off(enrolment, "cancel", reason, now)


def _call_off(enrolment: Enrolment, trigger: str, reason: str, now: datetime) -> Outcome:
    proceedings = Proceedings(enrolment, now)
    proceedings.move(trigger, reason=reason)
    if trigger == "withdraw" and enrolment.refunded_in_full(now):
        proceedings.refund("statutory_withdrawal")
    proceedings.call_off_registrations(reason)
    return proceedings.outcome()


def suspend(enrolment: Enrolment, reason: str, now: datetime) -> Outcome:
    """Pause the studies and every confirmed registration (ENR-12)."""
    proceedings = Proceedings(enrolment, now)
    proceedings.move("suspend", reason=reason)
    suspend_registrations(proceedings)
    return proceedings.outcome()


def resume(enrolment: Enrolment, now: datetime) -> Outcome:
    """Take the studies up again; a completion kept meanwhile takes effect at once."""
    proceedings = Proceedings(enrolment, now)
    proceedings.move("resume")
    resume_registrations(proceedings)
    settle(proceedings)
    return proceedings.outcome()


def end(enrolment: Enrolment, reason: str, now: datetime) -> Outcome:
    """End without a completion, as after a no-show; registrations stay as they are."""
    proceedings = Proceedings(enrolment, now)
    proceedings.move("end", reason=reason)
    return proceedings.outcome()


@dataclass(frozen=True, slots=True)
class Attendance:
    """A named person's confirmation that the learner attended; `hours` of participation where counted."""

    institution: str
    confirmed_on: date
    hours: int | None = None


def confirm_attendance(enrolment: Enrolment, attendance: Attendance, now: datetime) -> Outcome:
    """Complete an enrolment of the attendance track (ENR-06): there is no plan, this is the whole proof.

    Raises:
        ConflictError: the enrolment is of another track.
        InvalidError: the day confirmed lies in the future.
        IllegalTransitionError: it is not `enrolled`.
    """
    if enrolment.track != "attendance":
        raise ConflictError(f"The enrolment is of the {enrolment.track} track; its plan completes it.")
    if attendance.confirmed_on > now.date():
        raise InvalidError(
            "Attendance cannot be confirmed for a day to come.",
            pointers=[Pointer("/confirmed_on", f"Give a day up to {now.date().isoformat()}.")],
        )
    proceedings = Proceedings(enrolment, now)
    proceedings.tell(
        "attendance.confirmed",
        {
            "institution": attendance.institution,
            "confirmed_on": attendance.confirmed_on.isoformat(),
            "hours": attendance.hours,
        },
    )
    proceedings.move("complete", reason="attendance_confirmed")
    return proceedings.outcome()
