"""Routes of stacking: the deciding body's work list and decisions, and what a learner's certificates count towards."""

from typing import Any, Final

import sqlalchemy as sa

from services.certification.api import stack_schemas as schemas
from services.certification.api.stack_views import path_views, stack_history, stack_row, stack_views
from services.certification.api.views import scope_of
from services.certification.handlers import stack_decisions as commands
from services.certification.store import stacks
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "stacks",
    __name__,
    url_prefix="/certification/v1",
    description="Certificates that stack to a larger award",
)
_READERS: Final = (
    Role.SERVICE,
    Role.ADMINISTRATOR,
    Role.REGISTRAR,
    Role.COORDINATOR,
    Role.PARTNER,
    Role.LEARNER,
)


@blueprint.route("/stacks")
@policy(*_READERS)
@blueprint.arguments(schemas.StackFilterSchema, location="query")
@blueprint.page(schemas.StackSchema, key=("changed_at", "id"))
def list_stacks(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """List stacks, those longest in their state first; `proposed` and `in_review` await the deciding body."""
    rows = stacks.page(connection, scope_of(caller()), filters.get("state"), page.after, page.limit)
    return stack_views(connection, rows)


@blueprint.route("/stacks/<id>")
@policy(*_READERS)
@blueprint.query(schemas.StackSchema)
def read_stack(connection: sa.Connection, id: str) -> dict[str, Any]:  # noqa: A002 - the name in the path
    """Read one stack: its rule, its parts as they stand, and what was decided."""
    return stack_views(connection, [stack_row(connection, scope_of(caller()), id)])[0]


@blueprint.route("/stacks/<id>/history")
@policy(*_READERS)
@blueprint.query(schemas.StackHistorySchema)
def read_stack_history(connection: sa.Connection, id: str) -> dict[str, Any]:  # noqa: A002
    """Read what became of a stack, when, by whom and why."""
    return stack_history(connection, scope_of(caller()), id)


@blueprint.route("/stacks/<id>/decision", methods=["POST"])
@policy(Role.REGISTRAR, Role.COORDINATOR)
@blueprint.arguments(schemas.StackDecisionSchema)
@blueprint.command(schemas.StackSchema, status=201)
def decide(uow: UnitOfWork, body: dict[str, Any], id: str) -> dict[str, Any]:  # noqa: A002
    """Grant the larger award or refuse it, for the deciding body; its certificate follows by itself."""
    step = commands.grant if body["decision"] == "grant" else commands.refuse
    step(uow, _decider(), id, body["reason"])
    return _found(uow, id)


@blueprint.route("/stacks/<id>/review-decision", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.ReviewDecisionSchema)
@blueprint.command(schemas.ReviewedSchema, status=201)
def decide_review(uow: UnitOfWork, body: dict[str, Any], id: str) -> dict[str, Any]:  # noqa: A002
    """Decide what follows for the larger award from a part that does not stand: keep, suspend or revoke it."""
    decider, reason, decision = _decider(), body["reason"], None
    if body["decision"] == "revoke":
        decision = commands.revoke(uow, decider, id, reason)
    else:
        step = commands.keep if body["decision"] == "keep" else commands.suspend
        step(uow, decider, id, reason)
    return {**_found(uow, id), "decision_id": decision}


@blueprint.route("/stacking-paths")
@policy(Role.LEARNER)
@blueprint.query(schemas.PathsSchema)
def read_paths(connection: sa.Connection) -> dict[str, Any]:
    """Read towards which larger awards one's own certificates count, and what is missing for each."""
    return {"items": path_views(connection, caller().learner_id)}


def _decider() -> commands.Decider:
    return commands.Decider(scope_of(caller()), caller().learner_id)


def _found(uow: UnitOfWork, stack_id: str) -> dict[str, Any]:
    return stack_views(uow.connection, [stack_row(uow.connection, scope_of(caller()), stack_id)])[0]
