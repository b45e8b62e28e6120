"""The steps of an application up to a decision; each is a pure decision on the table of `machine`.

None decides against an applicant by the clock: a deadline passed is marked and handed back to people (D1).
"""

from dataclasses import replace
from datetime import datetime

from services.admission.domain.application import Application, Decided, take_step, two_people
from services.admission.domain.machine import APPLICATION, ENDED_ENROLMENT
from services.admission.domain.procedure import Procedure
from shared.domain import Change, ConflictError, InvalidError, Pointer


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
    return take_step(
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
    return take_step(application, "expire", deadline_at=None)


def begin_review(application: Application) -> Decided:
    return take_step(application, "begin_review")


def request_information(
    application: Application, procedure: Procedure, now: datetime, request: str
) -> Decided:
    """Ask the learner for something more; the reviewer's clock stops meanwhile."""
    return take_step(
        application,
        "request_information",
        deadline_at=procedure.information_by(now),
        information_request=request,
        information_overdue=False,
    )


def provide_information(application: Application, procedure: Procedure, now: datetime) -> Decided:
    decide_by = procedure.decide_by(now)
    return take_step(
        application,
        "provide_information",
        decide_by=decide_by,
        deadline_at=decide_by,
        information_request=None,
    )


def lapse(application: Application) -> Decided:
    """An unanswered request goes back to the reviewer, marked overdue; nothing is decided by it (D1)."""
    return take_step(application, "lapse", deadline_at=application.decide_by, information_overdue=True)


def withdraw(application: Application, reason: str | None) -> Decided:
    """The learner leaves the procedure; an open offer is void and the seat free in the same step (check 4).

    Raises:
        ConflictError: the enrolment has come to its end already.
    """
    if application.enrolment_state in {"completed", *ENDED_ENROLMENT}:
        raise ConflictError(
            f"The enrolment is {application.enrolment_state}; there is nothing to withdraw from."
        )
    return take_step(application, "withdraw", reason=reason, deadline_at=None)


def reject(application: Application, reason: str, rule_set: str, people: tuple[str, str]) -> Decided:
    """Two people reject; no machine can (GDPR Art. 22)."""
    return take_step(
        application, "reject", reason=reason, rule_set=rule_set, deadline_at=None, **two_people(people)
    )


def correct(application: Application, procedure: Procedure, now: datetime, reason: str) -> Decided:
    """Two people repair a mistaken rejection; the case is under review again."""
    decide_by = procedure.decide_by(now)
    return take_step(
        application,
        "correct",
        reason=reason,
        decide_by=decide_by,
        deadline_at=decide_by,
        settled_by=None,
        settled_with=None,
    )


def hold_for_duplicate(application: Application, *, held: bool) -> Decided:
    """Keep the application from an offer until a person has looked at a possible duplicate, or let it go on."""
    words = ("held", "released") if held else ("released", "held")
    change = Change("duplicate_hold", application.id, "hold" if held else "release", words[1], words[0])
    return Decided(replace(application, duplicate_hold=held), (change,))
