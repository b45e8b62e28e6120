"""A certification authority and a time-stamp authority for tests: real certificates, keys that live in memory."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SEAL_USAGE = ("digital_signature", "content_commitment")
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in _USAGES})


def name(common: str, *, country: str = "FI", organisation: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, country)]
    if organisation is not None:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organisation))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Authority:
    """Issues under its own self-signed certificate, or under `parent` as an intermediate."""

    common: str = "Test authority"
    parent: "Authority | None" = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        signer = self.parent or self
        subject = name(self.common)
        builder = _builder(subject, subject if self.parent is None else signer.certificate.subject, self.key)
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=True, path_length=None), True),
            (usage("key_cert_sign", "crl_sign"), True),
        ]
        self.certificate = _signed(builder, extensions, signer.key)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """This authority's certificate and those above it."""
        return (self.certificate, *(self.parent.chain if self.parent else ()))

    def certify(
        self,
        key: Key,
        subject: x509.Name,
        *,
        usages: Sequence[str] = SEAL_USAGE,
        begin: datetime = BEGIN,
        end: datetime = END,
        purpose: x509.ObjectIdentifier | None = None,
        authority: bool = False,
        more: Sequence[x509.ExtensionType] = (),
    ) -> x509.Certificate:
        builder = _builder(subject, self.certificate.subject, key, begin, end)
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=authority, path_length=None), True),
            (usage(*usages), True),
            *((extension, False) for extension in more),
        ]
        if purpose is not None:
            extensions.append((x509.ExtendedKeyUsage([purpose]), True))
        return _signed(builder, extensions, self.key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, begin: datetime = BEGIN, end: datetime = END
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=begin,
        not_valid_after=end,
    )


def _signed(
    builder: x509.CertificateBuilder,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
    key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def pem(key: Key, chain: Sequence[x509.Certificate]) -> bytes:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def p12(key: Key, chain: Sequence[x509.Certificate], password: bytes) -> bytes:
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(1000)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .build(password)
    )
    return pkcs12.serialize_key_and_certificates(b"seal", key, chain[0], chain[1:], encryption)


class StampingAuthority:
    """A time-stamp authority by OpenSSL's own implementation (`openssl ts`): answers RFC 3161 requests."""

    def __init__(self, folder: Path, parent: Authority) -> None:
        self.folder = folder
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        certificate = parent.certify(
            key,
            name("Test time-stamp authority"),
            usages=("digital_signature",),
            begin=now - timedelta(days=1),
            end=now + timedelta(days=1),
            purpose=ExtendedKeyUsageOID.TIME_STAMPING,
        )
        (folder / "tsa.pem").write_bytes(pem(key, [certificate]))
        (folder / "serial").write_text("01\n", encoding="ascii")
        (folder / "tsa.cnf").write_text(
            "[tsa]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256, sha384, sha512\naccuracy = secs:1\ness_cert_id_chain = no\n",
            encoding="ascii",
        )

    def answer(self, request: bytes) -> bytes:
        """The response to a DER request, as the body of an `application/timestamp-reply`."""
        (self.folder / "request.tsq").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile"]
        subprocess.run(
            [*command, "request.tsq", "-signer", "tsa.pem", "-inkey", "tsa.pem", "-out", "response.tsr"],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        return (self.folder / "response.tsr").read_bytes()
