"""An independent judge of certificates: openbadgeslib, which knows nothing of this system but its public addresses."""

import threading
from typing import Any
from urllib.parse import urlsplit

from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from deploy.demo.client import Door


class Judge:
    """Verifies credentials with the issuer's public key and status list as the running system publishes them."""

    def __init__(self, door: Door) -> None:
        self._door = door
        # PyLD shares its caches of contexts between threads without a lock of its own.
        self._lock = threading.Lock()

    def objection(self, credential: dict[str, Any]) -> str | None:
        """Why the credential is refused; None where it is accepted: signature, validity and status."""
        with self._lock:
            try:
                OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"]).verify(
                    credential, check_status=True, download=self._download, verify_status_list=False
                )
            except OB3VerificationError as error:
                return str(error)
        return None

    def _download(self, url: str, **_limits: Any) -> bytes:
        """did:web means HTTPS on the public host; the demonstration's host speaks HTTP on the loopback address."""
        parts = urlsplit(url)
        return self._door.anybody().raw(parts.path, "application/json, */*")
