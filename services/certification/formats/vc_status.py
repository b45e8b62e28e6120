"""Entries of Bitstring Status Lists and the lists of other issuers (W3C Bitstring Status List 1.0)."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

ENTRY: Final = "BitstringStatusListEntry"
LIST: Final = "BitstringStatusListCredential"
REFUSING: Final = frozenset({"revocation", "suspension"})
"""Purposes whose set bit means that the credential does not stand."""

_LEAST_BYTES: Final = 131_072 // 8
_MOST_BYTES: Final = 16 * _LEAST_BYTES
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class StatusListError(Exception):
    """The list does not say what it should; `code` is the error's name in the specification."""

    def __init__(self, detail: str, code: str = "STATUS_VERIFICATION_ERROR") -> None:
        super().__init__(detail)
        self.code = code


def is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("type") == ENTRY


def status_faults(entry: Mapping[str, Any], is_url: Callable[[object], bool]) -> Iterator[str]:
    """What is wrong with a status entry; nothing where it is of a kind that is not known here."""
    if not is_entry(entry):
        return
    if not isinstance(entry.get("statusPurpose"), str):
        yield "It has a statusPurpose."
    index = entry.get("statusListIndex")
    if not isinstance(index, str) or _INDEX.fullmatch(index) is None:
        yield "Its statusListIndex is a whole number, written as text."
    address = entry.get("statusListCredential")
    if not is_url(address) or address == entry.get("id"):
        yield "Its statusListCredential is the URL of a list, and not its own id."
    references = entry.get("statusReference", [])
    if not all(is_url(each) for each in (references if isinstance(references, list) else [references])):
        yield "Its statusReference is one or more URLs."
    yield from _message_faults(entry)


def _message_faults(entry: Mapping[str, Any]) -> Iterator[str]:
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 8:  # noqa: PLR2004 - one byte
        yield "Its statusSize is a number of bits from 1 to 8."
        return
    messages = entry.get("statusMessage")
    if messages is None and size > 1:
        yield "Statuses of several bits have a statusMessage."
    if messages is not None and not (
        isinstance(messages, list)
        and len(messages) == 2**size
        and all(isinstance(each, dict) and {"status", "message"} <= set(each) for each in messages)
    ):
        yield "Its statusMessage has a status and a message for each possible value."


def bits_of(listed: Mapping[str, Any], purpose: str) -> bytes:
    """The bits of a verified status list credential that serves `purpose`.

    Raises:
        StatusListError: it is no such list.
    """
    types, subject = listed.get("type"), listed.get("credentialSubject")
    if LIST not in (types if isinstance(types, list) else [types]) or not isinstance(subject, dict):
        raise StatusListError("what the entry points to is no status list")
    purposes = subject.get("statusPurpose")
    if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise StatusListError("the status list serves another purpose")
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise StatusListError("the bitstring is not in multibase base64url", "MALFORMED_VALUE_ERROR")
    return _unpacked(encoded[1:])


def _unpacked(text: str) -> bytes:
    try:
        compressed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        bits = zlib.decompressobj(wbits=31).decompress(compressed, _MOST_BYTES + 1)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise StatusListError("the bitstring is not GZIP in base64url", "MALFORMED_VALUE_ERROR") from error
    if not _LEAST_BYTES <= len(bits) <= _MOST_BYTES:
        raise StatusListError(
            "the bitstring is shorter than allowed, or too long", "STATUS_LIST_LENGTH_ERROR"
        )
    return bits


def value_at(bits: bytes, entry: Mapping[str, Any]) -> int:
    """The status of `entry`, 0 where nothing is set.

    Raises:
        StatusListError: the index lies outside the list.
    """
    size = int(entry.get("statusSize", 1))
    first = int(entry["statusListIndex"]) * size
    if first + size > len(bits) * 8:
        raise StatusListError("the index lies outside the list", "RANGE_ERROR")
    value = 0
    for position in range(first, first + size):
        value = value << 1 | (bits[position // 8] >> (7 - position % 8) & 1)
    return value
