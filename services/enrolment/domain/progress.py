"""What follows by itself: activation, the assessment's conclusions, compensation after a loss (D3)."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.enrolment.domain.machines import ENROLMENT
from services.enrolment.domain.model import Conclusion, Enrolment, Registration
from services.enrolment.domain.proceedings import Outcome, Proceedings

# How to reach the state a conclusion calls for; no row: it is kept, or nothing can follow any more. Two steps
# where the fact between them (an overturn, an extension) was overtaken by the present one.
_WAYS: Final = {
    ("enrolled", "completed"): ("complete",),
    ("enrolled", "ended"): ("end",),
    ("suspended", "ended"): ("end",),
    ("completed", "enrolled"): ("reopen",),
    ("completed", "ended"): ("reopen", "end"),
    ("ended", "enrolled"): ("reopen",),
    ("ended", "completed"): ("reopen", "complete"),
}
PLAN_ENDINGS: Final = frozenset({"plan_lapsed", "completion_not_achieved"})


def conclude(enrolment: Enrolment, conclusion: Conclusion, now: datetime) -> Outcome:
    """Follow the assessment's word on the learner's plan, unless a later word was heard before.

    While studies are suspended a completion is kept and takes effect on resumption. Where no step can follow
    (cancelled, withdrawn) the word is kept and nothing moves. Never raises.
    """
    if enrolment.conclusion is not None and conclusion.sequence <= enrolment.conclusion.sequence:
        return Outcome(enrolment)
    proceedings = Proceedings(replace(enrolment, conclusion=conclusion), now)
    settle(proceedings)
    return proceedings.outcome()


def settle(proceedings: Proceedings) -> None:
    """Take the steps towards what the last conclusion calls for."""
    enrolment = proceedings.enrolment
    conclusion = enrolment.conclusion
    if conclusion is None:
        return
    if _ended_by_a_person(enrolment) and conclusion.wanted == "completed":
        return
    for trigger in _WAYS.get((enrolment.state, conclusion.wanted), ()):
        proceedings.move(trigger, reason=conclusion.reason)
        if trigger == "reopen":
            resume_registrations(proceedings)


def _ended_by_a_person(enrolment: Enrolment) -> bool:
    return enrolment.state == "ended" and enrolment.reason not in PLAN_ENDINGS


def activate_if_ready(proceedings: Proceedings) -> None:
    """Activate a pending enrolment once every institution needed for the start has confirmed."""
    if proceedings.enrolment.state == "pending" and proceedings.enrolment.ready_to_start:
        proceedings.move("all_required_for_start_associated")
        settle(proceedings)


def compensate(proceedings: Proceedings, lost: Registration, reason: str) -> None:
    """Call the enrolment off when a registration needed for start or award is lost (`required_denied`).

    The rest is wanted cancelled and the learner is owed the fee. In `completed` and `ended` nothing is called
    off: the certificate waits, naming the institution, and a registrar may request a new registration.
    """
    if lost.required and ENROLMENT.allows(proceedings.enrolment.state, "required_denied"):
        proceedings.move("required_denied", reason=reason)
        proceedings.refund(reason)
        proceedings.call_off_registrations(reason)


def resume_registrations(proceedings: Proceedings) -> None:
    for registration in proceedings.enrolment.registrations:
        if registration.state == "x-suspended" and registration.desired_state == "associated":
            proceedings.move_registration(registration, "resume")


def suspend_registrations(proceedings: Proceedings) -> None:
    for registration in proceedings.enrolment.registrations:
        if registration.state == "associated" and registration.desired_state == "associated":
            proceedings.move_registration(registration, "suspend")
