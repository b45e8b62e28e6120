"""What needs another service or time: the offering version, the start of registrations, deadlines."""

from collections.abc import Mapping
from typing import Final

from services.enrolment.domain import requests
from services.enrolment.domain.terms import terms_for
from services.enrolment.store import aggregate
from services.enrolment.store.aggregate import DEADLINE_JOB
from services.enrolment.store.tables import enrolments, registrations
from shared.messaging.documents import published_document
from shared.messaging.jobs import Job, JobContext, JobHandler, RetryLater

START_REGISTRATIONS: Final = "start_registrations"
KEEP_OFFERING: Final = "keep_offering"


def keep_offering(context: JobContext, job: Job) -> None:
    """Fetch an offering version and keep it for ever."""
    published_document(context, "offerings", job.payload["offering_id"], job.payload["version"])


def start_registrations(context: JobContext, job: Job) -> None:
    """Request the registrations of a new enrolment, following the offering version the learner was admitted to."""
    with context.read() as connection:
        enrolment = aggregate.load(connection, enrolments.c.id == job.key)
    if enrolment is None:
        raise LookupError(f"enrolment {job.key} was announced by its own transaction and is not there")
    offering = published_document(context, "offerings", enrolment.offering_id, enrolment.offering_version)
    terms = terms_for(offering, enrolment.target_group)
    with context.unit_of_work() as unit_of_work:
        current = aggregate.load(unit_of_work.connection, enrolments.c.id == job.key)
        if current is not None:
            aggregate.save(unit_of_work, current, requests.plan(current, terms, unit_of_work.now))


def answer_deadline(context: JobContext, job: Job) -> None:
    """Tell that an institution has not answered in time."""
    with context.unit_of_work() as unit_of_work:
        enrolment_id = registrations.c.enrolment_id
        holder = registrations.select().where(registrations.c.id == job.key).with_only_columns(enrolment_id)
        enrolment = aggregate.load(unit_of_work.connection, enrolments.c.id == holder.scalar_subquery())
        if enrolment is None:
            return
        registration = enrolment.registration(job.key)
        if requests.is_awaiting(registration) and registration.answer_by > unit_of_work.now:
            raise RetryLater(registration.answer_by - unit_of_work.now, "the institution may still answer")
        outcome = requests.lapse_deadline(enrolment, job.key, unit_of_work.now)
        aggregate.save(unit_of_work, enrolment, outcome)


JOBS: Final[Mapping[str, JobHandler]] = {
    START_REGISTRATIONS: start_registrations,
    KEEP_OFFERING: keep_offering,
    DEADLINE_JOB: answer_deadline,
}
