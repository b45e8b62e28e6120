"""JSON Web Signatures in compact form, ours and others', and the keys that verify them (RFC 7515, 7517, 7638).

A signature is verified by the one algorithm that fits the key; what a token says is the business of whoever asks.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.web.strict_json import MalformedJsonError, loads

JwtKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

MAX_LENGTH: Final = 200_000
ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
_TYPES: Final = frozenset({"JWT", "vc+jwt", "vc+ld+jwt", "vp+jwt"})
_LEAST_RSA_BITS: Final = 2048
_NUMBER: Final = 32


class JwtFaultError(Exception):
    """The token is not what it should be, or its signature or claims do not hold; the message says why."""


def compact(header: Mapping[str, Any], payload: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """The JWS of a JSON object; `sign` gives the signature in the form of JOSE. The same input gives the same token."""
    signed = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def encoded(document: Any) -> str:
    """JSON without spaces, in base64url."""
    return base64url(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def base64url(data: bytes) -> str:
    """Base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read_jwt(token: str, types: Collection[str] = _TYPES) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a token whose signature nobody has looked at yet; its type is one of `types`.

    Raises:
        JwtFaultError: not a JWS in compact form with JSON objects, or with a header that is not understood.
    """
    return _header(token, types), _decoded(token.split(".")[1])


def _header(token: str, types: Collection[str]) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_LENGTH or not token.isascii():  # noqa: PLR2004 - header, payload, signature
        raise JwtFaultError("this is not a signed JWT in compact form")
    header = _decoded(parts[0])
    _bytes(parts[2])
    if header.get("alg") not in ALGORITHMS or "crit" in header or "b64" in header:
        raise JwtFaultError("the token's algorithm or header is none that is accepted")
    if str(header.get("typ", "JWT")) not in types or not isinstance(header.get("kid", ""), str):
        raise JwtFaultError("the token says that it is something else than what belongs here")
    return header


def verify_jwt(token: str, key: JwtKey, types: Collection[str] = _TYPES) -> None:
    """Return when the signature of `token` is by `key`, with the algorithm that fits this kind of key.

    Raises:
        JwtFaultError: it is not.
    """
    if _header(token, types)["alg"] != _algorithm(key):
        raise JwtFaultError("the algorithm does not fit the issuer's key")
    text, _, last = token.rpartition(".")
    signed, signature = text.encode(), _bytes(last)
    if isinstance(key, EllipticCurvePublicKey) and len(signature) != 2 * _NUMBER:
        raise JwtFaultError("the token differs from what was signed")
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, signed)
        elif isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), SHA256())
        else:
            numbers = int.from_bytes(signature[:_NUMBER]), int.from_bytes(signature[_NUMBER:])
            key.verify(encode_dss_signature(*numbers), signed, ECDSA(SHA256()))
    except InvalidSignature:
        raise JwtFaultError("the token differs from what was signed") from None


def _algorithm(key: JwtKey) -> str:
    """The one algorithm by which `key` may have signed."""
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, RSAPublicKey):
        if key.key_size < _LEAST_RSA_BITS:
            raise JwtFaultError("the issuer's key is too short")
        return "RS256"
    if not isinstance(key.curve, SECP256R1):
        raise JwtFaultError("the issuer's key is on another curve than P-256")
    return "ES256"


def key_from_jwk(jwk: Mapping[str, Any]) -> JwtKey:
    """The public key of a JWK; a private one is refused, since whoever reads it could sign.

    Raises:
        JwtFaultError: another kind of key, or none.
    """
    kinds: dict[str, Any] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    kind = kinds.get(str(jwk.get("kty")))
    if kind is None or "d" in jwk or (kind is OKPKey and jwk.get("crv") != "Ed25519"):
        raise JwtFaultError("the issuer's key is none that can be used here")
    try:
        key: JwtKey = kind.import_key(dict(jwk)).public_key
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise JwtFaultError("the issuer's key cannot be read") from error
    return key


def jwk_of(key: JwtKey, kid: str) -> dict[str, Any]:
    """The public key as a JWK that is named `kid`."""
    return {**_members(key), "kid": kid, "use": "sig", "alg": _algorithm(key)}


def thumbprint(key: JwtKey) -> str:
    """The JWK thumbprint (RFC 7638, SHA-256), which names a key whose Multikey would be too long for a name."""
    text = json.dumps(_members(key), sort_keys=True, separators=(",", ":"))
    return base64url(hashlib.sha256(text.encode()).digest())


def _members(key: JwtKey) -> dict[str, str]:
    if isinstance(key, Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_bytes_raw())}
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return {"kty": "RSA", "n": base64url(_number(numbers.n)), "e": base64url(_number(numbers.e))}
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    return {"kty": "EC", "crv": "P-256", "x": base64url(point[:_NUMBER]), "y": base64url(point[_NUMBER:])}


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)


def _bytes(part: str) -> bytes:
    """The bytes of a part in its one spelling: others would be another token with the same signature."""
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise JwtFaultError("a part of the token is not base64url") from error
    if base64url(data) != part:
        raise JwtFaultError("a part of the token is not base64url in its one spelling")
    return data


def _decoded(part: str) -> dict[str, Any]:
    try:
        document = loads(_bytes(part))
    except MalformedJsonError as error:
        raise JwtFaultError("a part of the token is not JSON") from error
    if not isinstance(document, dict):
        raise JwtFaultError("a part of the token is not a JSON object")
    return document
