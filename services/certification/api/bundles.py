"""The route of the offline bundle."""

from typing import Any, Final

from marshmallow import fields
from sqlalchemy import Connection

from services.certification.api.views import certificate_row, scope_of
from services.certification.handlers.bundles import bundle
from shared.domain import ConflictError
from shared.web import Blueprint, Role, Schema, caller, policy
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "bundles", __name__, url_prefix="/certification/v1", description="Verification without network"
)


class BundleSchema(Schema):
    type = fields.String()
    credential = fields.String(metadata={"description": "The signed credential, as it was issued, as text"})
    issuer = fields.Dict(metadata={"description": "The issuer's keys with their dates"})
    status_list = fields.String(metadata={"description": "The signed status list, as text"})
    log = fields.Dict(metadata={"description": "A checkpoint of the log, and entries with their proofs"})


@blueprint.route("/certificates/<id>/bundle")
@policy(Role.SERVICE, Role.ADMINISTRATOR, Role.REGISTRAR, Role.LEARNER)
@blueprint.query(BundleSchema)
def read_bundle(connection: Connection, id: str) -> dict[str, Any]:  # noqa: A002 - the name in the path
    """Read one file that `passerelle verify` verifies without network, also when all keys have changed."""
    row = certificate_row(connection, scope_of(caller()), id)
    if row.acceptance == "rejected":
        raise ConflictError("The holder has rejected this certificate; it is not delivered any more.")
    return bundle(connection, runtime().settings, row)
