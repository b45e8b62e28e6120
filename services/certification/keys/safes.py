"""Where private keys lie: encrypted in this service's database, or in a hardware module that never gives them out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, cast

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from services.certification.formats.did_key import multikey_of
from services.certification.formats.jws import JwtKey, thumbprint
from services.certification.keys.encryption import KeyEncryption
from services.certification.store.issuer_keys import ES256, RS256, Kept

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
Sign = Callable[[bytes], bytes]

RSA_BITS: Final = 3072
_EXPONENT: Final = 65537
_NUMBER: Final = 32
_ES256: Final = ECDSA(SHA256(), deterministic_signing=True)


@dataclass(frozen=True, slots=True)
class NewKey:
    public: JwtKey
    kept: Kept


class Safe(Protocol):
    """Makes private keys and signs with them."""

    def make(self, institution: str, algorithm: str, bits: int) -> NewKey:
        """A new key for `algorithm`; `bits` is the length of an RSA key."""

    def open(self, institution: str, key: str, algorithm: str, kept: Kept) -> Sign:
        """How to sign with the key of that name.

        Raises:
            KeyEncryptionError, ModuleError: it cannot be opened.
        """


class EncryptedSafe:
    """Keys encrypted with a key-encryption key; the key's owner and name are authenticated with it."""

    def __init__(self, encryption: KeyEncryption) -> None:
        self._encryption = encryption

    def make(self, institution: str, algorithm: str, bits: int) -> NewKey:
        private = generate(algorithm, bits)
        public = private.public_key()
        owner = _owner(institution, key_name(public))
        return NewKey(public, Kept(wrapped=self._encryption.wrap(_raw(private), owner)))

    def open(self, institution: str, key: str, algorithm: str, kept: Kept) -> Sign:
        private = _private(self._encryption.unwrap(kept.wrapped, _owner(institution, key)), algorithm)
        return lambda data: sign(private, data)


def key_name(public: JwtKey) -> str:
    """What names a key: its Multikey string, or of an RSA key its JWK thumbprint."""
    return thumbprint(public) if isinstance(public, RSAPublicKey) else multikey_of(public)


def generate(algorithm: str, bits: int = RSA_BITS) -> PrivateKey:
    """A new private key for `algorithm` (EdDSA, ES256 or RS256)."""
    if algorithm == RS256:
        return generate_rsa(_EXPONENT, bits)
    return generate_private_key(SECP256R1()) if algorithm == ES256 else Ed25519PrivateKey.generate()


def sign(private: PrivateKey, data: bytes) -> bytes:
    """The signature over `data` as JOSE has it: Ed25519, RSA (PKCS#1 v1.5, SHA-256), or ECDSA by RFC 6979."""
    if isinstance(private, Ed25519PrivateKey):
        return private.sign(data)
    if isinstance(private, RSAPrivateKey):
        return private.sign(data, PKCS1v15(), SHA256())
    r, s = decode_dss_signature(private.sign(data, _ES256))
    return r.to_bytes(_NUMBER) + s.to_bytes(_NUMBER)


def _private(raw: bytes, algorithm: str) -> PrivateKey:
    if algorithm == RS256:
        return cast("RSAPrivateKey", load_der_private_key(raw, None))
    if algorithm == ES256:
        return derive_private_key(int.from_bytes(raw), SECP256R1())
    return Ed25519PrivateKey.from_private_bytes(raw)


def _raw(private: PrivateKey) -> bytes:
    if isinstance(private, Ed25519PrivateKey):
        return private.private_bytes_raw()
    if isinstance(private, RSAPrivateKey):
        return private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return private.private_numbers().private_value.to_bytes(_NUMBER)


def _owner(institution: str, key: str) -> str:
    return f"{institution}|{key}"
