"""Tokens of time-stamp authorities (RFC 3161): what they were given for, and when, by an authority that is trusted."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography import x509
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
from rfc3161_client.tsp import TimeStampResponse

from services.certification.formats.seal_certificates import UNREADABLE

_DIGESTS: Final = MappingProxyType(
    {
        "2.16.840.1.101.3.4.2.1": hashlib.sha256,
        "2.16.840.1.101.3.4.2.2": hashlib.sha384,
        "2.16.840.1.101.3.4.2.3": hashlib.sha512,
    }
)
_GRANTED: Final = bytes.fromhex("3003020100")
_SEQUENCE: Final = 0x30


class TimeStampError(Exception):
    """A token is malformed or was given for something else."""


def stamped_at(token: bytes, data: bytes, anchors: Sequence[x509.Certificate]) -> datetime | None:
    """When `data` was stamped; None where the token's authority does not lead to one of the `anchors`.

    Raises:
        TimeStampError: the token is malformed, or for other data.
    """
    response = _response(token)
    imprint = response.tst_info.message_imprint
    digest = _DIGESTS.get(imprint.hash_algorithm.dotted_string)
    if digest is None or digest(data).digest() != imprint.message:
        raise TimeStampError("the time stamp is for something else")
    if not anchors:
        return None
    try:
        VerifierBuilder(roots=list(anchors)).build().verify_message(response, data)
    except (VerificationError, *UNREADABLE):
        return None
    return response.tst_info.gen_time


def _response(token: bytes) -> TimeStampResponse:
    """The library reads whole responses: the token is put back into one that says "granted"."""
    content = _GRANTED + token
    size = (len(content).bit_length() + 7) // 8
    try:
        return decode_timestamp_response(
            bytes((_SEQUENCE, 0x80 | size)) + len(content).to_bytes(size) + content
        )
    except UNREADABLE as error:
        raise TimeStampError("the time stamp cannot be read") from error
