"""The European Digital Credential of a certificate as it is stored: sealed, and readable out of its seal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm import credential
from services.certification.formats.elm_concepts import UnknownCodeError
from services.certification.formats.elm_parties import LegalIdentifier
from services.certification.formats.jades import Sealer, Stamp, seal
from services.certification.formats.jades_verification import SealError, verify_seal
from services.certification.formats.seal_certificates import SealCertificateError, legal_identifier
from services.certification.formats.typesetting import UndrawableError
from shared.annex1.report import check_credential

FORMAT: Final = "european_digital_credential"
_NOT_YET_SEALED: Final = "not yet sealed"


class EuropeanCredentialError(Exception):
    """The certificate cannot be shown or sealed as a European Digital Credential; the message says why."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """With what to seal; with `stamp` at level B-T, which `stamp_anchors` have to confirm, else at level B-B."""

    sealer: Sealer
    stamp: Stamp | None = None
    stamp_anchors: Sequence[x509.Certificate] = ()


def require_showable(snapshot: Snapshot) -> None:
    """Return when the credential will show all elements of `snapshot`; no key has signed anything by then.

    Raises:
        EuropeanCredentialError: an element would be missing, or something has no place in the European lists.
    """
    document = _document(snapshot, LegalIdentifier(_NOT_YET_SEALED, snapshot.elements.issuer.country or ""))
    bodies = [body.id for body in snapshot.elements.awarding_bodies]
    report = check_credential(json.loads(document), bodies)
    if not report.complete:
        names = ", ".join(dict.fromkeys(finding.name for finding in report.findings))
        raise EuropeanCredentialError(f"the European Digital Credential would not show: {names}")


def sealed_credential(snapshot: Snapshot, sealing: Sealing) -> bytes:
    """The sealed credential as JSON, verified by the code that verifies anybody's.

    Raises:
        EuropeanCredentialError: the seal would not hold, for instance because its certificate has expired.
    """
    at = datetime.fromisoformat(snapshot.issued_at)
    try:
        document = _document(snapshot, legal_identifier(sealing.sealer.chain[0]))
        sealed = seal(document, sealing.sealer, at, sealing.stamp)
        content = json.dumps(sealed, ensure_ascii=False, separators=(",", ":")).encode()
        verified = verify_seal(json.loads(content), at, stamp_anchors=sealing.stamp_anchors)
    except (SealError, SealCertificateError) as error:
        raise EuropeanCredentialError(f"the seal does not hold: {error}") from error
    if verified.payload != document or (sealing.stamp is not None and verified.stamped_at is None):
        raise EuropeanCredentialError("the seal holds something else than was sealed")
    return content


def readable(sealed: bytes) -> bytes:
    """The JSON-LD document inside a stored sealed credential, byte for byte what the seal covers."""
    payload: str = json.loads(sealed)["payload"]
    return payload.encode()


def _document(snapshot: Snapshot, legal: LegalIdentifier) -> str:
    try:
        return json.dumps(credential(snapshot, legal), ensure_ascii=False, separators=(",", ":"))
    except (UnknownCodeError, UndrawableError) as error:
        raise EuropeanCredentialError(str(error)) from error
