"""What is due: deadlines of single cases, and promotion from a queue. Each step is a transaction of its own."""

from collections.abc import Mapping
from typing import Final

from services.admission.domain import offer_steps, steps
from services.admission.handlers.case import DEADLINE, PRESENTED, PROMOTION, Case, load_any, save
from services.admission.handlers.placing import no_offers, promote
from services.admission.handlers.presented import presented
from services.admission.store import seats
from shared.messaging.jobs import Job, JobContext, JobHandler
from shared.messaging.unit_of_work import UnitOfWork


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
            save(uow, case, offer_steps.decline_by_default(application))


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


JOBS: Final[Mapping[str, JobHandler]] = {DEADLINE: deadline, PROMOTION: promotion, PRESENTED: presented}
