"""Applications as their learners act on them, and as everybody concerned reads them."""

from typing import Any, Final

import sqlalchemy as sa

from services.admission.api import application_schema as schemas
from services.admission.api.evidence_schema import NewEvidenceList
from services.admission.api.views import decided, scope_of, shown, summary, waiting
from services.admission.handlers import applications as commands
from services.admission.handlers.case import cases_of, read
from services.admission.store.applications import find_application, list_applications
from shared.messaging.history import history_of
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blp: Final = Blueprint(
    "applications",
    __name__,
    url_prefix="/admission/v1",
    description="One application for the whole consortium",
)


@blp.route("/applications", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.NewApplication)
@blp.command(schemas.Application, status=201)
def create_application(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Begin an application to an offering; it stays a draft until it is handed in."""
    case = commands.create(uow, caller().learner_id, body)
    return shown(uow.connection, case), {"Location": f"/admission/v1/applications/{case.application.id}"}


@blp.route("/applications", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER, Role.LEARNER, Role.SERVICE)
@blp.arguments(schemas.ApplicationFilters, location="query")
@blp.page(schemas.ApplicationSummary, key=("due", "id"))
def list_own_applications(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> Any:
    """List applications, the next deadline first: one's own, or those one's institution reviews."""
    rows = list_applications(connection, scope_of(caller()), filters, after=page.after, limit=page.limit)
    proposed = waiting(connection, [row.id for row in rows])
    return [summary(case, proposed) for case in cases_of(connection, rows)]


@blp.route("/applications/<id>", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER, Role.LEARNER, Role.SERVICE)
@blp.query(schemas.Application)
def read_application(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read a case: what it holds, what the rules propose, and what is next, by whom, until when."""
    return shown(connection, read(connection, scope_of(caller()), id))


@blp.route("/applications/<id>/history", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER, Role.LEARNER, Role.SERVICE)
@blp.query(schemas.History)
def read_application_history(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read who did what, when, in which role and why; what is only proposed is not the learner's to see."""
    find_application(connection, scope_of(caller()), id)
    steps = history_of(connection, "applications", id)
    return {"steps": decided(steps) if caller().role is Role.LEARNER else steps}


@blp.route("/applications/<id>/evidence", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(NewEvidenceList)
@blp.command(schemas.Application, status=201)
def add_evidence(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Add proofs; an automatic offering looks at the case again."""
    return shown(uow.connection, commands.add_evidence(uow, scope_of(caller()), id, body["evidence"]))


@blp.route("/applications/<id>/submission", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.Submission)
@blp.command(schemas.Application, status=201)
def submit_application(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Hand the application in and accept the terms."""
    return shown(uow.connection, commands.submit(uow, scope_of(caller()), id, body))


@blp.route("/applications/<id>/information", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.Information)
@blp.command(schemas.Application, status=201)
def provide_information(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Answer a request for information."""
    return shown(uow.connection, commands.provide_information(uow, scope_of(caller()), id, body))


@blp.route("/applications/<id>/offer-response", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.OfferResponse)
@blp.command(schemas.Application, status=201)
def respond_to_offer(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Accept or decline the offer."""
    return shown(uow.connection, commands.respond_to_offer(uow, scope_of(caller()), id, body["response"]))


@blp.route("/applications/<id>/withdrawal", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.OptionalReason)
@blp.command(schemas.Application, status=201)
def withdraw_application(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Leave the procedure; a seat goes to the next in the queue."""
    return shown(uow.connection, commands.withdraw(uow, scope_of(caller()), id, body["reason"]))
