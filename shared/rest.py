"""Ask another service over REST, as a service: client credentials, time limits, connections that stay open."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urljoin

import structlog
import urllib3

from shared.keyfiles import service_secret
from shared.settings import Settings

CONNECT_SECONDS: Final = 2.0
READ_SECONDS: Final = 10.0
MAX_BYTES: Final = 4 * 1024 * 1024
_RENEW_BEFORE: Final = 30.0
_OK: Final = 200
_NOT_FOUND: Final = 404
_UNAUTHORIZED: Final = 401


class RestError(Exception):
    """Another service did not answer with what was asked for; the message names service, path and status only."""


class RestUnavailableError(RestError):
    """It is away, or too slow, or in trouble (5xx, 429): trying again later is right."""


class RestMissingError(RestError):
    """It has no such resource, or none that a service may see."""


class RestRefusedError(RestError):
    """It refused the request as wrong (4xx): a defect, or a setting that does not fit."""


class RestClient:
    """Reads from the other services of this installation; safe to share between threads.

    Every answer that is not 200 with JSON of at most 4 MiB is one of the errors above.
    """

    def __init__(self, settings: Settings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._pool = urllib3.PoolManager(
            num_pools=8,
            maxsize=16,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._token_endpoint: str | None = None

    def get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON that `service` has at `path` ("/admission/v1/offerings/x/versions/1").

        Raises:
            RestUnavailableError: away or in trouble; try again later.
            RestMissingError: 404.
            RestRefusedError: any other refusal.
        """
        query = f"?{urlencode(params)}" if params else ""
        return self._ask(service, f"{path}{query}")

    def post(self, service: str, path: str, document: Mapping[str, Any]) -> Any:
        """The JSON that `service` answers to `document`, for questions too long for an address; changes nothing there.

        Raises:
            RestError: as `get`.
        """
        return self._ask(service, path, json.dumps(document, ensure_ascii=False).encode())

    def pages(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """All items of the list at `path`, page after page.

        Raises:
            RestError: as `get`.
        """
        following: str | None = f"{path}?{urlencode(params)}" if params else path
        while following:
            page = self._ask(service, following)
            yield from page["items"]
            following = page["next"]

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.clear()

    def _ask(self, service: str, path: str, question: bytes | None = None) -> Any:
        url = urljoin(self._settings.service_url(service), path)
        method = "GET" if question is None else "POST"
        status, body = self._request(method, url, self._headers(question), question)
        if status == _UNAUTHORIZED:
            # The issuer may have changed its keys: a token of before does not count any more.
            self._forget_token()
            status, body = self._request(method, url, self._headers(question), question)
        return _document(f"{service}: {method} {path.partition('?')[0]}", status, body)

    def _headers(self, question: bytes | None) -> dict[str, str]:
        content = {} if question is None else {"Content-Type": "application/json"}
        return {**_context(), **content, "Authorization": f"Bearer {self._bearer()}"}

    def _bearer(self) -> str:
        with self._lock:
            if self._token is None or self._monotonic() >= self._renew_at:
                self._token, lifetime = self._new_token()
                self._renew_at = self._monotonic() + max(lifetime - _RENEW_BEFORE, lifetime / 2)
            return self._token

    def _forget_token(self) -> None:
        with self._lock:
            self._token = None

    def _new_token(self) -> tuple[str, float]:
        issuer = self._settings.oidc_issuer.rstrip("/")
        if self._token_endpoint is None:
            answer = self._request("GET", f"{issuer}/.well-known/openid-configuration", {})
            self._token_endpoint = str(_document("issuer: discovery", *answer)["token_endpoint"])
        credentials = f"{self._settings.service_client_id}:{service_secret(self._settings)}"
        headers = {
            **urllib3.make_headers(basic_auth=credentials),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"grant_type": "client_credentials"}).encode()
        granted = _document("issuer: token", *self._request("POST", self._token_endpoint, headers, form))
        return str(granted["access_token"]), float(granted.get("expires_in", 60))

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        try:
            response = self._pool.request(
                method,
                url,
                body=body,
                headers={"Accept": "application/json", **headers},
                redirect=False,
                preload_content=False,
            )
            try:
                content = response.read(MAX_BYTES + 1)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise RestUnavailableError(f"{url.partition('?')[0]}: {type(error).__name__}") from error
        if len(content) > MAX_BYTES:
            raise RestRefusedError(f"{url.partition('?')[0]}: the answer exceeds {MAX_BYTES} bytes")
        return response.status, content


def _document(what: str, status: int, body: bytes) -> Any:
    if status == _NOT_FOUND:
        raise RestMissingError(f"{what}: 404")
    if status >= 500 or status == 429:  # noqa: PLR2004 - the classes of RFC 9110
        raise RestUnavailableError(f"{what}: {status}")
    if status != _OK:
        raise RestRefusedError(f"{what}: {status}")
    try:
        return json.loads(body)
    except ValueError as error:
        raise RestUnavailableError(f"{what}: the answer is not JSON") from error


def _context() -> dict[str, str]:
    """The identifiers of the case that this request belongs to, where the caller's log context has them."""
    bound = structlog.contextvars.get_contextvars()
    headers = {"X-Correlation-Id": bound.get("correlation_id"), "traceparent": bound.get("traceparent")}
    return {name: value for name, value in headers.items() if isinstance(value, str)}
