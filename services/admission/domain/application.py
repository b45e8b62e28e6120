"""An application and what may happen to it: each step is a pure decision on the table of `machine`.

A step returns the application after it, the row of history, and the events that say so. It never decides against
an applicant by the clock: a deadline passed is marked and handed back to people (D1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.admission.domain.machine import APPLICATION, ENDED_ENROLMENT, PLACED, is_live
from services.admission.domain.procedure import Procedure
from shared.domain import Change, ConflictError, DomainEvent, InvalidError, Pointer
from shared.ids import derived_id


@dataclass(frozen=True, slots=True)
class Application:
    """One learner's application to one offering version.

    `seat_held`: counts against the offering's capacity. `deadline_at` is the next deadline, of whoever is to act.
    `decide_by` is the reviewer's. `rank` orders the waiting list, lowest first. `enrolment_id` is set from the
    admission on. `settled_by` and `settled_with` are the two people behind a rejection or revocation.
    """

    id: str
    learner_id: str
    offering_id: str
    offering_version: int
    agreement_id: str
    agreement_version: int
    reviewing_institution: str
    target_group: str
    contract_type: str
    track: str
    home_institution: str | None
    state: str
    live: bool
    seat_held: bool = False
    duplicate_hold: bool = False
    information_overdue: bool = False
    information_request: str | None = None
    terms_version: str | None = None
    terms_accepted_at: datetime | None = None
    submitted_at: datetime | None = None
    decide_by: datetime | None = None
    deadline_at: datetime | None = None
    rank: int = 0
    waitlisted_at: datetime | None = None
    enrolment_id: str | None = None
    enrolment_state: str | None = None
    revoked: bool = False
    settled_by: str | None = None
    settled_with: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An application after one or more steps, with the history and the events of these steps in order."""

    application: Application
    changes: tuple[Change, ...] = ()
    events: tuple[DomainEvent, ...] = ()
    freed_seat: bool = False

    def then(self, step: Callable[[Application], "Decided"]) -> "Decided":
        """This and a further step, to be saved together."""
        after = step(self.application)
        return Decided(
            after.application,
            (*self.changes, *after.changes),
            (*self.events, *after.events),
            self.freed_seat or after.freed_seat,
        )


def start(
    procedure: Procedure,
    now: datetime,
    *,
    application_id: str,
    learner_id: str,
    target_group: str,
    track: str,
    home_institution: str | None,
) -> Decided:
    """A new draft, tied to the offering version that the applicant saw (ADM-14).

    Raises:
        ConflictError: outside the application window.
        InvalidError: a target group or track that the offering does not name.
    """
    procedure.check_window(now)
    procedure.check_choice(target_group, track)
    draft = Application(
        id=application_id,
        learner_id=learner_id,
        offering_id=procedure.offering_id,
        offering_version=procedure.offering_version,
        agreement_id=procedure.agreement_id,
        agreement_version=procedure.agreement_version,
        reviewing_institution=procedure.reviewing_institution,
        target_group=target_group,
        contract_type=procedure.contract_types[target_group],
        track=track,
        home_institution=home_institution,
        state=APPLICATION.initial,
        live=True,
        deadline_at=procedure.draft_expires_at(now),
    )
    return Decided(draft, (Change("application", draft.id, "start", "", draft.state),))


def submit(application: Application, procedure: Procedure, now: datetime, terms_version: str) -> Decided:
    """Hand the application in, with the terms in force accepted (ADM-18).

    Raises:
        ConflictError: outside the application window.
        InvalidError: other terms than those of the offering version.
    """
    if application.state == APPLICATION.initial:
        procedure.check_window(now)
    if terms_version != procedure.terms_version:
        raise InvalidError(
            "The terms accepted are not those of the offering version applied for.",
            pointers=[Pointer("/terms_version", f"Read and accept terms version {procedure.terms_version}.")],
        )
    decide_by = procedure.decide_by(now)
    return _step(
        application,
        "submit",
        detail={"terms_version": terms_version},
        terms_version=terms_version,
        terms_accepted_at=now,
        submitted_at=now,
        decide_by=decide_by,
        deadline_at=decide_by,
    )


def expire(application: Application) -> Decided:
    """A draft that nobody handed in ends; the learner may begin another."""
    return _step(application, "expire", deadline_at=None)


def begin_review(application: Application) -> Decided:
    return _step(application, "begin_review")


def request_information(
    application: Application, procedure: Procedure, now: datetime, request: str
) -> Decided:
    """Ask the learner for something more; the reviewer's clock stops meanwhile."""
    return _step(
        application,
        "request_information",
        deadline_at=procedure.information_by(now),
        information_request=request,
        information_overdue=False,
    )


def provide_information(application: Application, procedure: Procedure, now: datetime) -> Decided:
    decide_by = procedure.decide_by(now)
    return _step(
        application,
        "provide_information",
        decide_by=decide_by,
        deadline_at=decide_by,
        information_request=None,
    )


def lapse(application: Application) -> Decided:
    """An unanswered request goes back to the reviewer, marked overdue; nothing is decided by it (D1)."""
    return _step(application, "lapse", deadline_at=application.decide_by, information_overdue=True)


