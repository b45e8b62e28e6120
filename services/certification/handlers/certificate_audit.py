"""Verify every signed certificate again, by other code than the one that issued it.

Issuing canonicalises directly; here PyLD does all of it, and the proof is read by the code for proofs of strangers.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.issuer_key import IssuerKey
from services.certification.formats.data_integrity import Expected, ProofFaultError, verify_proofs
from services.certification.formats.did import public_key_of
from services.certification.formats.did_key import PublicKey, key_from_multikey
from services.certification.formats.general import reference_form
from services.certification.formats.jws import JwtFaultError, read_jwt, verify_jwt
from services.certification.formats.renderer import OPEN_BADGES, OPEN_BADGES_JWT
from services.certification.formats.vc_jwt import credential_in, require_claims
from services.certification.store import issuer_keys
from services.certification.store.tables import certificates, renderings

Keys = Mapping[str, IssuerKey]

_AT_ONCE: Final = 200
"""Rows that are in memory at the same time."""


@dataclass(frozen=True, slots=True)
class CertificateAudit:
    """How many signed forms were looked at, and what is wrong with which; empty where every one verifies."""

    checked: int
    findings: tuple[str, ...]


def audit_certificates(connection: sa.Connection, now: datetime) -> CertificateAudit:
    """Verify all certificates whose signatures hang on keys of the register, as objects and as JWTs."""
    checked, findings = 0, []
    keys = {key.multikey: key for key in issuer_keys.everyone(connection)}
    for row in _signed(connection):
        checked += 1
        try:
            _verify(row, keys, now)
        except (ProofFaultError, JwtFaultError, KeyError, ValueError) as error:
            findings.append(f"{row.certificate_id} ({row.format}): {error}")
    return CertificateAudit(checked, tuple(findings))


def _signed(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    joined = renderings.join(certificates, renderings.c.certificate_id == certificates.c.id)
    statement = sa.select(renderings, certificates.c.issuer).select_from(joined)
    wanted = statement.where(renderings.c.format.in_((OPEN_BADGES, OPEN_BADGES_JWT)))
    ordered = wanted.order_by(renderings.c.certificate_id, renderings.c.format)
    yield from connection.execute(ordered.execution_options(yield_per=_AT_ONCE))


def _verify(row: sa.Row[Any], keys: Keys, now: datetime) -> None:
    content = bytes(row.content)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise ValueError("its content has another digest than on record")
    if row.format == OPEN_BADGES_JWT:
        header, payload = read_jwt(content.decode())
        require_claims(payload, credential_in(payload))
        verify_jwt(content.decode(), public_key_of(_key(keys, row.issuer, header["kid"])))
        return

    def key_of(method: str, _purpose: str) -> PublicKey:
        return key_from_multikey(_key(keys, row.issuer, method).multikey)

    verify_proofs(json.loads(content), key_of, Expected(now), form=reference_form)


def _key(keys: Keys, issuer: str, method: str) -> IssuerKey:
    key = keys.get(method.partition("#")[2])
    if key is None or key.institution != issuer or key.state == "pending":
        raise ValueError("it was signed with a key that is not its issuer's")
    return key
