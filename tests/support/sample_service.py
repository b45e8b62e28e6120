"""A tiny service with one aggregate, to test the web edge with: things that belong to an institution."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response
from marshmallow import fields, validate

from shared.db import Database
from shared.domain import Change, IllegalTransitionError, InvalidError, NotFoundError, Pointer
from shared.ids import new_id
from shared.messaging.tables import NAMING, aggregate_columns
from shared.messaging.tables import metadata as messaging
from shared.messaging.unit_of_work import UnitOfWork
from shared.settings import Settings
from shared.web import Blueprint, Page, Role, Schema, caller, create_web_app, optional_caller, policy

metadata = sa.MetaData(naming_convention=NAMING)
things = sa.Table(
    "things",
    metadata,
    *aggregate_columns(),
    sa.Column("institution", sa.String(100), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("seats", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("code", sa.String(40), unique=True),
)


class NewThing(Schema):
    title = fields.String(required=True, validate=validate.Length(min=1, max=200))
    seats = fields.Integer(required=True)
    code = fields.String(allow_none=True, load_default=None, validate=validate.Regexp(r"[a-z]{1,20}\Z"))
    opens_on = fields.Date(load_default=None)
    open = fields.Boolean(load_default=True)
    share = fields.Float(load_default=0.0)
    tags = fields.List(fields.String(), load_default=list)


class ThingPatch(Schema):
    title = fields.String(validate=validate.Length(min=1, max=200))
    seats = fields.Integer()


class Thing(Schema):
    id = fields.String(required=True)
    version = fields.Integer(required=True)
    institution = fields.String(required=True)
    title = fields.String(required=True)
    seats = fields.Integer(required=True)
    state = fields.String(required=True)


class Filters(Schema):
    state = fields.String(validate=validate.OneOf(["new", "done"]))
    least = fields.Integer()


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    version: int
    institution: str
    title: str
    seats: int
    state: str


def _of(row: sa.Row[Any]) -> Row:
    return Row(row.id, row.version, row.institution, row.title, row.seats, row.state)


def load(connection: sa.Connection, institution: str | None, thing_id: str) -> Row:
    statement = things.select().where(things.c.id == thing_id)
    if institution is not None:
        statement = statement.where(things.c.institution == institution)
    row = connection.execute(statement).first()
    if row is None:
        raise NotFoundError("There is no such thing, or it is not yours to see.")
    return _of(row)


def blueprint() -> Blueprint:  # noqa: C901 - a handful of routes
    blp = Blueprint("things", __name__, url_prefix="/sample/v1", description="Things")

    @blp.route("/things", methods=["POST"])
    @policy(Role.COORDINATOR)
    @blp.arguments(NewThing)
    @blp.command(Thing, status=201)
    def create(uow: UnitOfWork, body: dict[str, Any]) -> Any:
        """Make a thing."""
        if body["seats"] == 13:
            raise InvalidError("Not thirteen.", pointers=[Pointer("/seats", "Take another number.")])
        thing_id = new_id()
        values = {"institution": caller().institution, "state": "new"}
        values |= {"title": body["title"], "seats": body["seats"], "code": body["code"]}
        uow.save(things, thing_id, values=values)
        return load(uow.connection, None, thing_id), {"Location": f"/sample/v1/things/{thing_id}"}

    @blp.route("/things", methods=["GET"])
    @policy(Role.COORDINATOR, Role.ADMINISTRATOR)
    @blp.arguments(Filters, location="query")
    @blp.page(Thing)
    def things_page(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> Any:
        """List the institution's things."""
        statement = things.select().order_by(things.c.id).limit(page.limit)
        if not caller().sees_all:
            statement = statement.where(things.c.institution == caller().institution)
        if page.after is not None:
            statement = statement.where(things.c.id > page.after)
        if "state" in filters:
            statement = statement.where(things.c.state == filters["state"])
        if "least" in filters:
            statement = statement.where(things.c.seats >= filters["least"])
        return [_of(row) for row in connection.execute(statement)]

    @blp.route("/things/<id>", methods=["GET"])
    @policy(Role.COORDINATOR, Role.SERVICE)
    @blp.query(Thing)
    def read(connection: sa.Connection, id: str) -> Any:  # noqa: A002
        """Read a thing."""
        return load(connection, None if caller().sees_all else caller().institution, id)

    @blp.route("/things/<id>", methods=["PATCH"])
    @policy(Role.COORDINATOR)
    @blp.arguments(ThingPatch)
    @blp.command(Thing)
    def change(uow: UnitOfWork, patch: dict[str, Any], id: str) -> Any:  # noqa: A002
        """Change a thing."""
        thing = load(uow.connection, caller().institution, id)
        uow.save(things, id, version=thing.version, values=patch)
        return load(uow.connection, None, id)

    @blp.route("/things/<id>/completion", methods=["POST"])
    @policy(Role.COORDINATOR)
    @blp.command(Thing)
    def complete(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
        """Complete a thing."""
        thing = load(uow.connection, caller().institution, id)
        if thing.state != "new":
            raise IllegalTransitionError("It is done already.")
        change = Change("thing", id, "complete", thing.state, "done")
        uow.save(things, id, version=thing.version, values={"state": "done"}, changes=[change])
        return load(uow.connection, None, id)

    @blp.route("/greeting", methods=["GET"])
    @policy.public
    @blp.query()
    def greeting(connection: sa.Connection) -> Any:
        """Greet whoever asks."""
        known = optional_caller()
        return Response(f"hello {known.subject if known else 'stranger'}", content_type="text/plain")

    return blp


def make_database(url: str) -> Database:
    database = Database(url, pool_size=40)
    with database.write() as connection:
        messaging.create_all(connection)
        metadata.create_all(connection)
    return database


def create_sample(settings: Settings, database: Database, **options: Any) -> Flask:
    return create_web_app(settings, "sample", [blueprint()], database=database, **options)
