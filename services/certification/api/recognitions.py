"""Routes of recognition: an institution's work list, a learner's requests, decisions, and the signed statements."""

from typing import Any, Final

import sqlalchemy as sa
from flask import Response, request

from services.certification.api import recognition_schemas as schemas
from services.certification.api.recognition_views import recognition_views
from services.certification.api.responses import for_the_caller
from services.certification.api.schemas import HistorySchema
from services.certification.api.views import scope_of
from services.certification.formats.renderer import CREDENTIAL_TYPE, OPEN_BADGES
from services.certification.handlers import recognitions as commands
from services.certification.handlers.recognition_requests import ask as file_request
from services.certification.store import queries, recognition_queries, recognitions, statements
from shared.domain import NotFoundError
from shared.messaging.history import history_of
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Page, Role, caller, policy
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "recognitions",
    __name__,
    url_prefix="/certification/v1",
    description="Certificates before institutions that may recognise them",
)
_MAX_BYTES: Final = 256 * 1024
_READERS: Final = (Role.REGISTRAR, Role.PARTNER, Role.LEARNER, Role.ADMINISTRATOR)
_CREDENTIALS: Final = (CREDENTIAL_TYPE, "application/vc", "application/ld+json")
_PRESENTED: Final = (CREDENTIAL_TYPE, "application/jose+json", "application/vc+jwt")
_JSON: Final = "application/json"
View = dict[str, Any]


@blueprint.route("/recognitions", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.arguments(schemas.NewRecognitionSchema, max_bytes=_MAX_BYTES)
@blueprint.command(schemas.RecognitionSchema, status=201)
def ask(uow: UnitOfWork, body: View) -> Any:
    """Ask an institution to recognise one's certificate, from here or from elsewhere, where nothing was agreed."""
    host = runtime().settings.public_host
    recognition_id = file_request(uow, caller().learner_id, host, body)
    return _view(uow.connection, recognition_id), {
        "Location": f"/certification/v1/recognitions/{recognition_id}"
    }


@blueprint.route("/recognitions")
@policy(*_READERS)
@blueprint.arguments(schemas.RecognitionFilterSchema, location="query")
@blueprint.page(schemas.RecognitionSchema, key=("due_at", "id"))
def list_recognitions(connection: sa.Connection, page: Page, filters: View) -> list[View]:
    """List recognitions, those to be decided soonest first: an institution's work list, a learner's own."""
    wanted = recognition_queries.Wanted(**filters)
    rows = recognition_queries.page(connection, scope_of(caller()), wanted, page.after, page.limit)
    return recognition_views(connection, caller(), rows)


@blueprint.route("/recognitions/<id>")
@policy(*_READERS)
@blueprint.query(schemas.RecognitionSchema, media_types=_CREDENTIALS)
def read_recognition(connection: sa.Connection, id: str) -> Any:  # noqa: A002 - the name in the path
    """Read a recognition as JSON, or by the Accept header as the signed statement of the institution."""
    row = _row(connection, id)
    if request.accept_mimetypes.best_match([_JSON, *_CREDENTIALS], default=_JSON) == _JSON:
        return recognition_views(connection, caller(), [row])[0], {"Vary": "Accept"}
    signed = statements.latest_of(connection, [row.id]).get(row.id)
    if signed is None:
        raise NotFoundError(f"The recognition is {row.state}; nothing has been stated yet.")
    return for_the_caller(signed.content, CREDENTIAL_TYPE, signed.sha256)


@blueprint.route("/recognitions/<id>/credential")
@policy(Role.REGISTRAR, Role.PARTNER, Role.LEARNER)
@blueprint.query(media_types=_PRESENTED)
def read_credential(connection: sa.Connection, id: str) -> Response:  # noqa: A002
    """Read the credential that is to be recognised, as it was issued or presented."""
    row = _row(connection, id)
    if row.certificate_id is not None:
        made = queries.rendering(connection, row.certificate_id, OPEN_BADGES)
        if made is not None:
            return for_the_caller(made.content, CREDENTIAL_TYPE, made.sha256)
    presented = recognitions.document_of(connection, row.id)
    if presented is None:
        raise NotFoundError("There is no such credential.")
    return for_the_caller(presented.content, presented.media_type, row.filed_digest.removeprefix("sha256:"))


@blueprint.route("/recognitions/<id>/history")
@policy(*_READERS)
@blueprint.query(HistorySchema)
def read_history(connection: sa.Connection, id: str) -> View:  # noqa: A002
    """Read what was done about this recognition, when, by whom and why."""
    row = _row(connection, id)
    return {"items": history_of(connection, "recognitions", row.id)}


@blueprint.route("/recognitions/<id>/decision", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.RulingSchema)
@blueprint.command(schemas.RecognitionSchema, status=201)
def decide(uow: UnitOfWork, body: View, id: str) -> Any:  # noqa: A002
    """Decide for the institution; the signed statement follows, and goes to the learner."""
    commands.decide(uow, scope_of(caller()), id, body, person=caller().learner_id)
    return _view(uow.connection, id)


@blueprint.route("/recognitions/<id>/upholding", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.arguments(schemas.UpholdingSchema)
@blueprint.command(schemas.RecognitionSchema, status=201)
def uphold(uow: UnitOfWork, body: View, id: str) -> Any:  # noqa: A002
    """Answer a proposed review by leaving the decision as it is; another decision answers it too."""
    commands.uphold(uow, scope_of(caller()), id, body["reason"], person=caller().learner_id)
    return _view(uow.connection, id)


@blueprint.route("/recognitions/<id>/examination", methods=["POST"])
@policy(Role.REGISTRAR)
@blueprint.command(schemas.RecognitionSchema, status=201)
def examine(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
    """Have a certificate from elsewhere verified again, such as when its issuer could not be reached."""
    commands.examine_again(uow, scope_of(caller()), id)
    return _view(uow.connection, id)


@blueprint.route("/recognitions/<id>/withdrawal", methods=["POST"])
@policy(Role.LEARNER)
@blueprint.command(schemas.RecognitionSchema, status=201)
def withdraw(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
    """Withdraw a request, or a proposal that one does not want to be decided on."""
    commands.withdraw(uow, scope_of(caller()), id)
    return _view(uow.connection, id)


def _row(connection: sa.Connection, recognition_id: str) -> sa.Row[Any]:
    row = recognition_queries.find(connection, scope_of(caller()), recognition_id)
    if row is None:
        raise NotFoundError("There is no such recognition, or it is not yours to see.")
    return row


def _view(connection: sa.Connection, recognition_id: str) -> View:
    return recognition_views(connection, caller(), [_row(connection, recognition_id)])[0]
