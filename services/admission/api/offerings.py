"""The public catalogue, and offerings for their coordinators."""

from typing import Any, Final

import sqlalchemy as sa
from marshmallow import fields, validate

from services.admission.api import application_schema, offering_schema
from services.admission.api.documents import Kind, add_routes, administered, owner_of, published_root
from services.admission.api.documents_schema import Administered, Seats
from services.admission.api.fields import code, identifier, institution, slug
from services.admission.handlers import offerings as commands
from services.admission.store import catalogue, seats
from services.admission.store.applications import waiting_list
from services.admission.store.documents import find_root, reviews
from services.admission.store.tables import offerings
from shared.annex1.vocabulary import QF_EHEA_CYCLES
from shared.domain import NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, Schema, caller, policy

blp: Final = Blueprint(
    "offerings", __name__, url_prefix="/admission/v1", description="The catalogue of offerings"
)


class AdministeredOffering(Administered):
    draft = fields.Nested(offering_schema.OfferingDraft, required=True, allow_none=True)


class CatalogueFilters(Schema):
    """All that are given have to hold; `text` looks through titles, descriptions, objectives and outcomes."""

    text = fields.String(validate=validate.Length(min=1, max=100))
    language = fields.String(validate=validate.Regexp(r"[a-z]{2,3}\Z"))
    mode = code("online", "blended", "on_site", required=False)
    origin = code("stand_alone", "degree_module", required=False)
    lifespan = code("one_off", "long_lived", required=False)
    timing = code("own_pace", "fixed_dates", "fixed_window", required=False)
    stackability = code("stand_alone", "integrated", required=False)
    track = code("assessed", "attendance", required=False)
    institution = institution(required=False)
    awarding_body = fields.String(validate=validate.Length(max=100))
    agreement = slug(required=False)
    target_group = identifier(required=False)
    funding = identifier(required=False)
    open = fields.Boolean()
    eqf = fields.Integer(validate=validate.Range(min=1, max=8))
    qf_ehea_cycle = code(*QF_EHEA_CYCLES, required=False)
    isced_2011 = fields.Integer(validate=validate.Range(min=0, max=8))
    isced_f = fields.String(validate=validate.Regexp(r"[0-9]{2,4}\Z"))
    min_ects = fields.Integer(validate=validate.Range(min=0, max=1000))
    max_ects = fields.Integer(validate=validate.Range(min=0, max=1000))


class CatalogueEntry(Schema):
    """What an offering's latest version says at a glance."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    digest = fields.String(required=True)
    agreement = fields.Dict(required=True)
    title = fields.Dict(required=True)
    description = fields.Dict(required=True)
    objectives = fields.Dict(required=True)
    document_type = fields.String(required=True)
    origin = fields.String(required=True)
    lifespan = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    mode = fields.String(required=True)
    duration = fields.String(required=True)
    timing = fields.Dict(required=True)
    workload = fields.Dict(required=True)
    level = fields.Dict(required=True)
    tracks = fields.List(fields.String(), required=True)
    awarding_bodies = fields.List(fields.String(), required=True)
    issuer = fields.String(required=True)
    partners = fields.List(fields.String(), required=True)
    target_groups = fields.List(fields.Dict(), required=True)
    prerequisites = fields.Dict(required=True)
    support = fields.Dict(required=True)
    stackability = fields.String(required=True, allow_none=True)
    admission = fields.Dict(required=True)


@blp.route("/offerings", methods=["GET"])
@policy.public
@blp.arguments(CatalogueFilters, location="query")
@blp.page(CatalogueEntry)
def list_offerings(connection: sa.Connection, page: Page, filters: dict[str, Any]) -> Any:
    """Search the catalogue of all partners' offerings."""
    return catalogue.find_offerings(connection, filters, after=page.after, limit=page.limit)


add_routes(
    blp,
    Kind(
        word="offering",
        table=offerings,
        draft=offering_schema.OfferingDraft,
        document=offering_schema.Offering,
        administered=AdministeredOffering,
        make=commands.draft_offering,
        change=commands.redraft_offering,
        publish=commands.publish_offering,
    ),
)


@blp.route("/offerings/<id>/cancellation", methods=["POST"])
@policy(Role.COORDINATOR)
@blp.arguments(application_schema.Reason)
@blp.command(AdministeredOffering, status=201)
def cancel_offering(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
    """Take no more applications and make no more offers."""
    commands.cancel_offering(uow, owner_of(caller()), id, body["reason"])
    return administered(uow.connection, offerings, id)


@blp.route("/offerings/<id>/seats", methods=["GET"])
@policy.public
@blp.query(Seats)
def read_seats(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read how many seats there are, are free, and how many people wait."""
    published_root(connection, offerings, id)
    return seats.of_offering(connection, id)


@blp.route("/offerings/<id>/waiting-list", methods=["GET"])
@policy(Role.ADMISSIONS_OFFICER)
@blp.query(application_schema.WaitingList)
def read_waiting_list(connection: sa.Connection, id: str) -> Any:  # noqa: A002
    """Read the queue in the order of promotion, at the reviewing institution."""
    root = find_root(connection, offerings, id, owner=None)
    if root.published_version is None or not reviews(connection, caller().institution, root):
        raise NotFoundError("There is no such offering, or it is not yours to see.")
    rows = waiting_list(connection, caller().institution or "", id)
    places = [
        {"place": place, "application_id": row.id, "rank": row.rank, "waitlisted_at": row.waitlisted_at}
        for place, row in enumerate(rows, start=1)
    ]
    return {"offering_id": id, "places": places}
