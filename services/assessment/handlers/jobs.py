"""What needs another service or time: making a plan, and the two deadlines of a plan."""

from collections.abc import Mapping
from typing import Final

from services.assessment.domain import attempts, lifecycle
from services.assessment.domain.enrolment import fold
from services.assessment.handlers.exemptions import EXEMPT, apply_exemption
from services.assessment.handlers.keeping import keep
from services.assessment.store import enrolments, exemptions, queries
from services.assessment.store.offerings import keep_institutions, template_in
from services.assessment.store.queries import Scope
from shared.ids import derived_id
from shared.messaging.documents import published_document
from shared.messaging.jobs import Job, JobContext, JobHandler

ASSIGN: Final = "plan.assign"
ATTENDANCE: Final = "attendance"


def assign_plan(context: JobContext, job: Job) -> None:
    """Give the learner a plan from the template of their offering version, once.

    An enrolment that is over by then gets none; one that is suspended gets a plan whose clocks stand still.
    """
    enrolment_id = job.key
    with context.read() as connection:
        enrolment = enrolments.known_enrolment(connection, enrolment_id)
    offering = published_document(context, "offerings", enrolment.offering_id, enrolment.offering_version)
    template = template_in(offering)
    plan_id = derived_id("plan", enrolment_id)
    with context.unit_of_work() as uow:
        enrolments.lock_enrolment(uow, enrolment_id)
        standing = fold(enrolments.facts_of(uow.connection, enrolment_id))
        there = queries.find_plan(uow.connection, Scope.all(), plan_id) is not None
        if there or standing.over is not None or not standing.activated:
            return
        decision = lifecycle.assign(
            plan_id=plan_id,
            enrolment_id=enrolment_id,
            learner_id=enrolment.learner_id,
            track=enrolment.track,
            template=template,
            enrolment=standing,
            now=uow.now,
        )
        keep_institutions(uow.connection, template)
        plan = keep(uow, None, decision)
        of_plan = (plan.learner_id, template.offering_id, template.offering_version)
        for exemption_id in exemptions.ids_for(uow.connection, *of_plan):
            uow.schedule(EXEMPT, exemption_id)


def lapse_plan(context: JobContext, job: Job) -> None:
    """End a plan whose time is over; leaves one alone that was extended, held or settled in the meantime."""
    with context.unit_of_work() as uow:
        plan = queries.find_plan(uow.connection, Scope.all(), job.payload["plan_id"])
        if plan is not None:
            keep(uow, plan, lifecycle.lapse(plan, uow.now))


def time_out_attempt(context: JobContext, job: Job) -> None:
    """Hand in an attempt whose time is over; leaves one alone that was handed in or given more time."""
    with context.unit_of_work() as uow:
        plan = queries.find_plan(uow.connection, Scope.all(), job.payload["plan_id"])
        if plan is not None:
            keep(uow, plan, attempts.time_out(plan, job.key, uow.now))


JOBS: Final[Mapping[str, JobHandler]] = {
    ASSIGN: assign_plan,
    EXEMPT: apply_exemption,
    lifecycle.LAPSE: lapse_plan,
    lifecycle.TIME_OUT: time_out_attempt,
}
