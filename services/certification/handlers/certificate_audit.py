"""Verify every signed certificate again, by other code than the one that issued it.

Issuing canonicalises directly; here PyLD does all of it, and the proof is read by the code for proofs of strangers.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class CertificateAudit:
    """How many signed forms were looked at, and what is wrong with which; empty where every one verifies."""

    checked: int
    findings: tuple[str, ...]


def audit_certificates(connection: sa.Connection, now: datetime) -> CertificateAudit:
    """Verify all certificates whose signatures hang on keys of the register, as objects and as JWTs."""
    checked, findings = 0, []
    for row in _signed(connection):
        checked += 1
        try:
            _verify(connection, row, now)
        except (ProofFaultError, JwtFaultError, KeyError, ValueError) as error:
            findings.append(f"{row.certificate_id} ({row.format}): {error}")
    return CertificateAudit(checked, tuple(findings))


def _signed(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    joined = renderings.join(certificates, renderings.c.certificate_id == certificates.c.id)
    statement = sa.select(renderings, certificates.c.issuer).select_from(joined)
    yield from connection.execute(
        statement.where(renderings.c.format.in_((OPEN_BADGES, OPEN_BADGES_JWT))).order_by(
            renderings.c.certificate_id, renderings.c.format
        )
    )


def _verify(connection: sa.Connection, row: sa.Row[Any], now: datetime) -> None:
    content = bytes(row.content)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise ValueError("its content has another digest than on record")
    if row.format == OPEN_BADGES_JWT:
        header, payload = read_jwt(content.decode())
        require_claims(payload, credential_in(payload))
        verify_jwt(content.decode(), public_key_of(_key(connection, row.issuer, header["kid"])))
        return

    def key_of(method: str, _purpose: str) -> PublicKey:
        return key_from_multikey(_key(connection, row.issuer, method).multikey)

    verify_proofs(json.loads(content), key_of, Expected(now), form=reference_form)


def _key(connection: sa.Connection, issuer: str, method: str) -> IssuerKey:
    key = issuer_keys.find(connection, method.partition("#")[2])
    if key is None or key.institution != issuer or key.state == "pending":
        raise ValueError("it was signed with a key that is not its issuer's")
    return key
