"""The key with which the VC-API signs: a did:key of this installation, and of no awarding body."""

import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.keyfiles import persistent
from shared.settings import Settings

_LENGTH: Final = 32


def vc_api_key(settings: Settings) -> Ed25519PrivateKey:
    """The key, made the first time and readable by its owner only.

    Raises:
        ExposedSecretError: others may read the file.
        ValueError: it does not hold 32 bytes in hexadecimal.
    """
    text = persistent(settings.home / "vc-api.key", lambda: os.urandom(_LENGTH).hex().encode())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.decode("ascii").strip()))
