"""Signing as a port: today the keys of our vault, later a remote seal or a hardware module."""

from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.certification.formats.did_key import multikey_of
from services.certification.keys.encryption import KeyEncryption
from services.certification.store import issuer_keys, log
from services.certification.store.issuer_keys import EDDSA, ES256
from shared.messaging.unit_of_work import Transactions

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

_NUMBER: Final = 32
_ES256: Final = ECDSA(SHA256(), deterministic_signing=True)


class Signer(Protocol):
    """Signs for one issuer with one key, which its Multikey string names."""

    @property
    def key(self) -> str: ...

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` in 64 bytes; the same data gives the same signature."""


class Signers(Protocol):
    """Finds the signer of an institution."""

    def active(self, institution: str, algorithm: str = EDDSA) -> Signer:
        """The signer with the institution's active key of `algorithm` (EdDSA or ES256)."""

    def prepare(self, institution: str, algorithm: str = EDDSA) -> None:
        """Make a key of `algorithm` for the institution that waits to be activated."""


class NoActiveKeyError(Exception):
    """The institution has had keys and none is active: people have to activate another."""


@dataclass(frozen=True, slots=True)
class _VaultSigner:
    key: str
    private: PrivateKey

    def sign(self, data: bytes) -> bytes:
        return sign(self.private, data)


def sign(private: PrivateKey, data: bytes) -> bytes:
    """The signature over `data` as JOSE has it: Ed25519, RSA (PKCS#1 v1.5, SHA-256), or ECDSA by RFC 6979."""
    if isinstance(private, Ed25519PrivateKey):
        return private.sign(data)
    if isinstance(private, RSAPrivateKey):
        return private.sign(data, PKCS1v15(), SHA256())
    r, s = decode_dss_signature(private.sign(data, _ES256))
    return r.to_bytes(_NUMBER) + s.to_bytes(_NUMBER)


class Vault:
    """Signers whose keys lie encrypted in this service's database; an institution's first key is made on first need.

    A key that has been opened stays open in this process; whether it is still the active one is asked every time.
    """

    def __init__(self, transactions: Transactions, encryption: KeyEncryption) -> None:
        self._transactions = transactions
        self._encryption = encryption
        self._opened: dict[str, _VaultSigner] = {}

    def active(self, institution: str, algorithm: str = EDDSA) -> Signer:
        """The signer with the institution's active key of `algorithm`.

        Raises:
            KeyEncryptionError: the key cannot be opened.
            NoActiveKeyError: the last one was compromised and no other is active yet.
        """
        with self._transactions.database.read() as connection:
            key = issuer_keys.active(connection, institution, algorithm)
            before = issuer_keys.in_states(connection, institution, issuer_keys.SIGNED, (algorithm,))
            encrypted = issuer_keys.wrapped(connection, key.multikey) if key is not None else b""
        if key is None:
            if before:
                raise NoActiveKeyError(f"{institution} has no active {algorithm} key; activate another one")
            self._make(institution, algorithm, first=True)
            return self.active(institution, algorithm)
        if key.multikey not in self._opened:
            raw = self._encryption.unwrap(encrypted, _owner(institution, key.multikey))
            self._opened[key.multikey] = _VaultSigner(key.multikey, _private(raw, algorithm))
        return self._opened[key.multikey]

    def prepare(self, institution: str, algorithm: str = EDDSA) -> None:
        """Make a pending key; nothing where one is pending already."""
        self._make(institution, algorithm, first=False)

    def _make(self, institution: str, algorithm: str, *, first: bool) -> None:
        """Add a key; where another process did it at the same time, its key is the one."""
        private: PrivateKey = (
            generate_private_key(SECP256R1()) if algorithm == ES256 else Ed25519PrivateKey.generate()
        )
        key = multikey_of(private.public_key())
        wrapped = self._encryption.wrap(_raw(private), _owner(institution, key))
        with self._transactions.begin() as uow:
            active_from = uow.now if first else None
            if issuer_keys.add(uow, institution, algorithm, key, wrapped, active_from=active_from) and first:
                log.append(uow, "key_activated", key, institution)


def _private(raw: bytes, algorithm: str) -> PrivateKey:
    if algorithm == ES256:
        return derive_private_key(int.from_bytes(raw), SECP256R1())
    return Ed25519PrivateKey.from_private_bytes(raw)


def _raw(private: PrivateKey) -> bytes:
    if isinstance(private, Ed25519PrivateKey):
        return private.private_bytes_raw()
    return private.private_numbers().private_value.to_bytes(_NUMBER)


def _owner(institution: str, key: str) -> str:
    return f"{institution}|{key}"
