"""Routes of plans: lists, the case, its history, its briefing, and what people decide about a plan as a whole."""

from typing import Any, Final

from sqlalchemy import Connection

from services.assessment.api.requests import (
    ExtensionSchema,
    PlanFilterSchema,
    ReasonSchema,
    RecognitionSchema,
)
from services.assessment.api.schemas import BriefingSchema, HistorySchema, ListedPlanSchema, PlanSchema
from services.assessment.api.views import (
    acting,
    briefing_view,
    history_view,
    listed_plan,
    plan_view,
    scope_of,
)
from services.assessment.handlers import plan_commands as commands
from services.assessment.store import queries
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "plans", __name__, url_prefix="/assessment/v1", description="One learner's assessment plan"
)
Body = dict[str, Any]
_STAFF: Final = (
    Role.ADMINISTRATOR,
    Role.COORDINATOR,
    Role.REGISTRAR,
    Role.CONFIRMER,
    Role.ASSESSOR,
)


@blueprint.route("/plans")
@policy(Role.SERVICE, *_STAFF, Role.LEARNER)
@blueprint.arguments(PlanFilterSchema, location="query")
@blueprint.page(ListedPlanSchema, key=("expected_end", "id"))
def list_plans(connection: Connection, page: Page, filters: Body) -> list[Body]:
    """List the plans that the caller may see, the earliest end first."""
    person = caller()
    if person.role in {Role.LEARNER, Role.SERVICE}:
        filters = {name: value for name, value in filters.items() if name != "integrity_hold"}
    wanted = queries.PlanFilter(**filters)
    found = queries.list_plans(connection, scope_of(person), wanted, page.after, page.limit)
    return [listed_plan(row, person) for row in found]


@blueprint.route("/plans/<id>")
@policy(Role.SERVICE, *_STAFF, Role.LEARNER)
@blueprint.query(PlanSchema)
def read_plan(connection: Connection, id: str) -> Body:  # noqa: A002 - the name in the path
    """Read one plan: outcomes, results that count, and for learner and staff what is next, by whom, until when."""
    person = caller()
    return plan_view(queries.plan_by_id(connection, scope_of(person), id), person)


@blueprint.route("/plans/<id>/history")
@policy(*_STAFF)
@blueprint.query(HistorySchema)
def read_history(connection: Connection, id: str) -> Body:  # noqa: A002
    """Read who did what in this case, when, in which role and why."""
    return history_view(connection, scope_of(caller()), id)


@blueprint.route("/plans/<id>/briefing")
@policy(*_STAFF, Role.LEARNER)
@blueprint.query(BriefingSchema)
def read_briefing(connection: Connection, id: str) -> Body:  # noqa: A002
    """Read the rules, the sample and the instructions."""
    return briefing_view(queries.plan_by_id(connection, scope_of(caller()), id))


@blueprint.route("/plans/<id>/briefing", methods=["POST"])
@policy(Role.COORDINATOR, Role.ASSESSOR, Role.LEARNER)
@blueprint.command(PlanSchema, status=201)
def brief(unit_of_work: UnitOfWork, id: str) -> Body:  # noqa: A002
    """Record that rules, sample and instructions were delivered; attempts open after this."""
    person = caller()
    return plan_view(commands.brief(unit_of_work, acting(person), id), person)


@blueprint.route("/plans/<id>/recognitions", methods=["POST"])
@policy(Role.CONFIRMER)
@blueprint.arguments(RecognitionSchema)
@blueprint.command(PlanSchema, status=201)
def recognise(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Recognise an outcome by prior learning."""
    person = caller()
    plan = commands.recognise(unit_of_work, acting(person), id, body["outcome"], body["reason"])
    return plan_view(plan, person)


@blueprint.route("/plans/<id>/extension", methods=["POST"])
@policy(Role.COORDINATOR, Role.REGISTRAR)
@blueprint.arguments(ExtensionSchema)
@blueprint.command(PlanSchema, status=201)
def extend(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Give the learner more time; a lapsed plan goes on where it stopped."""
    person = caller()
    plan = commands.extend(unit_of_work, acting(person), id, body["until"], body["reason"])
    return plan_view(plan, person)


@blueprint.route("/plans/<id>/integrity-hold", methods=["POST"])
@policy(Role.COORDINATOR, Role.CONFIRMER, Role.ASSESSOR)
@blueprint.arguments(ReasonSchema)
@blueprint.command(PlanSchema, status=201)
def place_hold(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Hold back this learner's results; no other learner waits."""
    person = caller()
    return plan_view(commands.place_hold(unit_of_work, acting(person), id, body["reason"]), person)


@blueprint.route("/plans/<id>/integrity-hold/lifting", methods=["POST"])
@policy(Role.COORDINATOR, Role.CONFIRMER, Role.ASSESSOR)
@blueprint.arguments(ReasonSchema)
@blueprint.command(PlanSchema, status=201)
def lift_hold(unit_of_work: UnitOfWork, body: Body, id: str) -> Body:  # noqa: A002
    """Lift the integrity hold; what waited for it goes on at once."""
    person = caller()
    return plan_view(commands.lift_hold(unit_of_work, acting(person), id, body["reason"]), person)
