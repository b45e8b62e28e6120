"""What OAuth 2.0 says of requests and refusals: forms, bearer tokens, `error` and `error_description`."""

import re
from typing import Any, Final

from flask import Request, Response
from werkzeug.datastructures import MultiDict

from services.certification.domain.wallet import WalletRefusalError
from shared.web.execution import encode
from shared.web.parsing import json_body
from shared.web.problems import ProblemError

FORM: Final = "application/x-www-form-urlencoded"
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,200}=*")
_OUTSIDE: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_UNAUTHORISED: Final = 401


def form_of(request: Request) -> MultiDict[str, str]:
    """The form in the body.

    Raises:
        WalletRefusalError: `invalid_request`: the body is none.
    """
    if request.mimetype != FORM:
        raise WalletRefusalError("invalid_request", f"The body has to be {FORM}.")
    return request.form


def single(form: MultiDict[str, str], name: str) -> str | None:
    """The value of a parameter; None where it is not there, or empty (RFC 6749, 3.2).

    Raises:
        WalletRefusalError: `invalid_request`: it is there twice.
    """
    values = form.getlist(name)
    if len(values) > 1:
        raise WalletRefusalError("invalid_request", f"{name} is there more than once.")
    return values[0] or None if values else None


def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        WalletRefusalError: `invalid_credential_request`: it is none.
    """
    try:
        body = json_body(request)
    except ProblemError as error:
        raise WalletRefusalError("invalid_credential_request", error.detail) from error
    if not isinstance(body, dict):
        raise WalletRefusalError("invalid_credential_request", "The body is a JSON object.")
    return body


def bearer_token(request: Request) -> str:
    """The access token of the request.

    Raises:
        WalletRefusalError: there is none in a form that could be one.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        raise WalletRefusalError("", "An access token of the token endpoint is needed.", _UNAUTHORISED)
    if scheme.lower() != "bearer" or _TOKEN.fullmatch(token) is None:
        raise WalletRefusalError(
            "invalid_token", "This is no access token of the token endpoint.", _UNAUTHORISED
        )
    return token


def refused(error: WalletRefusalError) -> Response:
    """The refusal as RFC 6749 (5.2), RFC 6750 (3) and OpenID4VCI 1.0 write it."""
    told = _OUTSIDE.sub("'", error.description)
    document = {"error": error.error or "invalid_token", "error_description": told}
    response = Response(encode(document), error.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if error.status == _UNAUTHORISED:
        # Without any token the challenge names no error (RFC 6750, 3.1).
        named = f', error="{error.error}", error_description="{told}"' if error.error else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="wallets"{named}'
    return response
