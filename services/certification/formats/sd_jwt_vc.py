"""A certificate as the copy of one wallet: an SD-JWT VC bound to a key of its holder.

The type demands `exp`. A copy outlives no wallet that is still in use: after five years its holder fetches another;
the certificate itself does not expire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.jws import JwtFaultError, JwtKey, verify_jwt
from services.certification.formats.sd_jwt import sign_sd_jwt
from services.certification.formats.sd_jwt_claims import ALWAYS_OPEN, claims
from services.certification.formats.sd_jwt_reading import SdJwt, read_sd_jwt
from services.certification.formats.token_status import place_in

LIFETIME_SECONDS: Final = 5 * 365 * 24 * 3600
_OF_SIGNING: Final = ("iss", "iat", "exp", "cnf", "status")
_TYPES: Final = frozenset({"dc+sd-jwt"})


@dataclass(frozen=True, slots=True)
class Copy:
    """What is particular to one copy. `issued_at` in seconds since 1970; `holder_key` a public JWK."""

    issuer: str
    issued_at: int
    holder_key: Mapping[str, Any]
    list_address: str
    index: int


def signed_copy(
    snapshot: Snapshot, copy: Copy, *, kid: str, sign: Callable[[bytes], bytes], key: JwtKey
) -> str:
    """The signed copy with all its disclosures, read back and verified by `key` before anybody gets it.

    Raises:
        ValueError: it certifies attendance.
        JwtFaultError: what was signed does not verify, or says something else than the snapshot.
    """
    whole = {**claims(snapshot), **_bound(copy)}
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": kid}
    content = sign_sd_jwt(whole, {*ALWAYS_OPEN, *_OF_SIGNING}, header=header, sign=sign)
    read = read_sd_jwt(content)
    verify_jwt(read.jwt, key, _TYPES)
    _require_same(read, whole, copy)
    return content


def _bound(copy: Copy) -> dict[str, Any]:
    return {
        "iss": copy.issuer,
        "iat": copy.issued_at,
        "exp": copy.issued_at + LIFETIME_SECONDS,
        "cnf": {"jwk": dict(copy.holder_key)},
        "status": {"status_list": {"idx": copy.index, "uri": copy.list_address}},
    }


def _require_same(read: SdJwt, whole: Mapping[str, Any], copy: Copy) -> None:
    if read.claims != whole or place_in(read.payload.get("status")) != (copy.list_address, copy.index):
        raise JwtFaultError("what was signed says something else than the certificate")
    if open_ones := sorted((whole.keys() - ALWAYS_OPEN - set(_OF_SIGNING)) & read.payload.keys()):
        raise JwtFaultError(f"the claim {open_ones[0]} would be part of every presentation")
