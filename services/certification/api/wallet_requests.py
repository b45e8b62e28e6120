"""What wallets send and get: described for the documentation, and read by the words of the specification."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from services.certification.api.oauth import FORM
from services.certification.domain.wallet import BATCH, WalletRefusalError
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


def require_configuration(body: Body) -> None:
    """Return when a credential request asks for what is issued here, in the way it is issued here.

    Raises:
        WalletRefusalError: by the names of OpenID4VCI 1.0, 8.3.1.2.
    """
    if "credential_identifier" in body:
        raise WalletRefusalError("unknown_credential_identifier", "No credential identifiers were given out.")
    if "credential_response_encryption" in body:
        raise WalletRefusalError("invalid_encryption_parameters", "Responses are not encrypted here.")
    wanted = body.get("credential_configuration_id")
    if not isinstance(wanted, str):
        raise WalletRefusalError("invalid_credential_request", "credential_configuration_id is missing.")
    if wanted != CONFIGURATION:
        raise WalletRefusalError("unknown_credential_configuration", f"Only {CONFIGURATION} is issued here.")


def proofs_in(body: Body) -> list[Any]:
    """The key proofs of a credential request, not yet looked at.

    Raises:
        WalletRefusalError: there are none, or more than may be sent at once.
    """
    proofs = body.get("proofs")
    if not isinstance(proofs, dict) or list(proofs) != ["jwt"]:
        raise WalletRefusalError("invalid_proof", "proofs has one member, jwt.")
    given = proofs["jwt"]
    if not isinstance(given, list) or not given:
        raise WalletRefusalError("invalid_proof", "proofs.jwt is a list with one proof for each key.")
    # Counted before any is looked at: a thousand signatures would keep everybody waiting who writes.
    if len(given) > BATCH:
        raise WalletRefusalError("invalid_credential_request", f"At most {BATCH} keys at once.")
    return given
