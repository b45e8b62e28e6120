"""Routes of what people decide about signed certificates, and of the holder's answer."""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from services.certification.api import manual_schemas as schemas
from services.certification.api.schemas import CertificateSchema
from services.certification.api.views import certificate_row, certificate_views, scope_of
from services.certification.domain import manual as rules
from services.certification.domain.award import Award
from services.certification.domain.decisions import Decision
from services.certification.handlers import manual as commands
from services.certification.store import decisions
from shared.domain import ForbiddenError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "decisions", __name__, url_prefix="/certification/v1", description="What people decide about certificates"
)
_OF_LEARNERS: Final = frozenset({"name_changed", "data_corrected"})


@blueprint.route("/certificates/<id>/suspension", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.SuspensionSchema)
@blueprint.command(CertificateSchema, status=201)
def suspend(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002 - the name in the path
    """Suspend an issued certificate; only a person reinstates it."""
    return _step(uow, id, lambda award: rules.suspend(award, id, body["reason_code"], body["reason"]))


@blueprint.route("/certificates/<id>/reinstatement", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.ReinstatementSchema)
@blueprint.command(CertificateSchema, status=201)
def reinstate(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Lift a suspension, where the results that the certificate rests on stand."""
    return _step(uow, id, lambda award: rules.reinstate(award, id, body["reason"]))


@blueprint.route("/certificates/<id>/replacement", methods=["POST"])
@policy(Role.REGISTRAR, Role.LEARNER)
@blueprint.arguments(schemas.ReplacementRequestSchema)
@blueprint.command(CertificateSchema, status=201)
def replace(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Ask for a new certificate in place of this one; it is issued as soon as what is on record says something else."""
    code = body["reason_code"]
    if caller().role is Role.LEARNER and code not in _OF_LEARNERS:
        raise ForbiddenError(f"A holder may ask because of {' or '.join(sorted(_OF_LEARNERS))}.")
    return _step(uow, id, lambda award: rules.request_replacement(award, id, code, body["reason"]))


@blueprint.route("/certificates/<id>/acceptance", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(schemas.AnswerSchema)
@blueprint.command(CertificateSchema, status=201)
def answer(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Accept or reject one's certificate; a refusal ends its delivery and does not revoke it."""
    return _step(uow, id, lambda award: rules.answer(award, id, body["answer"]))


def _step(uow: UnitOfWork, certificate_id: str, decide: Callable[[Award], Decision]) -> dict[str, Any]:
    scope = scope_of(caller())
    commands.step(uow, scope, certificate_id, decide)
    row = certificate_row(uow.connection, scope, certificate_id)
    return certificate_views(uow.connection, scope, [row])[0]


@blueprint.route("/decisions", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.NewDecisionSchema)
@blueprint.command(schemas.DecisionSchema, status=201)
def propose(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Propose to revoke a certificate; a colleague confirms it."""
    decision_id = commands.propose_revocation(
        uow, scope_of(caller()), body["certificate_id"], body["reason_code"], body["reason"]
    )
    location = {"Location": f"/certification/v1/decisions/{decision_id}"}
    return _found(uow.connection, decision_id), location


@blueprint.route("/decisions/<id>/confirmation", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.DecisionConfirmationSchema)
@blueprint.command(schemas.DecisionSchema, status=201)
def confirm(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Confirm a colleague's proposal, or drop it; only then anything happens."""
    commands.settle(uow, scope_of(caller()), id, agrees=body["agrees"])
    return _found(uow.connection, id)


@blueprint.route("/decisions/<id>")
@policy(Role.REGISTRAR, Role.ADMINISTRATOR)
@blueprint.query(schemas.DecisionSchema)
def read_decision(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read a decision about a certificate."""
    return _found(connection, id)


@blueprint.route("/decisions")
@policy(Role.REGISTRAR, Role.ADMINISTRATOR)
@blueprint.arguments(schemas.DecisionFilterSchema, location="query")
@blueprint.page(schemas.DecisionSchema, key=("created_at", "id"))
def list_decisions(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> Any:
    """List decisions, oldest first; `state=proposed` awaits a second person."""
    return decisions.page(connection, scope_of(caller()), filters.get("state"), page.after, page.limit)


def _found(connection: sa.Connection, decision_id: str) -> sa.Row[Any]:
    row = decisions.find(connection, scope_of(caller()), decision_id)
    if row is None:
        raise NotFoundError("There is no such decision, or it is not yours to see.")
    return row
