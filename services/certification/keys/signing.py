"""Signing as a port: for whom and with which active key. Where the private keys lie is the business of `safes`."""

from dataclasses import dataclass
from typing import Protocol

from services.certification.formats.did import public_key_of
from services.certification.formats.jws import JwtKey, jwk_of
from services.certification.keys.encryption import KeyEncryption
from services.certification.keys.safes import (
    RSA_BITS,
    EncryptedSafe,
    PrivateKey,
    Safe,
    Sign,
    key_name,
    sign,
)
from services.certification.store import issuer_keys, log
from services.certification.store.issuer_keys import EDDSA, RS256
from shared.messaging.unit_of_work import Transactions

__all__ = ["NoActiveKeyError", "NoModuleError", "PrivateKey", "Signer", "Signers", "Vault", "sign"]


class Signer(Protocol):
    """Signs for one issuer with one key."""

    @property
    def key(self) -> str:
        """The key's name: its Multikey string, or of an RSA key its JWK thumbprint."""

    @property
    def public(self) -> JwtKey:
        """What verifies its signatures."""

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` in the form of JOSE.

        The same data gives the same signature, except by ES256 in a hardware module.
        """


class Signers(Protocol):
    """Finds the signer of an institution."""

    def active(self, institution: str, algorithm: str = EDDSA) -> Signer:
        """The signer with the institution's active key of `algorithm` (EdDSA, ES256 or RS256)."""

    def prepare(self, institution: str, algorithm: str = EDDSA, bits: int = RSA_BITS) -> None:
        """Make a key of `algorithm` for the institution that waits to be activated."""


class NoActiveKeyError(Exception):
    """The institution has had keys and none is active: people have to activate another."""


class NoModuleError(Exception):
    """The key lies in a hardware module, and the settings name none."""


@dataclass(frozen=True, slots=True)
class _VaultSigner:
    key: str
    public: JwtKey
    opened: Sign

    def sign(self, data: bytes) -> bytes:
        return self.opened(data)


class Vault:
    """Signers whose keys this service's database names; an institution's first key is made on first need.

    New keys are made in the hardware module where there is one; those made before stay where they are until they are
    rotated. A key that has been opened stays open in this process; whether it is still the active one is asked every
    time.
    """

    def __init__(
        self, transactions: Transactions, encryption: KeyEncryption, module: Safe | None = None
    ) -> None:
        self._transactions = transactions
        self._encrypted = EncryptedSafe(encryption)
        self._module = module
        self._opened: dict[str, _VaultSigner] = {}

    def active(self, institution: str, algorithm: str = EDDSA) -> Signer:
        """The signer with the institution's active key of `algorithm`.

        Raises:
            KeyEncryptionError, NoModuleError, ModuleError: the key cannot be opened.
            NoActiveKeyError: the last one was compromised and no other is active yet.
        """
        with self._transactions.database.read() as connection:
            # Asked first: a first key that somebody makes at this moment must not look like one that was lost.
            before = issuer_keys.in_states(connection, institution, issuer_keys.SIGNED, (algorithm,))
            key = issuer_keys.active(connection, institution, algorithm)
            kept = issuer_keys.kept(connection, key.multikey) if key is not None else None
        if key is None or kept is None:
            if before:
                raise NoActiveKeyError(f"{institution} has no active {algorithm} key; activate another one")
            self._make(institution, algorithm, RSA_BITS, first=True)
            return self.active(institution, algorithm)
        if key.multikey not in self._opened:
            opened = self._safe(in_module=kept.module_id is not None).open(
                institution, key.multikey, algorithm, kept
            )
            self._opened[key.multikey] = _VaultSigner(key.multikey, public_key_of(key), opened)
        return self._opened[key.multikey]

    def prepare(self, institution: str, algorithm: str = EDDSA, bits: int = RSA_BITS) -> None:
        """Make a pending key; nothing where one is pending already."""
        self._make(institution, algorithm, bits, first=False)

    def _safe(self, *, in_module: bool) -> Safe:
        if not in_module:
            return self._encrypted
        if self._module is None:
            raise NoModuleError("a signing key lies in a hardware module; set PKCS11_MODULE")
        return self._module

    def _make(self, institution: str, algorithm: str, bits: int, *, first: bool) -> None:
        """Add a key; where another process did it at the same time, its key is the one."""
        made = self._safe(in_module=self._module is not None).make(institution, algorithm, bits)
        name = key_name(made.public)
        jwk = jwk_of(made.public, name) if algorithm == RS256 else None
        with self._transactions.begin() as uow:
            active_from = uow.now if first else None
            added = issuer_keys.add(
                uow, institution, algorithm, name, made.kept, jwk=jwk, active_from=active_from
            )
            if added and first:
                log.append(uow, "key_activated", name, institution)
