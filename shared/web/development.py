"""An issuer of access tokens for development: for people by name of a role, for services by client credentials.

It proves nothing about anybody and therefore answers this machine only, or a private network where a development
profile opted in; production neither starts it nor accepts a token of it.
"""

import hmac
import ipaddress
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from flask import Flask, Response, request

from shared.keyfiles import persistent, service_secret
from shared.settings import Settings
from shared.web.callers import INSTITUTION, INSTITUTIONAL, Role

MARK: Final = "development"
PERSON_GRANT: Final = "urn:passerelle:grant:development-person"
LIFETIME: Final = timedelta(hours=8)
_SERVICE_LIFETIME: Final = timedelta(minutes=10)
_LOOPBACK_NAMES: Final = frozenset({"localhost"})


class DevelopmentIssuerRefusedError(Exception):
    """The development issuer does not start here."""


def is_own(settings: Settings) -> bool:
    """Whether the issuer of this installation is the development issuer at this process's own address."""
    parts = urlsplit(settings.oidc_issuer)
    return settings.environment == "development" and parts.scheme == "http" and parts.netloc == settings.bind


def check_allowed(settings: Settings, bind: str | None = None) -> None:
    """Return where the development issuer may listen at `bind` ("host:port", the setting by default).

    Raises:
        DevelopmentIssuerRefusedError: in production, or reachable from beyond loopback without the opt-in, or beyond
            private networks even with it.
    """
    if settings.environment != "development":
        raise DevelopmentIssuerRefusedError("the development issuer does not start in production")
    host = (bind or settings.bind).rpartition(":")[0].strip("[]") or "0.0.0.0"  # noqa: S104 - what an empty host means
    if host in _LOOPBACK_NAMES:
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise DevelopmentIssuerRefusedError(f"'{host}' is not an address; bind to 127.0.0.1") from error
    if address.is_loopback:
        return
    if not settings.development_issuer_on_private_network:
        raise DevelopmentIssuerRefusedError(
            f"the development issuer would listen on {host}, beyond this machine; bind to 127.0.0.1, or set "
            "DEVELOPMENT_ISSUER_ON_PRIVATE_NETWORK on a network that only you can reach"
        )
    if not (address.is_private or address.is_unspecified):
        raise DevelopmentIssuerRefusedError(f"{host} is a public address")


def mint_token(
    settings: Settings,
    roles: str | Iterable[str],
    *,
    institution: str | None = None,
    subject: str | None = None,
    lifetime: timedelta = LIFETIME,
    audience: str | None = None,
) -> str:
    """A signed access token of the development issuer, for the command line, the demo and tests.

    Without `subject` a random one is made, so that every call is another person.

    Raises:
        DevelopmentIssuerRefusedError: this installation is in production.
        ValueError: a role is unknown, or means nothing without an institution.
    """
    if settings.environment != "development":
        raise DevelopmentIssuerRefusedError("there are no development tokens in production")
    named = _checked([roles] if isinstance(roles, str) else list(roles), institution)
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": settings.oidc_issuer,
        "aud": audience or settings.oidc_audience,
        "sub": subject or f"person-{secrets.token_hex(8)}",
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_hex(8),
        "roles": named,
        MARK: True,
    }
    if institution is not None:
        claims["institution"] = institution
    key = _private_key(settings.home)
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"typ": "at+jwt", "kid": _kid(settings.home)})


def _checked(roles: list[str], institution: str | None) -> list[str]:
    known = sorted(role.value for role in Role)
    if not roles or not set(roles) <= set(known):
        raise ValueError(f"the roles are {', '.join(known)}")
    if institution is None and (bound := sorted(INSTITUTIONAL & set(roles))):
        raise ValueError(f"the role {bound[0]} means nothing without an institution")
    if institution is not None and not INSTITUTION.fullmatch(institution):
        raise ValueError("an institution is a SCHAC code such as helsinki.fi")
    return [Role(role).value for role in roles]


def public_key(settings: Settings) -> dict[str, Any]:
    """The development issuer's public key as a JWK."""
    return _public_jwk(settings.home)


def create_development_issuer(settings: Settings, *, bind: str | None = None) -> Flask:
    """The development issuer as an application, at the path of the setting `OIDC_ISSUER`.

    Raises:
        DevelopmentIssuerRefusedError: it may not run here.
    """
    check_allowed(settings, bind)
    app = Flask("development-issuer", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
    path = urlsplit(settings.oidc_issuer).path.rstrip("/")
    discovery = {
        "issuer": settings.oidc_issuer,
        "jwks_uri": f"{settings.oidc_issuer}/jwks.json",
        "token_endpoint": f"{settings.oidc_issuer}/token",
        "grant_types_supported": ["client_credentials", PERSON_GRANT],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    }
    # A page of another site that rebinds its name to this machine would send that name as Host.
    port = (bind or settings.bind).rpartition(":")[2]
    hosts = {urlsplit(settings.oidc_issuer).netloc, bind or settings.bind, f"localhost:{port}"}

    @app.before_request
    def _refuse_other_names() -> Response | None:
        return None if request.host in hosts else _json({"error": "invalid_request"}, 403)

    app.add_url_rule(f"{path}/.well-known/openid-configuration", "discovery", lambda: _json(discovery))
    app.add_url_rule(f"{path}/jwks.json", "jwks", lambda: _json({"keys": [public_key(settings)]}))
    app.add_url_rule(f"{path}/token", "token", lambda: _token(settings), methods=["POST"])
    return app


def _token(settings: Settings) -> Response:
    """RFC 6749 section 4.4 for services; a grant of our own that hands a person's token to whoever asks."""
    grant = request.form.get("grant_type", "")
    if grant == "client_credentials":
        given = request.authorization
        client = (given.username if given else request.form.get("client_id")) or ""
        secret = (given.password if given else request.form.get("client_secret")) or ""
        known = client == settings.service_client_id
        if not hmac.compare_digest(secret.encode(), service_secret(settings).encode()) or not known:
            return _json({"error": "invalid_client"}, 401)
        return _granted(
            mint_token(settings, "service", subject=client, lifetime=_SERVICE_LIFETIME), _SERVICE_LIFETIME
        )
    if grant == PERSON_GRANT:
        return _person(settings)
    return _json({"error": "unsupported_grant_type"}, 400)


def _person(settings: Settings) -> Response:
    form = request.form
    try:
        token = mint_token(
            settings, form.getlist("role"), institution=form.get("institution"), subject=form.get("subject")
        )
    except ValueError as error:
        return _json({"error": "invalid_request", "error_description": str(error)}, 400)
    return _granted(token, LIFETIME)


def _granted(token: str, lifetime: timedelta) -> Response:
    return _json({"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime.total_seconds())})


def _json(document: dict[str, Any], status: int = 200) -> Response:
    response = Response(json.dumps(document), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _private_key(home: Path) -> Ed25519PrivateKey:
    pem = persistent(home / "development-issuer.key", _new_key)
    key = load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise DevelopmentIssuerRefusedError("development-issuer.key is not an Ed25519 key; delete it")
    return key


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def _public_jwk(home: Path) -> dict[str, Any]:
    algorithm = jwt.get_algorithm_by_name("EdDSA")
    document: dict[str, Any] = json.loads(algorithm.to_jwk(_private_key(home).public_key()))
    thumbprint = jwt.utils.base64url_encode(document["x"].encode()).decode()[:16]
    return {**document, "kid": f"development-{thumbprint}", "use": "sig", "alg": "EdDSA"}


def _kid(home: Path) -> str:
    return str(_public_jwk(home)["kid"])
