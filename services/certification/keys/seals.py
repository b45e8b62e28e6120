"""Everything about seals that settings decide: who seals, who confirms when, and whose seals are trusted."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm_sealed import Sealing
from services.certification.formats.seal_certificates import SealCertificateError, require_valid
from services.certification.keys.development_authority import DevelopmentAuthority
from services.certification.keys.sealing import Sealers, SealingError, SealingFolder
from services.certification.keys.time_stamps import TimeStampAuthority
from shared.settings import Settings

_AUTHORITY: Final = "development-authority.pem"
Certificates = tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class Seals:
    """`time_stamps` is None where no authority is set: seals are of level B-B then, else B-T."""

    sealers: Sealers
    time_stamps: TimeStampAuthority | None
    stamp_anchors: Certificates
    trusted: Certificates
    authority: DevelopmentAuthority | None

    def sealing(self, snapshot: Snapshot) -> Sealing:
        """With what the issuer of `snapshot` seals it.

        Raises:
            SealingError: it has no certificate, or none that is valid at the moment of issuing.
        """
        at = datetime.fromisoformat(snapshot.issued_at)
        sealer = self.sealers.sealer(snapshot.elements.issuer, at)
        try:
            require_valid(sealer.chain[0], at)
        except SealCertificateError as error:
            raise SealingError(f"{snapshot.elements.issuer.id}: {error}") from error
        stamp = self.time_stamps.stamp if self.time_stamps else None
        return Sealing(sealer, stamp, self.stamp_anchors)

    def anchors(self) -> Certificates:
        """The authorities whose seals are trusted; in development also this machine's own, once it has one."""
        own = self.authority.certificate() if self.authority else None
        return self.trusted if own is None else (*self.trusted, own)


def load_seals(settings: Settings) -> Seals:
    """The seals of this installation.

    Raises:
        SealingError: a file of trusted certificates cannot be read.
    """
    production = settings.environment == "production"
    authority = None if production else DevelopmentAuthority(settings.sealing_folder / _AUTHORITY)
    make = authority.make if authority else None
    stamp_anchors = _certificates(settings.time_stamp_trust)
    stamps = settings.time_stamp_url and TimeStampAuthority(settings.time_stamp_url, stamp_anchors)
    return Seals(
        SealingFolder(settings.sealing_folder, settings.sealing_password, make),
        stamps or None,
        stamp_anchors,
        _certificates(settings.sealing_trust),
        authority,
    )


def _certificates(file: Path | None) -> Certificates:
    if file is None:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise SealingError(f"{file.name} is no readable PEM file of certificates") from error
