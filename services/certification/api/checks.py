"""Routes of the gate: check anybody's credential for the eleven elements, and the same rules as schemas."""

from typing import Any, Final

from flask import Response
from marshmallow import ValidationError, fields, validate
from sqlalchemy import Connection

from services.certification.api.responses import for_anybody
from shared.annex1.readers import UnreadableError
from shared.annex1.report import check_credential
from shared.annex1.schemas import PUBLISHED, published
from shared.domain import InvalidError, NotFoundError, Pointer
from shared.web import Blueprint, Role, Schema, policy

blueprint: Final = Blueprint(
    "checks",
    __name__,
    url_prefix="/certification/v1",
    description="The eleven elements of a micro-credential, looked for in any credential",
)
_MOST_BODIES: Final = 100
_LONGEST_NAME: Final = 300
_DAY_SECONDS: Final = 86_400
_MAX_BYTES: Final = 256 * 1024


def _object_or_text(value: object) -> None:
    if not isinstance(value, dict | str):
        raise ValidationError("Send the credential as a JSON object, or its compact form as a string.")


class CheckedSchema(Schema):
    credential = fields.Raw(
        required=True,
        validate=_object_or_text,
        metadata={
            "oneOf": [{"type": "object"}, {"type": "string"}],
            "description": "Open Badges 3.0, a European Digital Credential, an SD-JWT VC learning credential "
            "(disclosed claims, or compact with disclosures), a VC-JWT, or a snapshot; sealed or not; or a PNG or SVG "
            "that carries one, as an address that begins with data:image/",
        },
    )
    awarding_bodies = fields.List(
        fields.String(validate=validate.Length(1, _LONGEST_NAME)),
        load_default=list,
        validate=validate.Length(max=_MOST_BODIES),
        metadata={"description": "Names or ids of an agreement's list, to compare element 4 with"},
    )


class ElementStateSchema(Schema):
    element = fields.Integer()
    name = fields.String()
    state = fields.String(
        validate=validate.OneOf(("present", "not_applicable", "not_required", "missing", "malformed"))
    )


class FindingSchema(Schema):
    element = fields.Integer()
    name = fields.String()
    problem = fields.String(validate=validate.OneOf(("missing", "malformed")))
    reason = fields.String()
    pointer = fields.String(metadata={"description": "JSON pointer into the credential, out of its envelope"})


class ReportSchema(Schema):
    format = fields.String()
    document_type = fields.String()
    complete = fields.Boolean()
    elements = fields.List(fields.Nested(ElementStateSchema))
    missing = fields.List(fields.Nested(FindingSchema))
    optional = fields.List(fields.String(), metadata={"description": "The optional elements that it has"})


@blueprint.route("/checks", methods=["POST"])
@policy(*Role)
@blueprint.arguments(CheckedSchema, max_bytes=_MAX_BYTES)
@blueprint.query(ReportSchema)
def check(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing is stored
    """Name what a credential lacks of the elements; it is neither kept nor verified, and nothing of it is shown."""
    try:
        return check_credential(body["credential"], body["awarding_bodies"]).to_json()
    except UnreadableError as error:
        raise InvalidError(
            "No credential of a known format can be read from this.",
            pointers=[Pointer("/credential", str(error))],
        ) from error


@blueprint.route("/schemas/annex1/<name>")
@policy.public
@blueprint.query(media_types=tuple(sorted(set(PUBLISHED.values()))))
def read_schema(connection: Connection, name: str) -> Response:  # noqa: ARG001 - a file of this version
    """Read the rules of the gate as JSON Schema (for Open Badges, SD-JWT VC, snapshots) or SHACL (for ELM)."""
    if name not in PUBLISHED:
        raise NotFoundError(f"There is no such schema; there are {', '.join(PUBLISHED)}.")
    return for_anybody(published(name), PUBLISHED[name], _DAY_SECONDS)
