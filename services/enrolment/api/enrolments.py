"""Routes of enrolments: lists, the case, its history, and what people decide about studies."""

from typing import Any, Final

from sqlalchemy import Connection

from services.enrolment.api.schemas import (
    AttendanceSchema,
    CancellationSchema,
    EndSchema,
    EnrolmentFilterSchema,
    EnrolmentSchema,
    HistorySchema,
    NewRegistrationSchema,
    RegistrationSchema,
)
from services.enrolment.api.views import (
    enrolment_view,
    enrolment_views,
    history_view,
    registration_view,
    scope_of,
)
from services.enrolment.handlers import commands
from services.enrolment.store import queries
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "enrolments", __name__, url_prefix="/enrolment/v1", description="A learner's way through an offering"
)
_STAFF: Final = (
    Role.SERVICE,
    Role.ADMINISTRATOR,
    Role.REGISTRAR,
    Role.COORDINATOR,
    Role.ADMISSIONS_OFFICER,
    Role.PARTNER,
)
Body = dict[str, Any]


@blueprint.route("/enrolments")
@policy(*_STAFF, Role.LEARNER)
@blueprint.arguments(EnrolmentFilterSchema, location="query")
@blueprint.page(EnrolmentSchema, key=("state_at", "id"))
def list_enrolments(connection: Connection, page: Page, filters: Body) -> list[Body]:
    """List the enrolments that concern the caller, those longest in their state first."""
    scope, wanted = scope_of(caller()), queries.EnrolmentFilter(**filters)
    found = queries.list_enrolments(connection, scope, wanted, page.after, page.limit)
    return enrolment_views(connection, scope, found)


@blueprint.route("/enrolments/<id>")
@policy(*_STAFF, Role.LEARNER)
@blueprint.query(EnrolmentSchema)
def read_enrolment(connection: Connection, id: str) -> Body:  # noqa: A002 - the name in the path
    """Read one enrolment: its registrations, what is next, by whom and until when."""
    scope = scope_of(caller())
    return enrolment_view(connection, scope, queries.enrolment(connection, scope, id))


@blueprint.route("/enrolments/<id>/history")
@policy(*_STAFF)
@blueprint.query(HistorySchema)
def read_history(connection: Connection, id: str) -> Body:  # noqa: A002
    """Read who did what in this case, when, in which role and why."""
    return history_view(connection, scope_of(caller()), id)


@blueprint.route("/enrolments/<id>/suspension", methods=["POST"])
@policy(Role.REGISTRAR, Role.LEARNER)
@blueprint.command(EnrolmentSchema, status=201)
def suspend(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Pause the studies."""
    scope = scope_of(caller())
    return enrolment_view(unit_of_work.connection, scope, commands.suspend(unit_of_work, scope, id))


@blueprint.route("/enrolments/<id>/resumption", methods=["POST"])
@policy(Role.REGISTRAR, Role.LEARNER)
@blueprint.command(EnrolmentSchema, status=201)
def resume(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Take the studies up again; a result confirmed meanwhile takes effect."""
    scope = scope_of(caller())
    return enrolment_view(unit_of_work.connection, scope, commands.resume(unit_of_work, scope, id))


@blueprint.route("/enrolments/<id>/withdrawal", methods=["POST"])
@policy(Role.REGISTRAR, Role.LEARNER)
@blueprint.command(EnrolmentSchema, status=201)
def withdraw(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Give the studies up; every institution is asked to cancel."""
    scope = scope_of(caller())
    return enrolment_view(unit_of_work.connection, scope, commands.withdraw(unit_of_work, scope, id))


@blueprint.route("/enrolments/<id>/cancellation", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(CancellationSchema)
@blueprint.command(EnrolmentSchema, status=201)
def cancel(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Call the enrolment off; every institution is asked to cancel."""
    scope = scope_of(caller())
    cancelled = commands.cancel(unit_of_work, scope, id, body["reason_code"])
    return enrolment_view(unit_of_work.connection, scope, cancelled)


@blueprint.route("/enrolments/<id>/end", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(EndSchema)
@blueprint.command(EnrolmentSchema, status=201)
def end(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """End the studies without a completion, as after a no-show."""
    scope = scope_of(caller())
    ended = commands.end(unit_of_work, scope, id, body["reason_code"])
    return enrolment_view(unit_of_work.connection, scope, ended)


@blueprint.route("/enrolments/<id>/attendance", methods=["POST"])
@policy(Role.REGISTRAR, Role.CONFIRMER, Role.ASSESSOR, Role.PARTNER)
@blueprint.arguments(AttendanceSchema)
@blueprint.command(EnrolmentSchema, status=201)
def confirm_attendance(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Confirm by name that the learner attended; completes an enrolment of the attendance track."""
    scope = scope_of(caller())
    attended = commands.confirm_attendance(
        unit_of_work, scope, id, body.get("confirmed_on"), body.get("hours")
    )
    return enrolment_view(unit_of_work.connection, scope, attended)


@blueprint.route("/enrolments/<id>/registrations", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(NewRegistrationSchema)
@blueprint.command(RegistrationSchema, status=201)
def request_registration(unit_of_work: UnitOfWork, body: Body, id: str) -> tuple[Body, dict[str, str]]:  # noqa: A002
    """Request a new registration of an institution that denied or cancelled the one before."""
    enrolment, registration = commands.request_anew(unit_of_work, scope_of(caller()), id, body["institution"])
    view = registration_view(unit_of_work.connection, enrolment, registration)
    return view, {"Location": f"/enrolment/v1/registrations/{registration.id}"}
