"""Codes and nonces of wallets, made from the secret of this installation, so that no database gives one away.

A code is computed again whenever the learner looks at the offer; what is stored is a keyed hash. A nonce proves by
itself that it was made here and when; only used ones are remembered.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.certification.domain.wallet import NONCE_LIFETIME
from services.certification.formats.wallet_metadata import TRANSACTION_CODE_LENGTH
from shared.keyfiles import installation_secret
from shared.settings import Settings

_CODE_BYTES: Final = 24
_RANDOM_BYTES: Final = 16
_MOMENT_BYTES: Final = 5
_NONCE_BYTES: Final = _MOMENT_BYTES + _RANDOM_BYTES + _CODE_BYTES


@dataclass(frozen=True, slots=True)
class WalletSecrets:
    """Everything secret about wallets, from one `key`."""

    key: bytes

    @classmethod
    def of(cls, settings: Settings) -> "WalletSecrets":
        return cls(installation_secret(settings).encode())

    def code(self, offer_id: str) -> str:
        """The pre-authorised code of an offer: 192 bits that only this installation can compute."""
        return _base64(self._keyed("pre-authorized code", offer_id))

    def reference(self, offer_id: str) -> str:
        """Under which the offer is fetched; a letter first, so that it is a segment of a path whatever follows."""
        return "r" + _base64(self._keyed("reference", offer_id))

    def transaction_code(self, offer_id: str) -> str:
        number = int.from_bytes(self._keyed("transaction code", offer_id))
        return f"{number % 10**TRANSACTION_CODE_LENGTH:0{TRANSACTION_CODE_LENGTH}d}"

    def hashed(self, secret: str) -> str:
        """What is stored of a code or a token; without the key even six digits cannot be tried out."""
        return hmac.new(self.key, b"hash\0" + secret.encode("utf-8", "replace"), "sha256").hexdigest()

    def nonce(self, issuer: str, now: datetime) -> str:
        """A fresh nonce for proofs to `issuer`."""
        until = int((now + NONCE_LIFETIME).timestamp()).to_bytes(_MOMENT_BYTES)
        content = until + secrets.token_bytes(_RANDOM_BYTES)
        return _base64(content + self._sealed(issuer, content))

    def nonce_expires(self, nonce: str, issuer: str, now: datetime) -> datetime | None:
        """Until when a nonce counts; None where it was not made here for `issuer`, or counts no more."""
        try:
            data = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
        except ValueError:
            return None
        content, seal = data[: _MOMENT_BYTES + _RANDOM_BYTES], data[_MOMENT_BYTES + _RANDOM_BYTES :]
        if len(data) != _NONCE_BYTES or not hmac.compare_digest(seal, self._sealed(issuer, content)):
            return None
        until = datetime.fromtimestamp(int.from_bytes(content[:_MOMENT_BYTES]), UTC)
        return until if until > now and _base64(data) == nonce else None

    def _sealed(self, issuer: str, content: bytes) -> bytes:
        return self._keyed("nonce", f"{issuer}\0{content.hex()}")

    def _keyed(self, purpose: str, about: str) -> bytes:
        return hmac.new(self.key, f"{purpose}\0{about}".encode(), "sha256").digest()[:_CODE_BYTES]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
