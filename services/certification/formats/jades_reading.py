"""Take a sealed document apart as JAdES puts it together, expecting nothing of what strangers wrote."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from services.certification.formats.seal_certificates import UNREADABLE

Json = Mapping[str, Any]
_SIGNED: Final = frozenset({"protected", "signature"})
_LONGEST_CHAIN: Final = 10


class SealError(Exception):
    """The document carries no seal that holds; the message says why."""


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """The parts of a sealed document; nothing in it has been verified but how it is written.

    `header` is the protected one; `payload_stamps` and `signature_stamps` are tokens of time-stamp authorities in DER.
    """

    payload: str
    protected: str
    signature: str
    header: Json
    chain: tuple[x509.Certificate, ...]
    payload_stamps: tuple[bytes, ...]
    signature_stamps: tuple[bytes, ...]


def read_sealed(sealed: Json) -> SealedDocument:
    """The parts of `sealed`.

    Raises:
        SealError: it is not written as a JAdES seal of one signature with its certificate.
    """
    payload, signed = _parts(sealed)
    header = json_object(_text(signed["protected"], "the protected header"), "the protected header")
    _bytes(signed["signature"], "the signature")
    carried = [_unsigned(each) for each in signed.get("header", {}).get("etsiU", ())]
    return SealedDocument(
        payload,
        signed["protected"],
        signed["signature"],
        header,
        _chain(header),
        _tokens(header.get("adoTst")),
        tuple(token for each in carried for token in _tokens(each.get("sigTst"))),
    )


def json_object(text: str, what: str) -> dict[str, Any]:
    """The JSON object in `text`.

    Raises:
        SealError: it is none, or names a member twice.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise SealError(f"{what} is no JSON object with each member once") from error
    if not isinstance(found, dict):
        raise SealError(f"{what} is no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _parts(sealed: Json) -> tuple[str, Json]:
    signatures = sealed.get("signatures")
    if set(sealed) != {"payload", "signatures"} or not isinstance(signatures, list) or len(signatures) != 1:
        raise SealError("it is not a JWS in the general JSON serialisation with one signature")
    signed, payload = signatures[0], sealed["payload"]
    if not isinstance(signed, dict) or not _SIGNED <= set(signed) <= _SIGNED | {"header"}:
        raise SealError("the signature's members are not those of a JWS")
    if not all(isinstance(text, str) for text in (payload, signed["protected"], signed["signature"])):
        raise SealError("the parts of the JWS are not strings")
    beside = signed.get("header", {})
    if (
        not isinstance(beside, dict)
        or set(beside) - {"etsiU"}
        or not isinstance(beside.get("etsiU", []), list)
    ):
        raise SealError("the header beside the signature holds more than JAdES puts there")
    return payload, signed


def _bytes(text: str, what: str) -> bytes:
    """Base64url in the one way in which this data is written, so that every bit of it means something."""
    try:
        data = urlsafe_b64decode(text.encode("ascii"))
    except ValueError as error:
        raise SealError(f"{what} is not base64url") from error
    if urlsafe_b64encode(data).decode() != text:
        raise SealError(f"{what} is not written in base64url as it ought to be")
    return data


def _text(text: str, what: str) -> str:
    try:
        return _bytes(text, what).decode()
    except UnicodeDecodeError as error:
        raise SealError(f"{what} is no text") from error


def _chain(header: Json) -> tuple[x509.Certificate, ...]:
    """The certificates of the header; the thumbprint says that the first is the one that was meant."""
    encoded = header.get("x5c")
    if not isinstance(encoded, list) or not 0 < len(encoded) <= _LONGEST_CHAIN:
        raise SealError("the seal does not bring its certificate")
    try:
        chain = tuple(
            x509.load_der_x509_certificate(base64.b64decode(each, validate=True)) for each in encoded
        )
    except (TypeError, *UNREADABLE) as error:
        raise SealError("a certificate of the seal cannot be read") from error
    thumbprint = hashlib.sha256(chain[0].public_bytes(Encoding.DER)).digest()
    if header.get("x5t#S256") != urlsafe_b64encode(thumbprint).decode():
        raise SealError("the certificate is not the one that the seal names")
    return chain


def _unsigned(value: object) -> Json:
    """One unsigned property: JSON in base64url, or as it is."""
    if isinstance(value, str):
        return json_object(_text(value, "an unsigned property"), "an unsigned property")
    if isinstance(value, dict):
        return value
    raise SealError("an unsigned property of the seal is no object")


def _tokens(container: Any) -> tuple[bytes, ...]:
    if container is None:
        return ()
    try:
        return tuple(base64.b64decode(token["val"], validate=True) for token in container["tstTokens"])
    except (KeyError, TypeError, ValueError) as error:
        raise SealError("a time stamp of the seal cannot be read") from error
