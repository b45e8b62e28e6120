"""Decisions that take two different people of the reviewing institution."""

from typing import Any, Final

import sqlalchemy as sa

from services.admission.api import application_schema as schemas
from services.admission.api.reviews import case_for_review
from services.admission.handlers import decisions as commands
from services.admission.store.cases import find_part, list_decisions
from services.admission.store.tables import decisions
from shared.domain import NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blp: Final = Blueprint(
    "decisions", __name__, url_prefix="/admission/v1", description="Decisions by two people"
)


@blp.route("/decisions", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.NewDecision)
@blp.command(schemas.Decision, status=201)
def propose_decision(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Propose a decision; a colleague confirms it."""
    decision_id = commands.propose(uow, case_for_review(uow, body["application_id"]), body)
    location = {"Location": f"/admission/v1/decisions/{decision_id}"}
    return find_part(uow.connection, decisions, decision_id), location


@blp.route("/decisions/<id>/confirmation", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.DecisionConfirmation)
@blp.command(schemas.Decision, status=201)
def confirm_decision(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Confirm a colleague's proposal, or drop it; only then anything happens."""
    application_id = find_part(uow.connection, decisions, id).application_id
    settle = commands.confirm if body["agrees"] else commands.refuse
    settle(uow, case_for_review(uow, application_id), id)
    return find_part(uow.connection, decisions, id)


@blp.route("/decisions/<id>", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.query(schemas.Decision)
def read_decision(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read a decision of the caller's institution."""
    row = find_part(connection, decisions, id)
    if row.institution != caller().institution:
        raise NotFoundError("There is nothing of that id, or it is not yours to see.")
    return row


@blp.route("/decisions", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.DecisionFilters, location="query")
@blp.page(schemas.Decision, key=("created_at", "id"))
def list_own_decisions(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> Any:
    """List the decisions of the caller's institution, oldest first; `state=proposed` awaits a second person."""
    return list_decisions(connection, caller().institution or "", filters, after=page.after, limit=page.limit)
