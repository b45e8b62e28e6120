"""The Token Status List (IETF): two bits for each copy in a wallet, in a signed token.

Unlike the Bitstring list it tells a suspension from the end: 0 valid, 1 invalid, 2 suspended. Index 0 is in the lowest
bits of the first byte.
"""

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.certification.formats.jws import JwtFaultError, JwtKey, base64url, compact, read_jwt, verify_jwt

MEDIA_TYPE: Final = "application/statuslist+jwt"
ENTRIES: Final = 131_072
"""Places of each list: as many as in the Bitstring lists, so that an index says nothing about its holder."""

TTL_SECONDS: Final = 60
"""How long a verifier may keep a fetched list."""

LIFETIME_SECONDS: Final = 24 * 3600
"""After this a list proves nothing any more: whoever holds back a newer one gains a day."""

_BITS: Final = 2
_TYPES: Final = frozenset({"statuslist+jwt"})
_SIZES: Final = frozenset({1, 2, 4, 8})
_MOST_BYTES: Final = 1024 * 1024


def signed_list(
    address: str,
    issuer: str,
    now: int,
    statuses: Mapping[int, int],
    *,
    kid: str,
    sign: Callable[[bytes], bytes],
) -> str:
    """The list at `address` as a token of `issuer`, made at `now` (seconds since 1970); other places are valid."""
    payload = {
        "iss": issuer,
        "sub": address,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "ttl": TTL_SECONDS,
        "status_list": {"bits": _BITS, "lst": packed(statuses)},
    }
    return compact({"alg": "ES256", "typ": "statuslist+jwt", "kid": kid}, payload, sign)


def packed(statuses: Mapping[int, int]) -> str:
    """The statuses, compressed, in base64url. The same statuses give the same text."""
    places = bytearray(ENTRIES * _BITS // 8)
    for index, status in statuses.items():
        places[index * _BITS // 8] |= status << index * _BITS % 8
    return base64url(zlib.compress(bytes(places), 9))


def verified_list(token: str, key: JwtKey, address: str, now: float) -> Mapping[str, Any]:
    """The list in a token that `key` signed for `address`, and that still counts at `now`.

    Raises:
        JwtFaultError: it is another list, outdated, or nobody's.
    """
    header, payload = read_jwt(token, _TYPES)
    verify_jwt(token, key, _TYPES)
    listed, expires = payload.get("status_list"), payload.get("exp")
    if header.get("typ") not in _TYPES or payload.get("sub") != address or not isinstance(listed, dict):
        raise JwtFaultError("what the credential points to is no list of its states")
    if expires is not None and (not isinstance(expires, int | float) or expires <= now):
        raise JwtFaultError("the list of states is out of date")
    return listed


def status_at(listed: Mapping[str, Any], index: int) -> int:
    """The status at `index` of a list, 0 being valid.

    Raises:
        JwtFaultError: it is no such list, or has no such index.
    """
    bits, encoded = listed.get("bits"), listed.get("lst")
    if type(bits) is not int or bits not in _SIZES or not isinstance(encoded, str):
        raise JwtFaultError("the list of states is malformed")
    try:
        compressed = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        places = zlib.decompressobj().decompress(compressed, _MOST_BYTES)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise JwtFaultError("the list of states cannot be unpacked") from error
    if not 0 <= index < len(places) * 8 // bits:
        raise JwtFaultError("the list of states has no such place")
    status: int = places[index * bits // 8] >> index * bits % 8 & (1 << bits) - 1
    return status


def place_in(status: Any) -> tuple[str, int] | None:
    """Address and index that the claim `status` names; None where it names no list of this kind.

    Raises:
        JwtFaultError: it names one in a form that is not understood.
    """
    if not isinstance(status, dict) or "status_list" not in status:
        return None
    named = status["status_list"]
    index = named.get("idx") if isinstance(named, dict) else None
    if isinstance(index, bool) or not isinstance(index, int) or not isinstance(named.get("uri"), str):
        raise JwtFaultError("it does not say where its state is to be looked up")
    return named["uri"], index
