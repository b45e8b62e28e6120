"""Seals of baseline B-B and B-T after ETSI TS 119 182-1 v1.2.1 (JAdES): a JWS in the general JSON serialisation.

The payload stays readable: `b64` is false, so the sealed JSON stands in the document as one string (RFC 7797). What
is made here is verified by `jades_verification`, which shares no code with it.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

MEDIA_TYPE: Final = "application/jose+json"
_CRITICAL: Final = ("b64",)
_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_DIRECTORY_NAME: Final = 0xA4
_LONG_FORM: Final = 0x80


class Sealer(Protocol):
    """Signs for one institution with the key of an X.509 certificate: of ours, of a module or of a remote service."""

    @property
    def algorithm(self) -> str:
        """The JWS algorithm of the key: `ES256` or `RS256`."""

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """The certificate of the seal, then those above it as far as they are to travel with the seal."""

    def sign(self, data: bytes) -> bytes:
        """The JWS signature value over `data` (RFC 7518 section 3: of ES256 the two integers side by side)."""


Stamp = Callable[[bytes], bytes]
"""Asks a time-stamp authority for a token over the data: DER of a `TimeStampToken` (RFC 3161)."""


def seal(payload: str, sealer: Sealer, at: datetime, stamp: Stamp | None = None) -> dict[str, Any]:
    """The sealed `payload`, claimed to be sealed `at` (aware); with `stamp` also proven to exist by then (B-T).

    The same payload, moment and key give the same seal where the key signs deterministically.
    """
    protected = _base64url(_compact(_header(sealer, at)))
    signature = _base64url(sealer.sign(f"{protected}.{payload}".encode()))
    signed: dict[str, Any] = {"protected": protected, "signature": signature}
    if stamp is not None:
        signed["header"] = {"etsiU": [_signature_time_stamp(stamp(signature.encode()))]}
    return {"payload": payload, "signatures": [signed]}


def _header(sealer: Sealer, at: datetime) -> Mapping[str, Any]:
    own = sealer.chain[0].public_bytes(Encoding.DER)
    return {
        "alg": sealer.algorithm,
        "kid": issuer_serial(sealer.chain[0]),
        "x5t#S256": _base64url(hashlib.sha256(own).digest()),
        "x5c": [
            base64.b64encode(certificate.public_bytes(Encoding.DER)).decode() for certificate in sealer.chain
        ],
        "typ": "jose+json",
        "b64": False,
        "iat": int(at.timestamp()),
        "crit": list(_CRITICAL),
    }


def issuer_serial(certificate: x509.Certificate) -> str:
    """Which certificate it is, as JAdES writes it in `kid`: base64 of an `IssuerSerial` (RFC 5035) in DER."""
    names = _der(_SEQUENCE, _der(_DIRECTORY_NAME, certificate.issuer.public_bytes()))
    serial = certificate.serial_number
    number = _der(_INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1))
    return base64.b64encode(_der(_SEQUENCE, names + number)).decode()


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_FORM | size)) + length.to_bytes(size) + content


def _signature_time_stamp(token: bytes) -> str:
    value = base64.b64encode(token).decode()
    return _base64url(_compact({"sigTst": {"tstTokens": [{"val": value}]}}))


def _compact(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
