"""Commands per second: people who sign up, begin an application and hand it in, 16 at a time.

Each is an authenticated request through the real route, into the database and the outbox; while they run the
relays, consumers and jobs of all services do their work on the same two cores.
"""

import json
import secrets
import socket
import threading
import time
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

from bench.samples import Samples
from deploy.demo.cast import TWO_TRACKS
from deploy.demo.client import Door

CLIENTS: Final = 16
_CREATED: Final = b"201"
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


class _Caller:
    """One client with one connection that stays open; as little work of its own as possible."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.durations: list[float] = []

    def post(self, token: str, path: str, document: Any) -> bytes:
        """Send the command; returns the answer's body."""
        body = json.dumps(document).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Idempotency-Key: {secrets.token_hex(16)}\r\n\r\n"
        )
        began = time.perf_counter()
        self._connection.sendall(head.encode() + body)
        status, content = self._answer()
        self.durations.append(time.perf_counter() - began)
        if status != _CREATED:
            raise RuntimeError(f"POST {path}: {status.decode()} {content.decode()}")
        return content

    def _answer(self) -> tuple[bytes, bytes]:
        received = self._more(b"")
        while _END not in received:
            received = self._more(received)
        head, _, content = received.partition(_END)
        lines = head.lower().splitlines()
        length = next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
        while len(content) < length:
            content = self._more(content)
        return lines[0].split()[1], content

    def _more(self, received: bytes) -> bytes:
        new = self._connection.recv(65536)
        if not new:
            raise RuntimeError("the server closed the connection")
        return received + new


def _journeys(caller: _Caller, people: list[tuple[str, str]], deadline: float) -> None:
    while people and time.perf_counter() < deadline:
        token, name = people.pop()
        caller.post(
            token,
            "/admission/v1/learners",
            {
                "given_name": "Bench",
                "family_name": name,
                "date_of_birth": "1990-01-01",
                "email": f"{name}@example.org",
                "country_of_residence": "CY",
            },
        )
        draft = {"offering_id": TWO_TRACKS, "target_group": "everybody", "track": "assessed"}
        application = json.loads(caller.post(token, "/admission/v1/applications", draft))
        caller.post(
            token, f"/admission/v1/applications/{application['id']}/submission", {"terms_version": "1"}
        )


def measure_commands(door: Door, seconds: float) -> Samples:
    """Latencies and rate of commands at 16 clients, for about `seconds` seconds.

    Raises:
        RuntimeError: a command was not answered with 201.
    """
    names = [f"b{uuid.uuid4().hex[:12]}" for _ in range(int(seconds * 250))]
    people = [(door.token("learner", subject=name), name) for name in names]
    callers = [_Caller(door.addresses["admission"]) for _ in range(CLIENTS)]
    failures: list[BaseException] = []
    began = time.perf_counter()

    def work(caller: _Caller) -> None:
        try:
            _journeys(caller, people, began + seconds)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if failures:
        raise RuntimeError("the load did not run to its end") from failures[0]
    return Samples([duration for caller in callers for duration in caller.durations], elapsed)
