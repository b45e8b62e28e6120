"""Routes of certificates: the work list, one certificate in the format that is asked for, its history."""

import hashlib
from typing import Any, Final

from flask import Response, request
from sqlalchemy import Connection

from services.certification.api.responses import for_the_caller
from services.certification.api.schemas import CertificateFilterSchema, CertificateSchema, HistorySchema
from services.certification.api.views import certificate_row, certificate_views, history_view, scope_of
from services.certification.domain.snapshot import Snapshot
from services.certification.formats.badge_image import PNG_TYPE, SVG_TYPE, baked_png, baked_svg
from services.certification.formats.elm import PROFILE
from services.certification.formats.elm_sealed import readable
from services.certification.formats.jades import MEDIA_TYPE as SEALED_TYPE
from services.certification.formats.renderer import (
    CREDENTIAL_TYPE,
    EUROPEAN,
    OPEN_BADGES,
    OPEN_BADGES_JWT,
    PDF,
)
from services.certification.formats.typesetting import UndrawableError
from services.certification.formats.vc_jwt import MEDIA_TYPE as JWT_TYPE
from services.certification.store import queries
from shared.domain import ConflictError, NotFoundError
from shared.web import Blueprint, Page, Role, caller, policy

blueprint: Final = Blueprint(
    "certificates", __name__, url_prefix="/certification/v1", description="Certificates in every format"
)
_READERS: Final = (
    Role.SERVICE,
    Role.ADMINISTRATOR,
    Role.REGISTRAR,
    Role.COORDINATOR,
    Role.CONFIRMER,
    Role.PARTNER,
    Role.LEARNER,
)
_PDF_TYPE: Final = "application/pdf"
_READABLE: Final = (f'application/ld+json; profile="{PROFILE}"', "application/vc+ld+json; profile=elm")
_FORMATS: Final = {
    CREDENTIAL_TYPE: OPEN_BADGES,
    "application/vc": OPEN_BADGES,
    "application/ld+json": OPEN_BADGES,
    JWT_TYPE: OPEN_BADGES_JWT,
    "application/jwt": OPEN_BADGES_JWT,
    SEALED_TYPE: EUROPEAN,
    **dict.fromkeys(_READABLE, EUROPEAN),
    _PDF_TYPE: PDF,
}
_PICTURES: Final = {PNG_TYPE: baked_png, SVG_TYPE: baked_svg}
_OFFERED: Final = (*_FORMATS, *_PICTURES)
Answer = tuple[dict[str, Any], dict[str, str]] | Response
_HTML: Final = "text/html"
_JSON: Final = "application/json"


@blueprint.route("/certificates")
@policy(*_READERS)
@blueprint.arguments(CertificateFilterSchema, location="query")
@blueprint.page(CertificateSchema, key=("changed_at", "id"))
def list_certificates(connection: Connection, page: Page, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """List certificates, those longest in their state first; incomplete ones say what is missing and from whom."""
    scope, wanted = scope_of(caller()), queries.Wanted(**filters)
    rows = queries.certificate_page(connection, scope, wanted, page.after, page.limit)
    return certificate_views(connection, scope, rows)


@blueprint.route("/certificates/<id>")
@policy(*_READERS)
@blueprint.query(CertificateSchema, media_types=(*_OFFERED, _HTML))
def read_certificate(connection: Connection, id: str) -> Answer:  # noqa: A002 - the name in the path
    """Read a certificate by the Accept header: JSON, signed, PDF, or a picture with its badge; HTML leads on."""
    scope = scope_of(caller())
    row = certificate_row(connection, scope, id)
    wanted = request.accept_mimetypes.best_match([_JSON, *_OFFERED, _HTML], default=_JSON)
    if wanted == _JSON:
        return certificate_views(connection, scope, [row])[0], {"Vary": "Accept"}
    if row.issued_at is None:
        raise NotFoundError(f"The certificate is {row.state}; it has no signed form yet.")
    if wanted == _HTML:
        return Response(status=303, headers={"Location": f"/verify/{row.public_id}"})
    if row.acceptance == "rejected":
        raise ConflictError("The holder has rejected this certificate; it is not delivered any more.")
    return _picture(connection, row, wanted) if wanted in _PICTURES else _rendering(connection, id, wanted)


def _picture(connection: Connection, row: Any, media_type: str) -> Response:
    """Drawn on request: nothing in it is signed but the credential that it carries."""
    made = queries.rendering(connection, row.id, OPEN_BADGES)
    if made is None:
        raise NotFoundError("This certificate has no Open Badges credential.")
    try:
        picture = _PICTURES[media_type](Snapshot.from_json(row.snapshot), made.content.decode())
    except UndrawableError as error:
        raise NotFoundError(f"There is no picture of this certificate: {error}.") from error
    return for_the_caller(picture, media_type, hashlib.sha256(picture).hexdigest())


def _rendering(connection: Connection, certificate_id: str, media_type: str) -> Response:
    made = queries.rendering(connection, certificate_id, _FORMATS[media_type])
    if made is None:
        raise NotFoundError("The agreement does not provide for this format.")
    unsealed = media_type in _READABLE
    tag = f"{made.sha256}-unsealed" if unsealed else made.sha256
    inline = f'inline; filename="certificate-{certificate_id}.pdf"' if media_type == _PDF_TYPE else None
    return for_the_caller(readable(made.content) if unsealed else made.content, media_type, tag, inline)


@blueprint.route("/certificates/<id>/history")
@policy(*_READERS)
@blueprint.query(HistorySchema)
def read_history(connection: Connection, id: str) -> dict[str, Any]:  # noqa: A002
    """Read what was done with this certificate, when, by whom and why."""
    return history_view(connection, scope_of(caller()), id)
