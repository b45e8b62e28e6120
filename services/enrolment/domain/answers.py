"""What a partner institution says of one registration (D2), and what follows from it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from services.enrolment.domain.machines import HELD, LOST, REGISTRATION
from services.enrolment.domain.model import Enrolment, Registration
from services.enrolment.domain.proceedings import Outcome, Proceedings
from services.enrolment.domain.progress import activate_if_ready, compensate, suspend_registrations
from shared.domain import ConflictError, IllegalTransitionError, InvalidError, Pointer
from shared.durations import add_duration

_TRIGGERS: Final = {
    "associated": "confirm",
    "queued": "queue",
    "denied": "deny",
    "cancelled": "cancel",
    "finished": "finish",
}
WORDS: Final = ("pending", *_TRIGGERS)
_SETTLED: Final = LOST | {"finished"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A partner's merge patch: what is None is not said. `reference` names the message in the logs."""

    reference: str
    remote_state: str | None = None
    access_provisioned: bool | None = None
    local_student_number: str | None = None
    esi: str | None = None
    entitlement_from: date | None = None
    entitlement_until: date | None = None


def answer(enrolment: Enrolment, registration_id: str, said: Answer, now: datetime) -> Outcome:
    """Take a partner's answer to one registration.

    An answer is never lost: after our side has settled the registration only `remote_state` changes, and a late
    `associated` to one we no longer want repeats the request to cancel (no ghost registration). What is said again
    changes nothing, the version included: `remote_at` tells since when the partner has held its word.

    Raises:
        IllegalTransitionError: the partner's word cannot follow what it said before (D2 has no such row).
        InvalidError: the entitlement ends before it begins.
        ConflictError: access is reported for a registration that the partner has not confirmed.
    """
    proceedings = Proceedings(enrolment, now)
    registration = _with_details(enrolment.registration(registration_id), said)
    proceedings.amend(registration)
    if said.remote_state is not None:
        _hear(proceedings, registration, said.remote_state, said.reference)
    if said.access_provisioned:
        _provision(proceedings, proceedings.enrolment.registration(registration_id))
    return proceedings.outcome()


def _with_details(registration: Registration, said: Answer) -> Registration:
    given: dict[str, Any] = {
        "local_student_number": said.local_student_number,
        "esi": said.esi,
        "entitlement_from": said.entitlement_from,
        "entitlement_until": said.entitlement_until,
    }
    detailed = replace(registration, **{name: value for name, value in given.items() if value is not None})
    starts, ends = detailed.entitlement_from, detailed.entitlement_until
    if starts and ends and ends < starts:
        raise InvalidError(
            "The entitlement ends before it begins.",
            pointers=[Pointer("/entitlement_until", f"Give a day on or after {starts.isoformat()}.")],
        )
    return detailed


def _hear(proceedings: Proceedings, registration: Registration, word: str, reference: str) -> None:
    heard = registration
    if word != registration.remote_state:
        heard = replace(
            registration, remote_state=word, remote_at=proceedings.now, remote_reference=reference
        )
    if registration.state in _SETTLED:
        _hear_late(proceedings, registration, heard)
    elif _says_what_we_hold(registration.state, word):
        _hear_again(proceedings, heard)
    else:
        _follow(proceedings, heard, word)


def _says_what_we_hold(state: str, word: str) -> bool:
    return word == state or (state == "x-suspended" and word == "associated")


def _hear_late(proceedings: Proceedings, before: Registration, heard: Registration) -> None:
    if heard.desired_state == "cancelled" and heard.remote_state == "associated":
        proceedings.announce(heard, "desired_state_changed", reason="late_answer")
    elif (
        heard.desired_state == "cancelled" and heard.remote_state in LOST and before.remote_state not in LOST
    ):
        proceedings.announce(heard, "reconciled")
    else:
        proceedings.amend(heard)


def _hear_again(proceedings: Proceedings, heard: Registration) -> None:
    if heard.desired_state == "cancelled":
        proceedings.announce(heard, "desired_state_changed", reason="still_associated")
    else:
        proceedings.amend(heard)


def _follow(proceedings: Proceedings, heard: Registration, word: str) -> None:
    trigger = _TRIGGERS.get(word)
    if trigger is None:
        raise IllegalTransitionError(
            f"A registration that is {heard.state} cannot become {word} again. "
            f"Possible now: {', '.join(sorted(REGISTRATION.triggers(heard.state)))}."
        )
    if trigger == "confirm":
        proceedings.move_registration(_entitled(heard, proceedings.now.date()), trigger)
        if proceedings.enrolment.state == "suspended":
            suspend_registrations(proceedings)
        activate_if_ready(proceedings)
    elif trigger in {"deny", "cancel"}:
        _lose(proceedings, heard, trigger)
    else:
        proceedings.move_registration(heard, trigger)


def _entitled(registration: Registration, today: date) -> Registration:
    """The registration with its entitlement (ENR-17): from today for the profile's duration, unless said."""
    starts = registration.entitlement_from or today
    ends = registration.entitlement_until
    duration = registration.profile.entitlement
    if ends is None and duration is not None:
        ends = add_duration(datetime.combine(starts, time(), UTC), duration).date()
    return replace(registration, entitlement_from=starts, entitlement_until=ends)


def _lose(proceedings: Proceedings, heard: Registration, trigger: str) -> None:
    wanted = heard.desired_state == "associated"
    desired_at = proceedings.now if wanted else heard.desired_at
    given_up = replace(heard, desired_state="cancelled", desired_at=desired_at)
    proceedings.move_registration(given_up, trigger)
    if wanted:
        word = "denied" if trigger == "deny" else "cancelled"
        compensate(proceedings, given_up, f"registration_{word}")


def _provision(proceedings: Proceedings, registration: Registration) -> None:
    if registration.state not in HELD:
        raise ConflictError(
            "Access can be reported once the registration is associated; send remote_state 'associated' with it."
        )
    if registration.access_provisioned_at is None:
        provisioned = replace(registration, access_provisioned_at=proceedings.now)
        proceedings.announce(provisioned, "access_provisioned")
