"""Signing as a port: today the keys of our vault, later a remote seal or a hardware module."""

from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.formats.multikey import multikey
from services.certification.keys.encryption import KeyEncryption
from services.certification.store import issuer_keys
from shared.messaging.unit_of_work import Transactions


class Signer(Protocol):
    """Signs for one issuer with one key, which its Multikey string names."""

    @property
    def key(self) -> str: ...

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature over `data`; the same data gives the same signature."""


class Signers(Protocol):
    """Finds the signer of an institution."""

    def active(self, institution: str) -> Signer:
        """The signer with the institution's active key."""


@dataclass(frozen=True, slots=True)
class _VaultSigner:
    key: str
    private: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


class Vault:
    """Signers whose keys lie encrypted in this service's database; an institution's first key is made on first need.

    A key that has been opened stays open in this process; whether it is still the active one is asked every time.
    """

    def __init__(self, transactions: Transactions, encryption: KeyEncryption) -> None:
        self._transactions = transactions
        self._encryption = encryption
        self._opened: dict[str, _VaultSigner] = {}

    def active(self, institution: str) -> Signer:
        """The signer with the institution's active key.

        Raises:
            KeyEncryptionError: the key cannot be opened.
        """
        with self._transactions.database.read() as connection:
            row = issuer_keys.active(connection, institution)
        if row is None:
            self._make(institution)
            return self.active(institution)
        if row.multikey not in self._opened:
            raw = self._encryption.unwrap(row.wrapped, _owner(institution, row.multikey))
            self._opened[row.multikey] = _VaultSigner(row.multikey, Ed25519PrivateKey.from_private_bytes(raw))
        return self._opened[row.multikey]

    def _make(self, institution: str) -> None:
        """Add a first key; where another process did it at the same time, its key is the one."""
        private = Ed25519PrivateKey.generate()
        key = multikey(private.public_key().public_bytes_raw())
        wrapped = self._encryption.wrap(private.private_bytes_raw(), _owner(institution, key))
        with self._transactions.begin() as uow:
            issuer_keys.add_first(uow, institution, key, wrapped)


def _owner(institution: str, key: str) -> str:
    return f"{institution}|{key}"
