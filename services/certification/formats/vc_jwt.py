"""Credentials as signed JWTs: Open Badges 3.0 (section 8.2.4) as issued here, and those of others.

The payload is the credential itself beside the registered claims, which have to say the same as its members. Times are
checked by whoever asks.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.certification.formats.jws import JwtFaultError, compact
from services.certification.formats.vc_model import period_of

MEDIA_TYPE: Final = "application/vc+jwt"
_CLAIMS: Final = frozenset({"iss", "sub", "nbf", "jti", "exp", "iat"})


def claims_of(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The registered claims that say the same as the members of `credential`."""
    issuer, subject = credential["issuer"], credential["credentialSubject"]
    begins, ends = period_of(credential)
    claims: dict[str, Any] = {"iss": issuer["id"] if isinstance(issuer, dict) else issuer}
    if isinstance(subject, dict) and "id" in subject:
        claims["sub"] = subject["id"]
    if begins is not None:
        claims["nbf"] = int(begins.timestamp())
    if ends is not None:
        claims["exp"] = int(ends.timestamp())
    if "id" in credential:
        claims["jti"] = credential["id"]
    return claims


def sign_jwt(
    credential: Mapping[str, Any], *, kid: str, sign: Callable[[bytes], bytes], algorithm: str = "ES256"
) -> str:
    """`credential` as a JWT; `sign` gives the signature in the form of JOSE. The same input gives the same token."""
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    return compact(header, {**credential, **claims_of(credential)}, sign)


def credential_in(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The credential that a payload carries, once the registered claims say the same as its members.

    Open Badges 3.0 and version 2.0 have its members in the payload itself; version 1.1 has them under `vc`.

    Raises:
        JwtFaultError: a claim contradicts the credential, or one that has to be there is missing.
    """
    inner = payload.get("vc")
    if inner is not None and not isinstance(inner, dict):
        raise JwtFaultError("its credential is not an object")
    credential = dict(inner) if inner is not None else {n: v for n, v in payload.items() if n not in _CLAIMS}
    issuer, subject = credential.get("issuer"), credential.get("credentialSubject")
    expected = {
        "iss": issuer.get("id") if isinstance(issuer, dict) else issuer,
        "sub": subject.get("id") if isinstance(subject, dict) else None,
        "jti": credential.get("id"),
    }
    for claim, value in expected.items():
        if claim in payload and payload[claim] != value:
            raise JwtFaultError(f"the claim {claim} differs from the credential")
    _require_times(payload, credential)
    return credential


def _require_times(payload: Mapping[str, Any], credential: Mapping[str, Any]) -> None:
    begins, ends = period_of(credential)
    for claim, moment in (("nbf", begins), ("exp", ends)):
        value = payload.get(claim)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise JwtFaultError(f"the claim {claim} is not a moment")
        if moment is not None and int(value) != int(moment.timestamp()):
            raise JwtFaultError(f"the claim {claim} differs from the credential")


def require_claims(payload: Mapping[str, Any], credential: Mapping[str, Any]) -> None:
    """Return when every claim that Open Badges 3.0 demands is there; that they are right is seen before.

    Raises:
        JwtFaultError: one is missing.
    """
    for claim in claims_of(credential):
        if claim not in payload:
            raise JwtFaultError(f"the claim {claim} is missing")


def require_current(payload: Mapping[str, Any], now: datetime) -> None:
    """Return when the token's own times hold.

    Raises:
        JwtFaultError: it is not valid yet, or not any more.
    """
    moment = now.astimezone(UTC).timestamp()
    try:
        if "nbf" in payload and float(payload["nbf"]) > moment:
            raise JwtFaultError("the token is not valid yet")
        if "exp" in payload and float(payload["exp"]) <= moment:
            raise JwtFaultError("the token has expired")
    except (TypeError, ValueError, OverflowError) as error:
        raise JwtFaultError("the token's times are not moments") from error
