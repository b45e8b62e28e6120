"""Routes of attempts: work lists, and the way of one attempt from its opening to a released result."""

from typing import Any, Final

from sqlalchemy import Connection

from services.assessment.api.requests import (
    AttemptFilterSchema,
    BookingSchema,
    CancellationSchema,
    MarksSchema,
    NewAttemptSchema,
    ReasonSchema,
    SubmissionSchema,
    VerdictSchema,
)
from services.assessment.api.schemas import AttemptSchema, ListedAttemptSchema
from services.assessment.api.views import acting, attempt_view, scope_of
from services.assessment.domain.plan import Evidence, Feedback, Plan
from services.assessment.handlers import attempt_commands as commands
from services.assessment.store import queries
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Caller, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "attempts", __name__, url_prefix="/assessment/v1", description="Attempts at a plan's instruments"
)
Body = dict[str, Any]
_STAFF: Final = (
    Role.ADMINISTRATOR,
    Role.COORDINATOR,
    Role.REGISTRAR,
    Role.CONFIRMER,
    Role.ASSESSOR,
)


@blueprint.route("/attempts")
@policy(*_STAFF, Role.LEARNER)
@blueprint.arguments(AttemptFilterSchema, location="query")
@blueprint.page(ListedAttemptSchema, key=("task_until", "id"))
def list_attempts(connection: Connection, page: Page, filters: Body) -> list[Any]:
    """List attempts by what has to be done next (`task`) and by deadline: the work lists of staff.

    An assessor or confirmer does not find what they have done their part of, or may not judge.
    """
    person = caller()
    judge = person.subject if person.role in {Role.ASSESSOR, Role.CONFIRMER} else None
    wanted = queries.AttemptFilter(**filters, person=judge)
    return list(queries.list_attempts(connection, scope_of(person), wanted, page.after, page.limit))


@blueprint.route("/attempts", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(NewAttemptSchema)
@blueprint.command(AttemptSchema, status=201)
def open_attempt(unit_of_work: UnitOfWork, body: Body) -> tuple[Body, dict[str, str]]:
    """Open an attempt, or book one into a session."""
    person = caller()
    plan, attempt_id = commands.open_attempt(unit_of_work, acting(person), **body)
    return _view(plan, attempt_id, person), {"Location": f"/assessment/v1/attempts/{attempt_id}"}


@blueprint.route("/attempts/<id>")
@policy(*_STAFF, Role.LEARNER)
@blueprint.query(AttemptSchema)
def read_attempt(connection: Connection, id: str) -> Body:  # noqa: A002 - the name in the path
    """Read one attempt and, once it is released, its result."""
    person = caller()
    return _view(queries.plan_of_attempt(connection, scope_of(person), id), id, person)


@blueprint.route("/attempts/<id>/booking", methods=["POST"])
@policy(Role.COORDINATOR, Role.ASSESSOR, Role.LEARNER)
@blueprint.arguments(BookingSchema)
@blueprint.command(AttemptSchema, status=201)
def book(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Book a pending attempt into a session, or (staff) at an appointed time and place."""
    person = caller()
    appointment = None
    if "opens_at" in body:
        appointment = commands.Appointment(body["opens_at"], body["closes_at"], body["place"])
    session = body.get("session_id")
    return _view(*commands.book(unit_of_work, acting(person), id, session, appointment), person)


@blueprint.route("/attempts/<id>/submission", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(SubmissionSchema)
@blueprint.command(AttemptSchema, status=201)
def submit(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Hand the attempt in, with references to the work."""
    person = caller()
    evidence = [Evidence(**each) for each in body["evidence"]]
    return _view(*commands.submit(unit_of_work, acting(person), id, evidence), person)


@blueprint.route("/attempts/<id>/cancellation", methods=["POST"])
@policy(Role.COORDINATOR, Role.ASSESSOR, Role.LEARNER)
@blueprint.arguments(CancellationSchema)
@blueprint.command(AttemptSchema, status=201)
def cancel(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Take an attempt back without using it up: the learner until it opens, staff until it is handed in."""
    person = caller()
    return _view(*commands.cancel(unit_of_work, acting(person), id, body["reason"]), person)


@blueprint.route("/attempts/<id>/verification", methods=["POST"])
@policy(Role.ASSESSOR, Role.CONFIRMER, Role.REGISTRAR)
@blueprint.arguments(VerdictSchema)
@blueprint.command(AttemptSchema, status=201)
def verify(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Say whether the person who sat the attempt was the learner."""
    person = caller()
    verdict, reason = body["verification"], body["reason"]
    return _view(*commands.verify(unit_of_work, acting(person), id, verdict, reason), person)


@blueprint.route("/attempts/<id>/marking", methods=["POST"])
@policy(Role.ASSESSOR)
@blueprint.command(AttemptSchema, status=201)
def begin_marking(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Take a marker's place; the first marker starts the marking."""
    person = caller()
    return _view(*commands.begin_marking(unit_of_work, acting(person), id), person)


@blueprint.route("/attempts/<id>/marks", methods=["POST"])
@policy(Role.ASSESSOR)
@blueprint.arguments(MarksSchema)
@blueprint.command(AttemptSchema, status=201)
def hand_in_marks(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Hand in a mark for every outcome, with feedback; the last marker completes the marking."""
    person = caller()
    given = commands.Marks(
        marks={mark["outcome"]: mark["mark"] for mark in body["marks"]},
        assessed_on=body["assessed_on"],
        feedback=[Feedback(**word) for word in body["feedback"]],
    )
    return _view(*commands.hand_in_marks(unit_of_work, acting(person), id, given), person)


@blueprint.route("/attempts/<id>/release", methods=["POST"])
@policy(Role.ASSESSOR, Role.CONFIRMER, Role.COORDINATOR)
@blueprint.command(AttemptSchema, status=201)
def release(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Show the result to the learner; the dispute window starts."""
    person = caller()
    return _view(*commands.release(unit_of_work, acting(person), id), person)


@blueprint.route("/attempts/<id>/remark", methods=["POST"])
@policy(Role.CONFIRMER, Role.COORDINATOR, Role.ASSESSOR)
@blueprint.arguments(ReasonSchema)
@blueprint.command(AttemptSchema, status=201)
def remark(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Have a released result marked again; an open dispute is thereby upheld."""
    person = caller()
    return _view(*commands.remark(unit_of_work, acting(person), id, body["reason"]), person)


def _view(plan: Plan, attempt_id: str, person: Caller) -> Body:
    return attempt_view(plan, plan.attempt(attempt_id), person)
