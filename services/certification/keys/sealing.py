"""Keys with certificates that seal European Digital Credentials, one per institution, beside the keys that sign badges.

An operator puts each in a folder, as `INSTITUTION.p12` or `INSTITUTION.pem` (key, certificate, those above it): the
seal of a trust service, or a certificate that only names a key in a module. In development a small authority makes
what is missing.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from services.certification.formats.jades import Sealer
from services.certification.formats.seal_certificates import (
    SealCertificateError,
    legal_identifier,
    require_for_seals,
)
from shared.annex1 import Institution
from shared.keyfiles import persistent

_OPEN_TO_OTHERS: Final = 0o077
_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,98}[a-z0-9]")
_INTEGER: Final = 32
_ALGORITHMS: Final = ("ES256", "RS256")
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Make = Callable[[Institution, datetime], bytes]


class SealingError(Exception):
    """An institution cannot seal as things are; the message says what an operator has to mend."""


class Sealers(Protocol):
    """Finds who seals for an institution."""

    def sealer(self, institution: Institution, at: datetime) -> Sealer:
        """The sealer of `institution`; where one is made on first need, it is valid from before `at` (aware).

        Raises:
            SealingError: there is none that may seal.
        """


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A key of ours with its certificate. The same data gives the same signature (RFC 6979 for P-256)."""

    private: Private
    chain: tuple[x509.Certificate, ...]
    algorithm: str

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        signature = self.private.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(_INTEGER) for number in decode_dss_signature(signature))


def certified(private: object, certificates: Iterable[x509.Certificate]) -> CertifiedKey:
    """The key with its certificates in order, once they are fit for seals.

    Raises:
        SealingError: another key's certificate, one for another use, one without a legal identifier, a key of
            another kind.
    """
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SealingError("the key is neither P-256 nor RSA")
    chain = _in_order(private, list(certificates))
    try:
        algorithm = require_for_seals(chain[0])[0]
        legal_identifier(chain[0])
    except SealCertificateError as error:
        raise SealingError(str(error)) from error
    if algorithm not in _ALGORITHMS:
        raise SealingError("the key is neither P-256 nor RSA")
    return CertifiedKey(private, chain, algorithm)


def _in_order(private: Private, certificates: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    public = private.public_key()
    chain = [certificate for certificate in certificates if certificate.public_key() == public][:1]
    if not chain:
        raise SealingError("there is no certificate of the key")
    rest = [certificate for certificate in certificates if certificate not in chain]
    while above := next((each for each in rest if each.subject == chain[-1].issuer), None):
        chain.append(above)
        rest.remove(above)
    return tuple(chain)


class SealingFolder:
    """Sealers whose keys lie in files. A file is read again when it has changed; `make` makes missing ones."""

    def __init__(self, folder: Path, password: str = "", make: Make | None = None) -> None:
        self._folder = folder
        self._password = password.encode() or None
        self._make = make
        self._read: dict[Path, tuple[int, CertifiedKey]] = {}

    def sealer(self, institution: Institution, at: datetime) -> Sealer:
        """The sealer of `institution`.

        Raises:
            SealingError: there is no file for it, or not one that may seal.
        """
        if _FILE_NAME.fullmatch(institution.id) is None:
            raise SealingError("the institution's identifier is none that a file could be named after")
        files = [self._folder / f"{institution.id}.{kind}" for kind in ("p12", "pem")]
        file = next((each for each in files if each.exists()), files[-1])
        if not file.exists():
            if self._make is None:
                raise SealingError(f"no certificate for seals of {institution.id} is installed")
            make = self._make
            persistent(file, lambda: make(institution, at))
        return self._from(file)

    def _from(self, file: Path) -> CertifiedKey:
        changed = file.stat().st_mtime_ns
        known = self._read.get(file)
        if known is None or known[0] != changed:
            known = (changed, self._load(file))
            self._read[file] = known
        return known[1]

    def _load(self, file: Path) -> CertifiedKey:
        if file.stat().st_mode & _OPEN_TO_OTHERS:
            raise SealingError(f"{file.name} can be read by others; chmod 600 it")
        data = file.read_bytes()
        try:
            if file.suffix == ".p12":
                private, certificate, others = pkcs12.load_key_and_certificates(data, self._password)
                return certified(private, [*filter(None, [certificate]), *others])
            encrypted = self._password if b"ENCRYPTED" in data else None
            return certified(load_pem_private_key(data, encrypted), x509.load_pem_x509_certificates(data))
        except (ValueError, TypeError) as error:
            raise SealingError(f"{file.name} cannot be opened with SEALING_PASSWORD") from error
        except SealingError as error:
            raise SealingError(f"{file.name}: {error}") from error
