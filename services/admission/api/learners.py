"""Learners: their own record, and the part of it that those concerned may read."""

from typing import Any, Final

import sqlalchemy as sa

from services.admission.api import learner_schema as schemas
from services.admission.api.views import scope_of
from services.admission.handlers import learners as commands
from services.admission.store import learners as store
from services.admission.store.applications import list_applications
from shared.domain import InvalidError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Role, caller, policy

blp: Final = Blueprint(
    "learners", __name__, url_prefix="/admission/v1", description="Learners and their records"
)
_MOST_APPLICATIONS: Final = 200


@blp.route("/learners", methods=["POST"])
@policy(Role.LEARNER)
@blp.arguments(schemas.NewLearner)
@blp.command(schemas.Learner, status=201)
def create_learner(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Make the caller's own record."""
    me = caller()
    record = commands.create(uow, me.learner_id, me.issuer, me.subject, body)
    return record, {"Location": f"/admission/v1/learners/{me.learner_id}"}


@blp.route("/learners/<id>", methods=["GET"])
@policy(Role.SERVICE, Role.ADMISSIONS_OFFICER, Role.REGISTRAR, Role.PARTNER, Role.LEARNER)
@blp.query(schemas.Learner)
def read_learner(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read a record: one's own whole; a learner's one reviews; after admission, what the profile covers."""
    reader = caller()
    if reader.role is Role.SERVICE or id == reader.learner_id:
        return commands.own_or_all(connection, id)
    if Role.ADMISSIONS_OFFICER in reader.roles and store.is_reviewed_by(
        connection, id, reader.institution or ""
    ):
        return commands.own_or_all(connection, id)
    if not reader.roles & {Role.REGISTRAR, Role.PARTNER}:
        raise NotFoundError("There is no such learner, or the record is not yours to see.")
    return commands.released_to(connection, id, reader.institution)


@blp.route("/learners/<id>", methods=["PATCH"])
@policy(Role.LEARNER)
@blp.arguments(schemas.LearnerPatch)
@blp.command(schemas.Learner)
def change_learner(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Change one's own record; a new name or birth date has to be verified anew."""
    if id != caller().learner_id:
        raise NotFoundError("There is no such learner, or the record is not yours to see.")
    commands.change(uow, id, body)
    return commands.own_or_all(uow.connection, id)


@blp.route("/learners/<id>/identity-verification", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.command(schemas.Learner, status=201)
def verify_identity(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
    """Record that the caller has compared the record with an identity document."""
    officer = caller()
    if id == officer.learner_id or not store.is_reviewed_by(uow.connection, id, officer.institution or ""):
        raise NotFoundError("There is no such learner, or the record is not yours to see.")
    commands.verify_identity(uow, id, officer.institution)
    return commands.own_or_all(uow.connection, id)


@blp.route("/learners/searches", methods=["POST"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.arguments(schemas.LearnerSearch)
@blp.command(schemas.FoundLearners)
def search_learners(uow: UnitOfWork, body: dict[str, Any]) -> Any:
    """Search the applicants of the reviewing institution by name, birth date or e-mail, never in a URL."""
    if not body.keys() & {"name", "date_of_birth", "email"}:
        raise InvalidError("Give a name, a date of birth or an e-mail address to search for.")
    scope, limit = scope_of(caller()), body["limit"]
    rows = store.search(
        uow.connection,
        scope,
        name=body.get("name"),
        born_on=body.get("date_of_birth"),
        email=body.get("email"),
        offering_id=body.get("offering"),
        after=body["after"],
        limit=limit + 1,
    )
    shown = [
        {
            **row._mapping,  # noqa: SLF001 - SQLAlchemy's public name
            "applications": list_applications(
                uow.connection, scope, {"learner": row.id}, after=None, limit=_MOST_APPLICATIONS
            ),
        }
        for row in rows[:limit]
    ]
    return {"items": shown, "next": shown[-1]["id"] if len(rows) > limit else None}
