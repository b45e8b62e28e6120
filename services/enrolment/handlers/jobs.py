"""What needs another service or time: the offering version, the start of registrations, deadlines."""

from collections.abc import Mapping
from typing import Final

from services.enrolment.domain import requests
from services.enrolment.domain.terms import terms_for
from services.enrolment.store import aggregate, offerings
from services.enrolment.store.aggregate import DEADLINE_JOB
from services.enrolment.store.offerings import Document
from services.enrolment.store.tables import enrolments, registrations
from shared.messaging.jobs import Job, JobContext, JobHandler, RetryLater

START_REGISTRATIONS: Final = "start_registrations"
KEEP_OFFERING: Final = "keep_offering"


class WrongDocumentError(Exception):
    """Admission answered with another document than the one asked for."""


def keep_offering(context: JobContext, job: Job) -> None:
    """Fetch an offering version and keep it for ever."""
    kept_offering(context, job.payload["offering_id"], job.payload["version"])


def start_registrations(context: JobContext, job: Job) -> None:
    """Request the registrations of a new enrolment, following the offering version the learner was admitted to."""
    with context.read() as connection:
        enrolment = aggregate.load(connection, enrolments.c.id == job.key)
    if enrolment is None:
        raise LookupError(f"enrolment {job.key} was announced by its own transaction and is not there")
    terms = terms_for(
        kept_offering(context, enrolment.offering_id, enrolment.offering_version), enrolment.target_group
    )
    with context.unit_of_work() as unit_of_work:
        current = aggregate.load(unit_of_work.connection, enrolments.c.id == job.key)
        if current is not None:
            aggregate.save(unit_of_work, current, requests.plan(current, terms, unit_of_work.now))


def kept_offering(context: JobContext, offering_id: str, version: int) -> Document:
    """The offering version, fetched from admission the first time and read from our table ever after.

    Raises:
        RestError: admission cannot give it now; the job is tried again.
        WrongDocumentError: what came is not that version.
    """
    with context.read() as connection:
        kept = offerings.kept(connection, offering_id, version)
    if kept is not None:
        return kept
    document: Document = context.rest.get(
        "admission", f"/admission/v1/offerings/{offering_id}/versions/{version}"
    )
    if (document.get("id"), document.get("version")) != (offering_id, version):
        raise WrongDocumentError(f"asked for {offering_id}@{version}, got another offering version")
    with context.unit_of_work() as unit_of_work:
        offerings.keep(unit_of_work.connection, document, unit_of_work.now)
    return document


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
