"""A person, a partner or a member of staff at the public REST API: a token, requests, answers. Nothing else is used."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import urllib3

_PERSON_GRANT: Final = "urn:passerelle:grant:development-person"
_AWAY: Final = frozenset({502, 503})
_PAUSE: Final = 0.1
_PATIENCE: Final = 60.0
_REFUSED: Final = 400
_FORM: Final = "application/x-www-form-urlencoded"
_MERGE_PATCH: Final = "application/merge-patch+json"


class RefusedError(RuntimeError):
    """The API refused a request; `problem` is its problem document."""

    def __init__(self, method: str, path: str, answer: "Answer") -> None:
        self.status = answer.status
        self.problem: Any = answer.document() if "json" in answer.content_type else repr(answer.body[:300])
        super().__init__(f"{method} {path}: {answer.status} {self.problem}")


def refused_with(doing: Callable[[], object]) -> int:
    """The status with which the API refuses it; 0 where it does not."""
    try:
        doing()
    except RefusedError as refusal:
        return refusal.status
    return 0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    def document(self) -> Any:
        return json.loads(self.body)


class Door:
    """The addresses of a running system: one per service, chosen by the first segment of a path."""

    def __init__(self, addresses: Mapping[str, str], issuer: str, log: Path | None = None) -> None:
        """`addresses` by service name (`verify` belongs to certification); `issuer` is the issuer's address."""
        self.addresses = {**addresses, "verify": addresses["certification"]}
        self.issuer = issuer
        self._pool = urllib3.PoolManager(
            maxsize=32, retries=False, timeout=urllib3.Timeout(connect=5, read=30)
        )
        self._log = log.open("a", encoding="utf-8") if log else None
        self._lock = threading.Lock()

    def caller(self, *roles: str, institution: str | None = None, subject: str | None = None) -> "Client":
        """Somebody with a token of the development issuer."""
        return Client(self, self.token(*roles, institution=institution, subject=subject))

    def token(self, *roles: str, institution: str | None = None, subject: str | None = None) -> str:
        """An access token of the development issuer."""
        form = [("grant_type", _PERSON_GRANT), *(("role", role) for role in roles)]
        form += [
            (name, value) for name, value in (("institution", institution), ("subject", subject)) if value
        ]
        answer = self.send(
            "POST",
            f"{self.issuer}/token",
            urlencode(form).encode(),
            {"Content-Type": _FORM},
        )
        return str(answer.document()["access_token"])

    def anybody(self) -> "Client":
        """Somebody without a token."""
        return Client(self, None)

    def url(self, path: str) -> str:
        return self.addresses[path.split("/", 2)[1].partition("?")[0]] + path

    def send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send a request, again while the system is away or asks for it: every command has an Idempotency-Key.

        After a minute, or where more than is left of it would have to be waited, the answer is the answer.

        Raises:
            urllib3.exceptions.HTTPError: nobody answered for a minute.
        """
        began = time.monotonic()
        pause = threading.Event()
        while True:
            left = _PATIENCE - (time.monotonic() - began)
            try:
                response = self._pool.request(method, url, body=body, headers=headers, redirect=False)
            except urllib3.exceptions.HTTPError:
                if left <= 0:
                    raise
                pause.wait(_PAUSE)
                continue
            wait = _asked_to_wait(response.status, response.headers)
            if wait is None or wait >= left:
                break
            pause.wait(wait)
        self._note(f"{method} {url} {response.status} {(time.monotonic() - began) * 1000:.0f} ms")
        return Answer(response.status, response.headers, response.data)

    def _note(self, line: str) -> None:
        if self._log:
            with self._lock:
                self._log.write(f"{line}\n")

    def close(self) -> None:
        self._pool.clear()
        if self._log:
            self._log.close()


def _asked_to_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """The seconds after which the same request is to be sent again; None where the answer is the answer."""
    told = headers.get("Retry-After", "")
    if told.isdigit() and status >= _REFUSED:
        return float(told)
    return _PAUSE if status in _AWAY else None


class Client:
    """One caller. Paths are `/{service}/v1/...`; answers are JSON documents; a refusal is a RefusedError."""

    def __init__(self, door: Door, token: str | None) -> None:
        self._door = door
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> Any:
        return self.answer("GET", path).document()

    def raw(self, path: str, accept: str) -> bytes:
        return self.answer("GET", path, headers={"Accept": accept}).body

    def post(self, path: str, document: Any = None) -> Any:
        """A command, safe to send again: it carries its own Idempotency-Key."""
        answer = self.answer(
            "POST", path, document if document is not None else {}, {"Idempotency-Key": uuid.uuid4().hex}
        )
        return answer.document() if answer.body else None

    def form(self, path: str, fields: Mapping[str, str]) -> bytes:
        """What a page answers to a form."""
        body = urlencode(fields).encode()
        headers = {"Accept": "text/html", "Content-Type": _FORM}
        return self._sent("POST", path, body, headers).body

    def put(self, path: str, document: Any) -> Any:
        """A replacement of what is there now."""
        return self.answer("PUT", path, document, {"If-Match": "*"}).document()

    def patch(self, path: str, document: Any) -> Any:
        """A merge patch upon what is there now."""
        return self.answer(
            "PATCH", path, document, {"If-Match": "*", "Content-Type": _MERGE_PATCH}
        ).document()

    def items(self, path: str) -> Iterator[Any]:
        """All items of a list, page after page."""
        following: str | None = path
        while following:
            page = self.get(following)
            yield from page["items"]
            following = page.get("next")

    def feed(self, service: str, after: int = 0) -> tuple[list[Any], int]:
        """Events after a position, in the order of publication, and the position to go on from."""
        answer = self.answer("GET", f"/{service}/v1/events?after={after}&limit=200")
        following = answer.headers["Link"].partition("after=")[2]
        return answer.document(), int(following.partition("&")[0])

    def whole_feed(self, service: str) -> list[Any]:
        events, position = self.feed(service)
        found = list(events)
        while events:
            events, position = self.feed(service, position)
            found += events
        return found

    def answer(
        self, method: str, path: str, document: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = {"Accept": "application/json", **(headers or {})}
        if document is None:
            return self._sent(method, path, None, sent)
        sent.setdefault("Content-Type", "application/json")
        return self._sent(method, path, json.dumps(document, ensure_ascii=False).encode(), sent)

    def _sent(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        answer = self._door.send(method, self._door.url(path), body, {**self._headers, **headers})
        if answer.status >= _REFUSED:
            raise RefusedError(method, path, answer)
        return answer
