"""Verify JAdES seals, ours and others', by other code than the one that makes them (joserfc checks the JWS).

Taken are seals of today (`iat`) and those from before 15 May 2025 (`sigT`, TS 119 182-1 v1.1.1), such as the
Commission's samples. The key of a seal comes from its certificate only, never from a `jwk`, `jku` or `x5u`. Whether
the certificate was revoked is not asked: that needs the authority's lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_json
from joserfc.registry import HeaderParameter

from services.certification.formats.jades_reading import (
    Json,
    SealedDocument,
    SealError,
    json_object,
    read_sealed,
)
from services.certification.formats.seal_certificates import (
    SealCertificateError,
    leads_to,
    require_chain,
    require_for_seals,
    require_valid,
)
from services.certification.formats.time_stamp_tokens import TimeStampError, stamped_at

__all__ = ["SealError", "VerifiedSeal", "verify_seal"]

_SIGT_ENDED: Final = datetime(2025, 5, 15, tzinfo=UTC)
_CLOCK_SKEW: Final = timedelta(minutes=5)
_ALWAYS_CRITICAL: Final = frozenset(
    {"sigT", "adoTst", "sigD", "sigPl", "sigPId", "srCms", "srAts", "x5t#o", "sigX5ts"}
)


@dataclass(frozen=True, slots=True)
class VerifiedSeal:
    """A seal that holds. `trusted`: its certificate follows from one of the anchors that were given.

    `claimed_at` is what the sealer says; `stamped_at` what a trusted time-stamp authority confirms, if one does.
    """

    payload: str
    chain: tuple[x509.Certificate, ...]
    claimed_at: datetime
    stamped_at: datetime | None
    trusted: bool

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the seal."""
        return self.chain[0]

    def lapsed(self, now: datetime) -> bool:
        """Whether the certificate has expired, with no trusted proof that the seal is from before."""
        return self.stamped_at is None and now > self.certificate.not_valid_after_utc

    def document(self) -> dict[str, Any]:
        """The sealed JSON object.

        Raises:
            SealError: the payload is none, or names a member twice.
        """
        return json_object(self.payload, "what is sealed")


class _Registry(JWSRegistry):
    """Room for certificates and whole credentials."""

    max_header_length = 64 * 1024
    max_payload_length = 1024 * 1024


def _judged_below(_value: object) -> None:
    """The library has to know what may be critical; the values are judged in this module."""


_CRITICAL: Final = {name: HeaderParameter("JAdES", _judged_below) for name in ("iat", "sigT", "adoTst")}


def verify_seal(
    sealed: Json,
    now: datetime,
    *,
    anchors: Sequence[x509.Certificate] = (),
    stamp_anchors: Sequence[x509.Certificate] = (),
) -> VerifiedSeal:
    """The one seal of `sealed`, once it holds in every part. `now` is aware.

    Raises:
        SealError: signature, certificate, moment, header or time stamp do not hold; the message says which.
    """
    document = read_sealed(sealed)
    try:
        _verify_signature(document, require_for_seals(document.chain[0]))
        _require_critical(document.header)
        claimed = _claimed_at(document.header, now)
        require_valid(document.chain[0], claimed)
        require_chain(document.chain)
        stamped = _stamped_at(document, stamp_anchors)
    except (SealCertificateError, TimeStampError) as error:
        raise SealError(str(error)) from error
    if stamped is not None and stamped < claimed - _CLOCK_SKEW:
        raise SealError("the seal claims to be made after its time stamp")
    trusted = leads_to(document.chain, anchors, stamped or claimed)
    return VerifiedSeal(document.payload, document.chain, claimed, stamped, trusted)


def _verify_signature(document: SealedDocument, algorithms: Sequence[str]) -> None:
    kind: type[ECKey | RSAKey] = ECKey if algorithms[0].startswith("ES") else RSAKey
    public = document.chain[0].public_key()
    key = kind.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    registry = _Registry(_CRITICAL, algorithms=algorithms, strict_check_header=False)
    try:
        deserialize_json(
            {
                "payload": document.payload,
                "signatures": [{"protected": document.protected, "signature": document.signature}],
            },
            key,
            registry=registry,
        )
    except (JoseError, ValueError) as error:
        raise SealError(f"the signature does not hold: {error}") from error


def _require_critical(header: Json) -> None:
    """What JAdES adds to JWS is critical, so that no verifier passes over it."""
    if header.get("b64") is not False:
        raise SealError("the payload of the seal is encoded: a sealed credential stays readable")
    if missing := (_ALWAYS_CRITICAL & set(header)) - set(header.get("crit") or ()):
        raise SealError(f"the header does not list as critical: {', '.join(sorted(missing))}")


def _claimed_at(header: Json, now: datetime) -> datetime:
    """`iat`, or in seals from before May 2025 `sigT`; never both."""
    if ("iat" in header) == ("sigT" in header):
        raise SealError("the seal does not say once when it was made")
    try:
        claimed = _from_seconds(header["iat"]) if "iat" in header else _from_text(header["sigT"])
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise SealError("the moment of the seal cannot be read") from error
    if "sigT" in header and claimed >= _SIGT_ENDED:
        raise SealError("sigT has been replaced by iat since 15 May 2025")
    if claimed > now + _CLOCK_SKEW:
        raise SealError("the seal claims to be made in the future")
    return claimed


def _from_seconds(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("iat is a whole number of seconds")
    return datetime.fromtimestamp(value, UTC)


def _from_text(value: object) -> datetime:
    return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _stamped_at(document: SealedDocument, anchors: Sequence[x509.Certificate]) -> datetime | None:
    """The earliest moment at which a trusted authority saw the signature, while the certificate was valid."""
    for token in document.payload_stamps:
        stamped_at(token, document.payload.encode(), ())
    moments = [
        moment
        for token in document.signature_stamps
        if (moment := stamped_at(token, document.signature.encode(), anchors)) is not None
    ]
    for moment in moments:
        require_valid(document.chain[0], moment)
    return min(moments, default=None)
