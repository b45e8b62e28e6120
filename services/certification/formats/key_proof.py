"""A wallet's proof that it holds the key a copy is to be bound to: `openid4vci-proof+jwt` (OpenID4VCI 1.0, F.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.certification.domain.wallet import NONCE_LIFETIME, WalletRefusalError
from services.certification.formats.jws import (
    JwtFaultError,
    JwtKey,
    key_from_jwk,
    read_jwt,
    thumbprint,
    verify_jwt,
)

_TYPES: Final = frozenset({"openid4vci-proof+jwt"})
_LEEWAY_SECONDS: Final = 60
_COORDINATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MEMBERS: Final = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
_CURVES: Final = frozenset({"P-256", "Ed25519"})


@dataclass(frozen=True, slots=True)
class HolderKey:
    """A key of a wallet, which holds it: the public JWK with nothing beside the key, and its RFC 7638 thumbprint."""

    jwk: Mapping[str, str]
    thumbprint: str
    nonce: str


def proven_key(proof: object, *, audience: str, client_id: str | None, now: datetime) -> HolderKey:
    """The key that a proof was signed with, for `audience` and a short while ago. Its nonce is not judged here.

    Raises:
        WalletRefusalError: `invalid_proof`.
    """
    try:
        jwk, key, claims = _verified(proof)
        nonce = _claims(claims, audience, client_id, now)
    except JwtFaultError as error:
        raise WalletRefusalError("invalid_proof", f"A key proof does not count: {error}.") from error
    return HolderKey(jwk, thumbprint(key), nonce)


def _verified(proof: object) -> tuple[dict[str, str], JwtKey, dict[str, Any]]:
    """The key in the header, as it is written and opened, and the claims that it signed."""
    if not isinstance(proof, str):
        raise JwtFaultError("it is not a text")
    header, claims = read_jwt(proof, _TYPES)
    if header.get("typ") not in _TYPES:
        raise JwtFaultError("its type is not openid4vci-proof+jwt")
    jwk = _only_key(header)
    key = key_from_jwk(jwk)
    verify_jwt(proof, key, _TYPES)
    return jwk, key, claims


def _only_key(header: Mapping[str, Any]) -> dict[str, str]:
    """The key itself: what else a JWK says is the wallet's business, and may be personal data."""
    jwk = header.get("jwk")
    if not isinstance(jwk, dict) or "kid" in header or "x5c" in header:
        raise JwtFaultError("the key stands in the header as jwk, and nothing else names one")
    if "d" in jwk:
        raise JwtFaultError("it shows the private key, which is nobody's any more")
    members = _MEMBERS.get(str(jwk.get("kty")))
    if members is None or str(jwk.get("crv")) not in _CURVES:
        raise JwtFaultError("the key is neither P-256 nor Ed25519")
    for name in members[2:]:
        if not isinstance(jwk.get(name), str) or _COORDINATE.fullmatch(jwk[name]) is None:
            raise JwtFaultError("the key cannot be read")
    return {name: jwk[name] for name in members}


def _claims(claims: Mapping[str, Any], audience: str, client_id: str | None, now: datetime) -> str:
    if claims.get("aud") != audience:
        raise JwtFaultError("it is for another issuer (aud)")
    if "iss" in claims and claims["iss"] != client_id:
        raise JwtFaultError("it names another client than the one that got the token (iss)")
    moment, nonce = claims.get("iat"), claims.get("nonce")
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise JwtFaultError("it does not say when it was made (iat)")
    if not -_LEEWAY_SECONDS <= now.timestamp() - moment <= NONCE_LIFETIME.total_seconds():
        raise JwtFaultError("it was not made just now (iat)")
    if not isinstance(nonce, str):
        raise JwtFaultError("it has no nonce")
    return nonce
