"""Private keys at rest: AES-256-GCM under a key-encryption key that lies in a file of its own."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.keyfiles import persistent
from shared.settings import Settings

_LENGTH: Final = 32
_NONCE: Final = 12


class KeyEncryptionError(ValueError):
    """The key-encryption key is missing, malformed, or not the one the keys were encrypted with."""


class KeyEncryption:
    """Wraps private keys. `owner` is authenticated with each: a wrapped key is of no use under another name."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def wrap(self, private: bytes, owner: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, private, owner.encode())

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The private key.

        Raises:
            KeyEncryptionError: another key-encryption key, another owner, or a damaged row.
        """
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], owner.encode())
        except InvalidTag:
            raise KeyEncryptionError(
                "a signing key cannot be opened: KEY_ENCRYPTION_KEY_FILE is not the one it was encrypted with"
            ) from None


def load_key_encryption(settings: Settings) -> KeyEncryption:
    """The key-encryption key: 32 bytes in hexadecimal, readable by its owner only.

    In development this machine makes one the first time. In production an operator provides it, so that it is
    backed up apart from the databases.

    Raises:
        KeyEncryptionError: it is missing in production, or malformed.
        ExposedSecretError: others may read the file.
    """
    file = settings.key_encryption_key_file
    if settings.environment == "production" and not file.exists():
        raise KeyEncryptionError(
            "KEY_ENCRYPTION_KEY_FILE does not exist; make it once with `openssl rand -hex 32` and keep a copy"
        )
    text = persistent(file, lambda: os.urandom(_LENGTH).hex().encode())
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _LENGTH:
        raise KeyEncryptionError("KEY_ENCRYPTION_KEY_FILE does not hold 32 bytes in hexadecimal")
    return KeyEncryption(key)
