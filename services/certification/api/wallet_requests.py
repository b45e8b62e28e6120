"""What wallets send and get, for the documentation: the specification says it, no schema of ours reads it."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from services.certification.api.oauth import FORM
from services.certification.domain.wallet import BATCH
from services.certification.formats.wallet_metadata import CONFIGURATION, GRANT
from shared.web import Blueprint

View = TypeVar("View", bound=Callable[..., Any])
Body = dict[str, Any]

_JSON: Final = "application/json"
_TEXT: Final = {"type": "string"}
_REFUSED: Final = {
    "type": "object",
    "properties": {"error": _TEXT, "error_description": _TEXT},
    "required": ["error"],
}
_ANSWERED: Final = {
    "200": {"description": "Granted", "content": {_JSON: {"schema": {"type": "object"}}}},
    "400": {"description": "Refused, by the name of the error", "content": {_JSON: {"schema": _REFUSED}}},
}


def _body(media_type: str, properties: dict[str, Any], required: list[str]) -> Body:
    schema = {"type": "object", "properties": properties, "required": required}
    return {"required": True, "content": {media_type: {"schema": schema}}}


TOKEN_REQUEST: Final = _body(
    FORM,
    {"grant_type": {"const": GRANT}, "pre-authorized_code": _TEXT, "tx_code": _TEXT, "client_id": _TEXT},
    ["grant_type", "pre-authorized_code"],
)
CREDENTIAL_REQUEST: Final = _body(
    _JSON,
    {
        "credential_configuration_id": {"const": CONFIGURATION},
        "proofs": {
            "type": "object",
            "properties": {"jwt": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": BATCH}},
            "required": ["jwt"],
        },
    },
    ["credential_configuration_id", "proofs"],
)
DEFERRED_REQUEST: Final = _body(_JSON, {"transaction_id": _TEXT}, ["transaction_id"])


def documented(blueprint: Blueprint, body: Body | None = None) -> Callable[[View], View]:
    """Describe a view in the OpenAPI document; what it reads and refuses is its own affair."""
    about: dict[str, Any] = {"responses": _ANSWERED, **({"requestBody": body} if body else {})}
    decorate: Callable[[View], View] = blueprint.doc(**about)
    return decorate
