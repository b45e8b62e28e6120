"""Routes of awards: the facts behind certificates, and the preview of the eleven elements."""

from typing import Any, Final

from flask import current_app
from sqlalchemy import Connection

from services.certification.api.schemas import AwardFilterSchema, AwardSchema, PreviewSchema
from services.certification.api.views import award_view, award_views, scope_of
from services.certification.handlers.preview import Preview, preview
from services.certification.store import queries
from services.certification.store.awards import load_award
from shared.domain import NotFoundError
from shared.rest import RestClient
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "awards", __name__, url_prefix="/certification/v1", description="What certificates rest on"
)
REST: Final = "certification.rest"
_READERS: Final = (
    Role.SERVICE,
    Role.ADMINISTRATOR,
    Role.REGISTRAR,
    Role.COORDINATOR,
    Role.CONFIRMER,
    Role.PARTNER,
    Role.LEARNER,
)


@blueprint.route("/awards")
@policy(*_READERS)
@blueprint.arguments(AwardFilterSchema, location="query")
@blueprint.page(AwardSchema)
def list_awards(connection: Connection, page: Page, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """List the awards that concern the caller."""
    scope, wanted = scope_of(caller()), queries.Wanted(**filters)
    return award_views(connection, queries.award_page(connection, scope, wanted, page.after, page.limit))


@blueprint.route("/awards/<id>")
@policy(*_READERS)
@blueprint.query(AwardSchema)
def read_award(connection: Connection, id: str) -> dict[str, Any]:  # noqa: A002 - the name in the path
    """Read one award: its facts as they have arrived, and its certificates in order."""
    return award_view(connection, scope_of(caller()), id)


@blueprint.route("/awards/<id>/certificate-preview")
@policy(*_READERS)
@blueprint.query(PreviewSchema)
def read_preview(connection: Connection, id: str) -> Preview:  # noqa: A002
    """Read which of the mandatory elements are filled and which are open, and from whom the open ones come."""
    stored = load_award(connection, id) if queries.sees_award(connection, scope_of(caller()), id) else None
    if stored is None:
        raise NotFoundError("There is no such award, or it is not yours to see.")
    rest: RestClient = current_app.extensions[REST]
    return preview(connection, rest, stored.award)
