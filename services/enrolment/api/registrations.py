"""Routes of registrations: the partner's list and answers, the registrar's work list, reminders and denials."""

from typing import Any, Final

from sqlalchemy import Connection

from services.enrolment.api.schemas import AnswerSchema, RegistrationFilterSchema, RegistrationSchema
from services.enrolment.api.views import filed_views, registration_view, scope_of
from services.enrolment.domain.answers import Answer
from services.enrolment.handlers import commands
from services.enrolment.store import queries
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "registrations",
    __name__,
    url_prefix="/enrolment/v1",
    description="One learner at one institution concerned",
)
Body = dict[str, Any]


@blueprint.route("/registrations")
@policy(Role.SERVICE, Role.ADMINISTRATOR, Role.REGISTRAR, Role.COORDINATOR, Role.PARTNER, Role.LEARNER)
@blueprint.arguments(RegistrationFilterSchema, location="query")
@blueprint.page(RegistrationSchema, key=("answer_by", "id"))
def list_registrations(connection: Connection, page: Page, filters: Body) -> list[Body]:
    """List registrations by deadline: an institution's own, and all where it decides on the studies."""
    scope, wanted = scope_of(caller()), queries.RegistrationFilter(**filters)
    found = queries.list_registrations(connection, scope, wanted, page.after, page.limit)
    return filed_views(connection, found)


@blueprint.route("/registrations/<id>")
@policy(Role.SERVICE, Role.ADMINISTRATOR, Role.REGISTRAR, Role.COORDINATOR, Role.PARTNER, Role.LEARNER)
@blueprint.query(RegistrationSchema)
def read_registration(connection: Connection, id: str) -> Body:  # noqa: A002 - the name in the path
    """Read one registration: what is asked of the institution, and what it said."""
    found = queries.filed_registration(connection, scope_of(caller()), id)
    return filed_views(connection, [found])[0]


@blueprint.route("/registrations/<id>", methods=["PATCH"])
@policy(Role.PARTNER, Role.REGISTRAR)
@blueprint.arguments(AnswerSchema)
@blueprint.command(RegistrationSchema)
def answer(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Answer for the caller's own institution, by merge patch; If-Match takes the registration's ETag."""
    said = Answer(reference=unit_of_work.correlation_id, **body)
    answered = commands.answer(unit_of_work, scope_of(caller()), id, said)
    return registration_view(unit_of_work.connection, *answered)


@blueprint.route("/registrations/<id>/reminder", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.command(RegistrationSchema, status=201)
def remind(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Send the institution its request again, with a new deadline."""
    reminded = commands.remind(unit_of_work, scope_of(caller()), id)
    return registration_view(unit_of_work.connection, *reminded)


@blueprint.route("/registrations/<id>/denial", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.command(RegistrationSchema, status=201)
def deny(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Give up an institution that is silent, or still queues the learner, after its deadline."""
    denied = commands.deny_overdue(unit_of_work, scope_of(caller()), id)
    return registration_view(unit_of_work.connection, *denied)
