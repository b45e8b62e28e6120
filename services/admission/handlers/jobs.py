"""What is due: deadlines of single cases, and promotion from a queue. Each step is a transaction of its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain import application as steps
from services.admission.domain.application import Decided
from services.admission.domain.criteria import BY_SIGNATURE, UNVERIFIED
from services.admission.domain.learner import Person
from services.admission.domain.presented import facts_of, is_about
from services.admission.handlers.case import (
    DEADLINE,
    PRESENTED,
    PROMOTION,
    Case,
    load_any,
    no_offers,
    promote,
    save,
)
from services.admission.handlers.reviews import accept_evidence, reconsider
from services.admission.store import cases, learners, seats
from services.admission.store.applications import find_application
from services.admission.store.scope import EVERYTHING
from services.admission.store.tables import evidence
from shared.domain import Change
from shared.messaging.jobs import Job, JobContext, JobHandler, RetryLater
from shared.messaging.unit_of_work import UnitOfWork
from shared.rest import RestError, RestUnavailableError

_VERIFICATIONS: Final = "/certification/v1/verifications"
_AGAIN: Final = timedelta(seconds=30)


def deadline(context: JobContext, job: Job) -> None:
    """A deadline of one application has passed: a draft expires, a request goes back, an offer is declined.

    The last only where the offering says so (`decline_by_default`); no deadline ever decides against an
    applicant (D1). Whatever has been done meanwhile makes this do nothing.
    """
    with context.unit_of_work() as uow:
        case = load_any(uow, job.key)
        application = case.application
        if application.deadline_at is None or application.deadline_at > uow.now:
            return
        if application.state == "draft":
            save(uow, case, steps.expire(application))
        elif application.state == "information_requested":
            save(uow, case, steps.lapse(application))
        elif application.state == "offer" and case.procedure.decline_by_default:
            save(uow, case, steps.decline_by_default(application))


def promotion(context: JobContext, job: Job) -> None:
    """Give free seats to the queue, by rank and then by time, one application per transaction (D1 'Seats')."""
    promoted = True
    while promoted:
        with context.unit_of_work() as uow:
            promoted = promote_next(uow, job.key)


def promote_next(uow: UnitOfWork, offering_id: str) -> bool:
    """Promote the first in the queue where a seat is free; whether somebody was promoted."""
    first = seats.first_in_queue(uow.connection, offering_id)
    if first is None:
        return False
    case: Case = load_any(uow, first)
    if case.application.state != "waitlisted":
        # Somebody settled the case between the look and the lock; the next look finds the next in the queue.
        return True
    if no_offers(uow, case) is not None or not seats.take_for_next(uow.connection, offering_id):
        return False
    save(uow, case, promote(uow, case), from_queue=True)
    return True


def presented(context: JobContext, job: Job) -> None:
    """Have certification verify a presented credential; good, and of the applicant, it stands by its signature.

    What does not verify stays unverified, with a note for the officer; nothing is decided by it (ADM-31).
    """
    with context.read() as connection:
        row = cases.find_part(connection, evidence, job.key)
        learner_id = find_application(connection, EVERYTHING, row.application_id).learner_id
        learner = learners.find_learner(connection, learner_id)
    if row.verification != UNVERIFIED or row.credential is None or learner is None:
        return
    note = _objection(context, row.credential, learners.person_of(learner))
    with context.unit_of_work() as uow:
        _settle_presented(uow, row, note)


def _objection(context: JobContext, credential: Mapping[str, Any], person: Person) -> str | None:
    try:
        answer = context.rest.post("certification", _VERIFICATIONS, {"credential": credential})
    except RestUnavailableError as error:
        raise RetryLater(_AGAIN, str(error)) from error
    except RestError:
        return "The credential cannot be read."
    if answer["verdict"] != "valid":
        return f"The credential's verdict is '{answer['verdict']}'."
    return None if is_about(credential, person) else "The credential is valid, and names somebody else."


def _settle_presented(uow: UnitOfWork, row: sa.Row[Any], note: str | None) -> None:
    case = load_any(uow, row.application_id)
    if cases.find_part(uow.connection, evidence, row.id).verification != UNVERIFIED:
        return
    if note is not None:
        cases.change(uow.connection, evidence, row.id, note=note)
        change = Change("evidence", row.id, "verify", UNVERIFIED, UNVERIFIED, note)
        save(uow, case, Decided(case.application, (change,)))
        return
    facts = facts_of(row.credential)
    accept_evidence(uow, row.id, facts=facts, note=None, criterion=row.criterion, verification=BY_SIGNATURE)
    change = Change("evidence", row.id, "verify", UNVERIFIED, BY_SIGNATURE)
    save(uow, case, reconsider(uow, case, Decided(case.application, (change,))))


JOBS: Final[Mapping[str, JobHandler]] = {DEADLINE: deadline, PROMOTION: promotion, PRESENTED: presented}
