"""Routes for anybody: verification of a presented credential, status lists, the issuers' keys."""

import json
from typing import Any, Final

from flask import Response, current_app
from sqlalchemy import Connection

from services.certification.api.responses import for_anybody
from services.certification.api.schemas import PresentedSchema, VerdictSchema
from services.certification.api.vc_api import FETCHER
from services.certification.formats.did import did_document, issuer_did, key_dates, public_key_of
from services.certification.formats.jws import jwk_of
from services.certification.formats.renderer import CREDENTIAL_TYPE
from services.certification.formats.sd_jwt_reading import is_sd_jwt
from services.certification.formats.statuslist import LIFETIME_SECONDS
from services.certification.handlers.foreign import examiner, verify_any
from services.certification.handlers.issuer_metadata import IssuerDocuments
from services.certification.handlers.presentation_checks import Expected
from services.certification.handlers.presentations import verify_presentation
from services.certification.handlers.sealed import is_sealed, verify_sealed
from services.certification.handlers.verification import Verdict
from services.certification.store import issuer_keys, status_lists
from shared.annex1.readers import UnreadableError
from shared.annex1.readers.baked import baked_in_url, is_picture_url
from shared.domain import InvalidError, NotFoundError, Pointer
from shared.web import Blueprint, policy
from shared.web.runtime import runtime
from shared.web.strict_json import MalformedJsonError, loads

blueprint: Final = Blueprint(
    "verification",
    __name__,
    url_prefix="/certification",
    description="What verifiers need, without signing in",
)
SEALS: Final = "certification.seals"
_MAX_BYTES: Final = 256 * 1024


@blueprint.route("/v1/verifications", methods=["POST"])
@policy.public
@blueprint.arguments(PresentedSchema, max_bytes=_MAX_BYTES)
@blueprint.query(VerdictSchema)
def verify(connection: Connection, body: dict[str, Any]) -> Verdict:
    """Verify a presented credential, an object, a JWT, a sealed one, an SD-JWT VC or a baked picture, of any issuer."""
    web, presented = runtime(), _out_of_picture(body["credential"])
    if isinstance(presented, str) and is_sd_jwt(presented):
        expected = Expected(body.get("nonce"), body.get("audience"))
        looking = examiner(connection, web.settings, web.now(), current_app.extensions[FETCHER])
        documents = IssuerDocuments(looking.resolver)
        return verify_presentation(
            connection, web.settings, web.now(), documents, presented, expected=expected
        )
    if unread := sorted({"nonce", "audience"} & body.keys()):
        told = "This is for SD-JWT VCs, whose holders sign what they present; leave it out."
        raise InvalidError(told, pointers=[Pointer(f"/{name}", told) for name in unread])
    if is_sealed(presented):
        seals = current_app.extensions[SEALS]
        return verify_sealed(connection, web.settings, web.now(), seals, presented)
    fetcher = current_app.extensions[FETCHER]
    return verify_any(connection, web.settings, web.now(), fetcher, presented)


def _out_of_picture(presented: Any) -> Any:
    """The credential itself, where a picture that carries one was sent."""
    if not isinstance(presented, str) or not is_picture_url(presented):
        return presented
    try:
        text = baked_in_url(presented)
        return loads(text.encode()) if text.startswith("{") else text
    except (UnreadableError, MalformedJsonError) as error:
        told = "No credential can be read from this picture."
        raise InvalidError(told, pointers=[Pointer("/credential", str(error))]) from error


@blueprint.route("/v1/status-lists/<id>")
@policy.public
@blueprint.query(media_types=(CREDENTIAL_TYPE,))
def read_status_list(connection: Connection, id: str) -> Response:  # noqa: A002 - the name in the path
    """Read a signed Bitstring Status List credential."""
    published = status_lists.published(connection, id)
    if published is None:
        raise NotFoundError("There is no such status list.")
    return for_anybody(published, CREDENTIAL_TYPE, LIFETIME_SECONDS)


@blueprint.route("/issuers/<institution>/did.json")
@policy.public
@blueprint.query(media_types=("application/did+json",))
def read_did(connection: Connection, institution: str) -> Response:
    """Read the DID document of an issuer: every key that signs or has signed."""
    keys = issuer_keys.those_in(connection, institution, issuer_keys.PUBLISHED)
    if not keys:
        raise NotFoundError("This institution has issued nothing here.")
    did = issuer_did(runtime().settings.public_host, institution)
    document = json.dumps(did_document(did, keys))
    return for_anybody(document, "application/did+json", LIFETIME_SECONDS)


@blueprint.route("/issuers/<institution>/jwks.json")
@policy.public
@blueprint.query(media_types=("application/jwk-set+json",))
def read_jwks(connection: Connection, institution: str) -> Response:
    """Read all keys of an issuer with their dates as a JWK set, compromised ones too; each by its method."""
    keys = issuer_keys.history(connection, institution)
    if not keys:
        raise NotFoundError("This institution has issued nothing here.")
    did = issuer_did(runtime().settings.public_host, institution)
    found = [{**jwk_of(public_key_of(key), f"{did}#{key.multikey}"), **key_dates(key)} for key in keys]
    return for_anybody(json.dumps({"keys": found}), "application/jwk-set+json", LIFETIME_SECONDS)
