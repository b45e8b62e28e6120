"""Metadata under `/.well-known`, where wallets and verifiers look for it by an issuer's identifier."""

import json
from typing import Any, Final

from flask import Response
from sqlalchemy import Connection

from services.certification.api.responses import for_anybody
from services.certification.domain.issuer_key import IssuerKey
from services.certification.formats.did import issuer_did
from services.certification.formats.did_key import key_from_multikey
from services.certification.formats.jws import jwk_of
from services.certification.formats.wallet_metadata import (
    WELL_KNOWN,
    issuer_address,
    issuer_metadata,
    key_metadata,
    server_metadata,
)
from services.certification.handlers.wallet_offers import names_of
from services.certification.store import issuer_keys
from services.certification.store.issuer_keys import ES256, VERIFYING
from shared.domain import NotFoundError
from shared.web import Blueprint, policy
from shared.web.runtime import runtime

blueprint: Final = Blueprint(
    "well_known", __name__, url_prefix=WELL_KNOWN, description="What wallets read before they ask"
)
_PATH: Final = "certification/issuers/<institution>"
_JSON: Final = ("application/json",)
_LIFETIME_SECONDS: Final = 60


@blueprint.route(f"/openid-credential-issuer/{_PATH}")
@policy.public
@blueprint.query(media_types=_JSON)
def read_issuer(connection: Connection, institution: str) -> Response:
    """Read what an awarding body issues to wallets (OpenID4VCI 1.0, 12.2)."""
    _keys(connection, institution)
    return _cached(issuer_metadata(_address(institution), names_of(connection, institution)))


@blueprint.route(f"/oauth-authorization-server/{_PATH}")
@policy.public
@blueprint.query(media_types=_JSON)
def read_server(connection: Connection, institution: str) -> Response:
    """Read where a wallet gets its access token (RFC 8414)."""
    _keys(connection, institution)
    return _cached(server_metadata(_address(institution)))


@blueprint.route(f"/jwt-vc-issuer/{_PATH}")
@policy.public
@blueprint.query(media_types=_JSON)
def read_keys(connection: Connection, institution: str) -> Response:
    """Read the keys that verify an awarding body's SD-JWT VCs; none that others may have."""
    did = issuer_did(runtime().settings.public_host, institution)
    keys = [
        jwk_of(key_from_multikey(key.multikey), f"{did}#{key.multikey}")
        for key in _keys(connection, institution)
        if key.algorithm == ES256 and key.state in VERIFYING
    ]
    return _cached(key_metadata(_address(institution), keys))


def _keys(connection: Connection, institution: str) -> list[IssuerKey]:
    found = issuer_keys.history(connection, institution)
    if not found:
        raise NotFoundError("This institution has issued nothing here.")
    return found


def _address(institution: str) -> str:
    return issuer_address(runtime().settings.public_url, institution)


def _cached(document: dict[str, Any]) -> Response:
    return for_anybody(json.dumps(document, ensure_ascii=False), "application/json", _LIFETIME_SECONDS)
