"""Routes of results: confirmation, dispute, overturn. A result has the id of its attempt."""

from typing import Any, Final

from sqlalchemy import Connection

from services.assessment.api.requests import ReasonSchema
from services.assessment.api.schemas import AttemptSchema
from services.assessment.api.views import acting, attempt_view, scope_of
from services.assessment.domain.plan import Plan
from services.assessment.handlers import result_commands as commands
from services.assessment.store import queries
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Caller, Role, caller, policy

blueprint: Final = Blueprint(
    "results", __name__, url_prefix="/assessment/v1", description="Results of attempts, one by one"
)
Body = dict[str, Any]


@blueprint.route("/results/<id>")
@policy(Role.ADMINISTRATOR, Role.COORDINATOR, Role.REGISTRAR, Role.CONFIRMER, Role.ASSESSOR, Role.LEARNER)
@blueprint.query(AttemptSchema)
def read_result(connection: Connection, id: str) -> Body:  # noqa: A002 - the name in the path
    """Read a result with its attempt."""
    person = caller()
    return _view(queries.plan_of_attempt(connection, scope_of(person), id), id, person)


@blueprint.route("/results/<id>/confirmation", methods=["POST"])
@policy(Role.CONFIRMER)
@blueprint.command(AttemptSchema, status=201)
def confirm(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Confirm a result; with the quorum it is final, and the plan is complete when it was the last one."""
    person = caller()
    return _view(*commands.confirm(unit_of_work, acting(person), id), person)


@blueprint.route("/results/<id>/dispute", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(ReasonSchema)
@blueprint.command(AttemptSchema, status=201)
def dispute(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Dispute a released result before it is final."""
    person = caller()
    return _view(*commands.dispute(unit_of_work, acting(person), id, body["reason"]), person)


@blueprint.route("/results/<id>/dispute/dismissal", methods=["POST"])
@policy(Role.CONFIRMER, Role.COORDINATOR)
@blueprint.arguments(ReasonSchema)
@blueprint.command(AttemptSchema, status=201)
def dismiss_dispute(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Answer a dispute with reasons; upholding it is a remark of the attempt."""
    person = caller()
    return _view(*commands.dismiss_dispute(unit_of_work, acting(person), id, body["reason"]), person)


@blueprint.route("/results/<id>/overturn", methods=["POST"])
@policy(Role.CONFIRMER)
@blueprint.arguments(ReasonSchema)
@blueprint.command(AttemptSchema, status=201)
def propose_overturn(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Propose to overturn a final result; a second confirmer decides."""
    person = caller()
    return _view(*commands.propose_overturn(unit_of_work, acting(person), id, body["reason"]), person)


@blueprint.route("/results/<id>/overturn/confirmation", methods=["POST"])
@policy(Role.CONFIRMER)
@blueprint.command(AttemptSchema, status=201)
def confirm_overturn(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Overturn a final result that another confirmer proposed to; it is marked again."""
    person = caller()
    return _view(*commands.confirm_overturn(unit_of_work, acting(person), id), person)


def _view(plan: Plan, attempt_id: str, person: Caller) -> Body:
    return attempt_view(plan, plan.attempt(attempt_id), person)
