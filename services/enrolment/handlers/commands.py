"""Commands of partners, registrars and learners. Each loads within the caller's scope, decides and saves.

A registration has a version of its own, so that two institutions do not disturb each other: where If-Match names a
version, it is settled with that one before anything is decided.

All raise NotFoundError for what the caller may not see, ForbiddenError for what it sees but does not decide, and
what the decision in `domain` raises.
"""

from collections.abc import Callable
from datetime import date, datetime

from services.enrolment.domain import answers, requests, studies
from services.enrolment.domain.model import Enrolment, Registration
from services.enrolment.domain.proceedings import Outcome
from services.enrolment.store import aggregate, queries
from services.enrolment.store.scope import Scope
from services.enrolment.store.tables import attendances
from shared.domain import ForbiddenError
from shared.messaging.unit_of_work import UnitOfWork

Decision = Callable[[Enrolment, str, datetime], Outcome]


def answer(
    unit_of_work: UnitOfWork,
    scope: Scope,
    registration_id: str,
    said: answers.Answer,
) -> tuple[Enrolment, Registration]:
    """Take an institution's answer to a registration of its own, and of no other."""
    enrolment = queries.enrolment_of_registration(unit_of_work.connection, scope, registration_id)
    if enrolment.registration(registration_id).institution != scope.institution:
        raise ForbiddenError("Only the institution concerned answers for its registration.")
    _must_not_be_own(scope, enrolment)
    unit_of_work.settle(enrolment.registration(registration_id).version)
    outcome = answers.answer(enrolment, registration_id, said, unit_of_work.now)
    saved = aggregate.save(unit_of_work, enrolment, outcome)
    return saved, saved.registration(registration_id)


def remind(unit_of_work: UnitOfWork, scope: Scope, registration_id: str) -> tuple[Enrolment, Registration]:
    """Send an institution its request again, with a new deadline."""
    return _on_registration(unit_of_work, scope, registration_id, requests.remind)


def deny_overdue(
    unit_of_work: UnitOfWork, scope: Scope, registration_id: str
) -> tuple[Enrolment, Registration]:
    """Give up an institution that has not answered in time."""
    return _on_registration(unit_of_work, scope, registration_id, requests.deny_overdue)


def _on_registration(
    unit_of_work: UnitOfWork, scope: Scope, registration_id: str, decide: Decision
) -> tuple[Enrolment, Registration]:
    enrolment = queries.enrolment_of_registration(unit_of_work.connection, scope, registration_id)
    _must_oversee(scope, enrolment)
    unit_of_work.settle(enrolment.registration(registration_id).version)
    saved = aggregate.save(unit_of_work, enrolment, decide(enrolment, registration_id, unit_of_work.now))
    return saved, saved.registration(registration_id)


def request_anew(
    unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str, institution: str
) -> tuple[Enrolment, Registration]:
    """Request a new registration of an institution that denied or cancelled the one before."""
    enrolment = queries.enrolment(unit_of_work.connection, scope, enrolment_id)
    _must_oversee(scope, enrolment)
    outcome = requests.request_anew(enrolment, institution, unit_of_work.now)
    saved = aggregate.save(unit_of_work, enrolment, outcome)
    return saved, saved.registrations[-1]


def suspend(unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str) -> Enrolment:
    """Pause a learner's studies, on the learner's own wish or by decision of an institution that oversees them."""
    reason = "institution_decision" if scope.learner is None else "learner_request"
    return _on_studies(unit_of_work, scope, enrolment_id, lambda e, now: studies.suspend(e, reason, now))


def resume(unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str) -> Enrolment:
    """Take a learner's studies up again."""
    return _on_studies(unit_of_work, scope, enrolment_id, studies.resume)


def withdraw(unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str) -> Enrolment:
    """Give the enrolment up, on the learner's wish; a registrar may record that wish."""
    return _on_studies(
        unit_of_work, scope, enrolment_id, lambda e, now: studies.withdraw(e, "learner_request", now)
    )


def cancel(unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str, reason: str) -> Enrolment:
    """Call the enrolment off by decision of an institution that oversees it."""
    return _on_studies(unit_of_work, scope, enrolment_id, lambda e, now: studies.cancel(e, reason, now))


def end(unit_of_work: UnitOfWork, scope: Scope, enrolment_id: str, reason: str) -> Enrolment:
    """End the enrolment without a completion, as after a no-show."""
    return _on_studies(unit_of_work, scope, enrolment_id, lambda e, now: studies.end(e, reason, now))


def _on_studies(
    unit_of_work: UnitOfWork,
    scope: Scope,
    enrolment_id: str,
    decide: Callable[[Enrolment, datetime], Outcome],
) -> Enrolment:
    enrolment = queries.enrolment(unit_of_work.connection, scope, enrolment_id)
    _must_oversee(scope, enrolment)
    return aggregate.save(unit_of_work, enrolment, decide(enrolment, unit_of_work.now))


def _must_not_be_own(scope: Scope, enrolment: Enrolment) -> None:
    if scope.person == enrolment.learner_id:
        raise ForbiddenError("This is your own enrolment; a colleague has to deal with it.")


def _must_oversee(scope: Scope, enrolment: Enrolment) -> None:
    _must_not_be_own(scope, enrolment)
    if scope.learner is None and not scope.everything and not scope.oversees(enrolment):
        raise ForbiddenError(
            "Only the coordinating, the reviewing or the awarding institution decides on this learner's studies."
        )


def confirm_attendance(
    unit_of_work: UnitOfWork,
    scope: Scope,
    enrolment_id: str,
    confirmed_on: date | None,
    hours: int | None,
) -> Enrolment:
    """Complete an enrolment of the attendance track; the person who confirms is kept by name with it (ENR-06)."""
    enrolment = queries.enrolment(unit_of_work.connection, scope, enrolment_id)
    _must_not_be_own(scope, enrolment)
    attendance = studies.Attendance(scope.institution or "", confirmed_on or unit_of_work.now.date(), hours)
    outcome = studies.confirm_attendance(enrolment, attendance, unit_of_work.now)
    saved = aggregate.save(unit_of_work, enrolment, outcome)
    unit_of_work.connection.execute(
        attendances.insert().values(
            enrolment_id=enrolment.id,
            institution=attendance.institution,
            confirmed_by=unit_of_work.actor.subject,
            confirmed_on=attendance.confirmed_on,
            hours=attendance.hours,
            recorded_at=unit_of_work.now,
        )
    )
    return saved
