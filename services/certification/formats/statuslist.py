"""The Bitstring Status List of an issuer (W3C Bitstring Status List 1.0); an awarding body's serves `suspension`."""

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterable
from typing import Any, Final

from services.certification.formats.contexts import STATUS_LIST_CONTEXTS

ENTRIES: Final = 131_072
"""Entries of each list: the least that the standard allows, so that an index says nothing about its holder."""

PURPOSE: Final = "suspension"
LIFETIME_SECONDS: Final = 60
"""How long a verifier may keep a fetched list."""


def status_list(
    url: str,
    issuer: str,
    valid_from: str,
    withdrawn: Iterable[int],
    *,
    purpose: str = PURPOSE,
    lifetime: int | None = LIFETIME_SECONDS,
) -> dict[str, Any]:
    """The unsigned list credential at `url` with the bits of `withdrawn` set.

    `lifetime`: for how many seconds a verifier may keep it; None says nothing of that.
    """
    return {
        "@context": list(STATUS_LIST_CONTEXTS),
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode(withdrawn),
            **({} if lifetime is None else {"ttl": lifetime * 1000}),
        },
    }


def encode(withdrawn: Iterable[int]) -> str:
    """The compressed bitstring, multibase `u`; index 0 is the leftmost bit. The same bits give the same text."""
    bits = bytearray(ENTRIES // 8)
    for index in withdrawn:
        bits[index // 8] |= 0x80 >> index % 8
    compressed = gzip.compress(bytes(bits), mtime=0)
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode()


def is_set(encoded: str, index: int) -> bool:
    """Whether the bit of `index` is set.

    Raises:
        ValueError: not such a bitstring, or shorter than the standard's minimum, or without that index.
    """
    if not encoded.startswith("u"):
        raise ValueError("the bitstring is not in multibase base64url")
    try:
        compressed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        unpack = zlib.decompressobj(wbits=31)
        bits = unpack.decompress(compressed, ENTRIES)
    except (zlib.error, binascii.Error) as error:
        raise ValueError("the bitstring is not GZIP in base64url") from error
    if len(bits) < ENTRIES // 8 or not 0 <= index < len(bits) * 8:
        raise ValueError("the bitstring is shorter than the standard allows, or lacks the index")
    return bool(bits[index // 8] & 0x80 >> index % 8)
