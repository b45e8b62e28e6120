"""Issue an SD-JWT (RFC 9901): each claim that may be withheld stands in the token as a salted digest.

Only whole claims are withheld, because the type of our credential says so. `sd_jwt_reading` reads and verifies, and
shares no code with this module beside base64url.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from services.certification.formats.jws import base64url, compact, encoded

SEPARATOR: Final = "~"
_SALT_BYTES: Final = 16


def sign_sd_jwt(
    claims: Mapping[str, Any],
    always_open: Collection[str],
    *,
    header: Mapping[str, Any],
    sign: Callable[[bytes], bytes],
) -> str:
    """`claims` as an SD-JWT with all its disclosures: `JWT~disclosure~...~disclosure~`.

    Claims in `always_open` stand in the payload itself. Digests are sorted, so that their order says nothing. `sign`
    gives the signature in the form of JOSE, by the key and algorithm that `header` names.
    """
    disclosures = [_disclosure(name, value) for name, value in claims.items() if name not in always_open]
    payload: dict[str, Any] = {name: value for name, value in claims.items() if name in always_open}
    if disclosures:
        payload |= {"_sd": sorted(map(_digest, disclosures)), "_sd_alg": "sha-256"}
    return SEPARATOR.join((compact(header, payload, sign), *disclosures, ""))


def _disclosure(name: str, value: Any) -> str:
    return encoded([secrets.token_urlsafe(_SALT_BYTES), name, value])


def _digest(disclosure: str) -> str:
    return base64url(hashlib.sha256(disclosure.encode()).digest())
