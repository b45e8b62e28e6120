"""Turn a bearer token into a caller, or refuse it: RFC 6750, RFC 7519, RFC 8725, RFC 9068."""

import hashlib
import json
import re
import time
from typing import Any, Final

import jwt
from jwt.utils import base64url_decode

from shared.domain import DomainError
from shared.settings import Settings
from shared.web import development
from shared.web.callers import INSTITUTION, INSTITUTIONAL, Caller, Role
from shared.web.keys import ALGORITHMS, DiscoveredKeys, FixedKeys, KeySource

LEEWAY_SECONDS: Final = 5
_MAX_TOKEN: Final = 8 * 1024
_KNOWN_SECONDS: Final = 60
_MOST_KNOWN: Final = 10_000
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
_KEYS_IN_HEADER: Final = ("jku", "jwk", "x5u", "x5c")
_REQUIRED: Final = ["iss", "aud", "sub", "exp"]
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,200}")
_ROLES: Final = {role.value: role for role in Role}


class UnauthenticatedError(DomainError):
    """No token, or one that does not count. The reason given is about the token's form, never about a person."""

    slug, title, status = "unauthenticated", "Not signed in", 401


class MissingTokenError(UnauthenticatedError):
    """No token at all: the challenge names no error then (RFC 6750, 3.1)."""

    headers: Final = {"WWW-Authenticate": 'Bearer realm="passerelle"'}


class _Known:
    """Who the tokens of the last minute belong to, by digest: checking a signature costs more than looking up.

    A key that its issuer withdraws counts for that minute still, as it does while the issuer's keys are cached.
    """

    def __init__(self) -> None:
        self._callers: dict[bytes, tuple[Caller, float]] = {}

    def find(self, digest: bytes) -> Caller | None:
        known = self._callers.get(digest)
        return known[0] if known is not None and time.time() < known[1] else None

    def note(self, digest: bytes, caller: Caller, expires: float) -> None:
        if len(self._callers) >= _MOST_KNOWN:
            self._callers = {}
        self._callers[digest] = caller, min(expires, time.time() + _KNOWN_SECONDS)


class Verifier:
    """Checks access tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: KeySource, *, production: bool = True) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._production = production
        self._known = _Known()

    def caller(self, authorization: str) -> Caller:
        """The caller whose `Authorization` header this is.

        Raises:
            UnauthenticatedError: missing, malformed, forged, expired or not meant for us.
            UnavailableError: the issuer's keys cannot be had.
        """
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            raise MissingTokenError("This needs an access token: Authorization: Bearer ...")
        if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN:
            raise UnauthenticatedError("The Authorization header is not 'Bearer' and an access token.")
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        if known := self._known.find(digest):
            return known
        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError as error:
            raise UnauthenticatedError("The access token has expired; sign in again.") from error
        except (jwt.PyJWTError, UnicodeError) as error:
            raise UnauthenticatedError("The access token is not valid.") from error
        caller = self._read(claims)
        self._known.note(digest, caller, float(claims["exp"]))
        return caller

    def _claims(self, token: str) -> dict[str, Any]:
        header = _header(token)
        if any(name in header for name in _KEYS_IN_HEADER):
            raise jwt.InvalidTokenError("a token does not choose the key it is checked with")
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise jwt.InvalidTokenError("not an access token")
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or algorithm not in ALGORITHMS:
            raise jwt.InvalidTokenError("no key or no allowed algorithm")
        key = self._keys.find(kid)
        # PyJWK binds the algorithm to the key: a public key is never taken for an HMAC secret.
        if key is None or key.algorithm_name != algorithm:
            raise jwt.InvalidTokenError("no such key of this algorithm")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
        return claims

    def _read(self, claims: dict[str, Any]) -> Caller:
        if self._production and development.MARK in claims:
            raise UnauthenticatedError("A development token does not count here.")
        if str(claims.get("typ", "bearer")).lower() not in {"bearer", *_TYPES}:
            raise UnauthenticatedError("The token is not an access token.")
        subject, roles, institution = claims["sub"], claims.get("roles", []), claims.get("institution")
        if not _SUBJECT.fullmatch(subject):
            raise UnauthenticatedError("The token's subject is not plain text of at most 200 characters.")
        if not isinstance(roles, list):
            raise UnauthenticatedError("The token's roles are not a list.")
        if institution is not None and not (
            isinstance(institution, str) and INSTITUTION.fullmatch(institution)
        ):
            raise UnauthenticatedError("The token's institution is not a SCHAC code such as helsinki.fi.")
        held = frozenset(_ROLES[name] for name in roles if isinstance(name, str) and name in _ROLES)
        return Caller(self._issuer, subject, held if institution else held - INSTITUTIONAL, institution)


def _header(token: str) -> dict[str, Any]:
    """The unverified header, only to choose the key and to refuse early; `jwt.decode` reads it again, strictly."""
    try:
        header = json.loads(base64url_decode(token.partition(".")[0]))
    except (ValueError, RecursionError) as error:
        raise jwt.InvalidTokenError("no header") from error
    if not isinstance(header, dict):
        raise jwt.InvalidTokenError("the header is not an object")
    return header


def verifier_for(settings: Settings) -> Verifier:
    """The verifier of this installation: of its OpenID provider or, in development, of the issuer in this process."""
    production = settings.environment == "production"
    keys: KeySource = (
        FixedKeys(lambda: [development.public_key(settings)])
        if not production and development.is_own(settings)
        else DiscoveredKeys(settings.oidc_issuer)
    )
    return Verifier(settings.oidc_issuer, settings.oidc_audience, keys, production=production)