def make_offer(
    application: Application, *, reply_by: datetime, seat_held: bool, rule_set: str, detail: Mapping[str, Any]
) -> Decided:
    """Offer a place. `seat_held` says that a seat was counted for it.

    Raises:
        ConflictError: the applicant may be somebody who applied already, and nobody has looked yet.
    """
    check_offerable(application)
    return _step(
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
    return _step(application, "waitlist", rule_set=rule_set, deadline_at=None, rank=rank, waitlisted_at=now)


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
        return _step(application, "accept", target="pending_conditions", deadline_at=conditions_due)
    return _step(application, "accept", target="admitted", deadline_at=None)


def decline(application: Application) -> Decided:
    return _step(application, "decline", deadline_at=None, data={"by_default": False})


def decline_by_default(application: Application) -> Decided:
    """Only where the offering turned it on and the learner was told; the caller has checked that."""
    return _step(application, "decline_by_default", deadline_at=None, data={"by_default": True})


def withdraw_offer(application: Application, reason: str) -> Decided:
    return _step(application, "withdraw_offer", reason=reason, deadline_at=None)


def withdraw(application: Application, reason: str | None) -> Decided:
    """The learner leaves the procedure; an open offer is void and the seat free in the same step (check 4).

    Raises:
        ConflictError: the enrolment has come to its end already.
    """
    if application.enrolment_state in {"completed", *ENDED_ENROLMENT}:
        raise ConflictError(
            f"The enrolment is {application.enrolment_state}; there is nothing to withdraw from."
        )
    return _step(application, "withdraw", reason=reason, deadline_at=None)


def confirm_conditions_met(application: Application) -> Decided:
    return _step(application, "confirm_conditions_met", deadline_at=None)


def conditions_not_met(application: Application, reason: str, people: tuple[str, str]) -> Decided:
    return _step(application, "conditions_not_met", reason=reason, deadline_at=None, **_settled(people))


def reject(application: Application, reason: str, rule_set: str, people: tuple[str, str]) -> Decided:
    """Two people reject; no machine can (GDPR Art. 22)."""
    return _step(
        application, "reject", reason=reason, rule_set=rule_set, deadline_at=None, **_settled(people)
    )


def correct(application: Application, procedure: Procedure, now: datetime, reason: str) -> Decided:
    """Two people repair a mistaken rejection; the case is under review again."""
    decide_by = procedure.decide_by(now)
    return _step(
        application,
        "correct",
        reason=reason,
        decide_by=decide_by,
        deadline_at=decide_by,
        settled_by=None,
        settled_with=None,
    )


def revoke_admission(application: Application, reason: str, people: tuple[str, str]) -> Decided:
    return _step(
        application, "revoke_admission", reason=reason, deadline_at=None, revoked=True, **_settled(people)
    )


def hold_for_duplicate(application: Application, *, held: bool) -> Decided:
    """Keep the application from an offer until a person has looked at a possible duplicate, or let it go on."""
    words = ("held", "released") if held else ("released", "held")
    change = Change("duplicate_hold", application.id, "hold" if held else "release", words[1], words[0])
    return Decided(replace(application, duplicate_hold=held), (change,))


def note_enrolment(
    application: Application, *, enrolment_id: str, enrolment_state: str, trigger: str, keep_live: bool
) -> Decided:
    """Take over what enrolment says; a cancelled or withdrawn enrolment frees the seat once (D1).

    `keep_live=False` where another live application of the learner holds the offering already.
    """
    frees = application.seat_held and enrolment_state in {"cancelled", "withdrawn"}
    after = replace(
        application,
        enrolment_id=enrolment_id,
        enrolment_state=enrolment_state,
        live=keep_live and is_live(application.state, enrolment_state),
        seat_held=application.seat_held and not frees,
    )
    change = Change("enrolment", enrolment_id, trigger, application.enrolment_state or "", enrolment_state)
    return Decided(after, (change,), (), frees)


def _settled(people: tuple[str, str]) -> dict[str, Any]:
    proposed_by, confirmed_by = people
    if proposed_by == confirmed_by:
        raise ConflictError("This decision needs two different people.")
    return {"settled_by": proposed_by, "settled_with": confirmed_by}


def _step(
    application: Application,
    trigger: str,
    *,
    target: str | None = None,
    reason: str | None = None,
    rule_set: str | None = None,
    detail: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    **values: Any,
) -> Decided:
    row = APPLICATION.fire(application.state, trigger, target=target)
    after = replace(application, state=row.target, **values)
    if after.state == "admitted":
        after = replace(after, enrolment_id=derived_id("enrolment", after.id))
    keeps_seat = after.seat_held and after.state in PLACED
    after = replace(
        after,
        live=is_live(after.state, after.enrolment_state),
        seat_held=keeps_seat,
        waitlisted_at=after.waitlisted_at if after.state == "waitlisted" else None,
    )
    change = Change("application", after.id, trigger, row.source, row.target, reason, rule_set, detail or {})
    events = tuple(_event(name, after, data or {}) for name in row.event.split(" + "))
    return Decided(after, (change,), events, application.seat_held and not keeps_seat)


def _event(name: str, after: Application, data: Mapping[str, Any]) -> DomainEvent:
    facts: dict[str, Any] = {
        "application_id": after.id,
        "learner_id": after.learner_id,
        "offering_id": after.offering_id,
        "offering_version": after.offering_version,
        "state": after.state,
        "track": after.track,
        **data,
    }
    if name == "application.admitted":
        facts |= {
            "target_group": after.target_group,
            "contract_type": after.contract_type,
            "agreement_id": after.agreement_id,
            "agreement_version": after.agreement_version,
        }
    return DomainEvent(name, facts, frozenset({after.reviewing_institution}))
