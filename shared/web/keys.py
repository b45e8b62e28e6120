"""The public keys that access tokens are checked with: from the issuer's discovery document, or from this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import jwt
import structlog
import urllib3

from shared.domain import UnavailableError

ALGORITHMS: Final = frozenset({"RS256", "ES256", "EdDSA"})
REFRESH_SECONDS: Final = 300.0
UNKNOWN_KEY_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 2.0
KEEP_SECONDS: Final = 3600.0
_MAX_DOCUMENT: Final = 256 * 1024
_log = structlog.get_logger(__name__)


class KeySource(Protocol):
    """Where a verifier finds the key that a token names."""

    def find(self, kid: str) -> jwt.PyJWK | None:
        """The public key `kid`; None where the issuer has no such key.

        Raises:
            UnavailableError: the issuer's keys cannot be had at present.
        """


def usable(documents: Iterable[Any]) -> dict[str, jwt.PyJWK]:
    """The keys of a JWK set that may verify tokens, by their `kid`: for signatures, of a listed algorithm."""
    found: dict[str, jwt.PyJWK] = {}
    for document in documents:
        if not isinstance(document, dict) or document.get("use", "sig") != "sig" or "kid" not in document:
            continue
        try:
            key = jwt.PyJWK.from_dict(document)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS:
            found[str(document["kid"])] = key
    return found


class FixedKeys:
    """Keys known beforehand, or read again at every miss; for the development issuer's own process and for tests."""

    def __init__(self, read: Callable[[], Iterable[Mapping[str, Any]]]) -> None:
        self._read = read
        self._keys: dict[str, jwt.PyJWK] | None = None

    def find(self, kid: str) -> jwt.PyJWK | None:
        if self._keys is None:
            self._keys = usable(self._read())
        return self._keys.get(kid)


class DiscoveredKeys:
    """The keys of an OpenID provider, kept at most an hour and looked up again every five minutes.

    A key that the issuer withdrew stops working within five minutes while the issuer answers. A token with an
    unknown key makes us ask at most once a minute, so that nobody can use us to load the issuer.
    """

    def __init__(
        self,
        issuer: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        self._issuer = issuer.rstrip("/")
        self._monotonic = monotonic
        self._pool = pool or urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=2.0, read=3.0), retries=False
        )
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._asked: float | None = None

    def find(self, kid: str) -> jwt.PyJWK | None:
        key = self._keys.get(kid)
        # Whose key is not known waits for a look-up that is under way: it may bring the key.
        if (key is None or self._due(key)) and self._lock.acquire(blocking=key is None):
            try:
                key = self._keys.get(kid)
                if self._due(key):
                    self._refresh()
            finally:
                self._lock.release()
        if self._fetched is None or self._age(self._fetched) > KEEP_SECONDS:
            raise UnavailableError(
                "The identity provider does not answer; tokens cannot be checked at present."
            )
        return self._keys.get(kid)

    def _due(self, key: jwt.PyJWK | None) -> bool:
        if self._asked is None:
            return True
        if self._fetched is None or self._fetched < self._asked:
            return self._age(self._asked) > RETRY_SECONDS
        return self._age(self._fetched) > (UNKNOWN_KEY_SECONDS if key is None else REFRESH_SECONDS)

    def _age(self, moment: float) -> float:
        return self._monotonic() - moment

    def _refresh(self) -> None:
        self._asked = self._monotonic()
        try:
            self._keys = usable(self._get(self._address_of_keys())["keys"])
            self._fetched = self._asked
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("issuer_unreachable", issuer=self._issuer, error=type(error).__name__)

    def _address_of_keys(self) -> str:
        discovery = self._get(f"{self._issuer}/.well-known/openid-configuration")
        if discovery["issuer"].rstrip("/") != self._issuer:
            raise ValueError("the discovery document is of another issuer")
        return str(discovery["jwks_uri"])

    def _get(self, url: str) -> dict[str, Any]:
        response = self._pool.request("GET", url, redirect=False, preload_content=False)
        try:
            body = response.read(_MAX_DOCUMENT + 1)
        finally:
            response.release_conn()
        if response.status != 200 or len(body) > _MAX_DOCUMENT:  # noqa: PLR2004 - OK
            raise ValueError(f"the issuer answered {response.status}")
        document: dict[str, Any] = json.loads(body)
        return document
