"""A certification authority of this machine, so that seals can be made in development; nobody else trusts it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from services.certification.domain.snapshot import text_in
from shared.annex1 import Institution
from shared.keyfiles import persistent

_VALID: Final = timedelta(days=3650)
_BEFORE: Final = timedelta(days=1)
_LONGEST_NAME: Final = 64
_NOBODY: Final = "ZZ"
# RFC 9608: this authority publishes no revocation, so nobody has to look for it.
_NO_REVOCATION: Final = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.56"), b"\x05\x00")


class DevelopmentAuthority:
    """Issues certificates for seals under a key in `file`, which is made the first time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def certificate(self) -> x509.Certificate | None:
        """The authority's own certificate, where there is one by now."""
        return x509.load_pem_x509_certificate(self._file.read_bytes()) if self._file.exists() else None

    def make(self, institution: Institution, at: datetime) -> bytes:
        """A fresh key of `institution` with its certificate and the authority's, as PEM."""
        authority = persistent(self._file, lambda: _authority(at))
        signer = load_pem_private_key(authority, None)
        issuer = x509.load_pem_x509_certificate(authority)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise TypeError("the development authority's key is not on a curve")
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_subject(institution), issuer.subject, key, at)
        made = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sealing=True), critical=True)
            .add_extension(_NO_REVOCATION, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .sign(signer, hashes.SHA256())
        )
        return _pem(key, made, issuer)


def _authority(at: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Passerelle development, trusted by nobody")])
    certificate = (
        _builder(name, name, key, at)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sealing=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pem(key, certificate)


def _subject(institution: Institution) -> x509.Name:
    """The subject of a seal after EN 319 412-3; the register's number is the institution's code here."""
    country = institution.country or _NOBODY
    name = text_in(institution.name, "en") or institution.id
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTR{country}-{institution.id}"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Development seal of {institution.id}"[:_LONGEST_NAME]),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=at - _BEFORE,
        not_valid_after=at + _VALID,
    )


def _usage(*, sealing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sealing,
        content_commitment=sealing,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not sealing,
        crl_sign=not sealing,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey, *certificates: x509.Certificate) -> bytes:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
