"""Commands per second: people who sign up, begin an application and hand it in, 16 at a time.

Each is an authenticated request through the real route, into the database and the outbox; while they run the
relays, consumers and jobs of all services do their work on the same two cores.
"""

import json
import secrets
import selectors
import socket
import time
import uuid
from collections.abc import Generator
from typing import Any, Final
from urllib.parse import urlsplit

from bench.samples import Samples
from deploy.demo.cast import TWO_TRACKS
from deploy.demo.client import Door

CLIENTS: Final = 16
_PATIENCE: Final = 30.0
_CREATED: Final = b"201"
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"

# What is asked next, as token, path and document; sent back is the body of the answer.
_Journey = Generator[tuple[str, str, Any], bytes]


def _journeys(people: list[tuple[str, str]], deadline: float) -> _Journey:
    while people and time.perf_counter() < deadline:
        token, name = people.pop()
        person = {
            "given_name": "Bench",
            "family_name": name,
            "date_of_birth": "1990-01-01",
            "email": f"{name}@example.org",
            "country_of_residence": "CY",
        }
        yield token, "/admission/v1/learners", person
        draft = {"offering_id": TWO_TRACKS, "target_group": "everybody", "track": "assessed"}
        application = json.loads((yield token, "/admission/v1/applications", draft))
        path = f"/admission/v1/applications/{application['id']}/submission"
        yield token, path, {"terms_version": "1"}


class _Caller:
    """One client with one connection that stays open; as little work of its own as possible."""

    def __init__(self, address: str, journey: _Journey) -> None:
        parts = urlsplit(address)
        self.connection = socket.create_connection(
            (parts.hostname or "", parts.port or 80), timeout=_PATIENCE
        )
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.durations: list[float] = []
        self._journey = journey
        self._received = b""
        self._path = ""
        self._began = 0.0

    def begin(self) -> bool:
        """Send the first command; whether there is one."""
        request = next(self._journey, None)
        if request is not None:
            self._send(*request)
        return request is not None

    def go_on(self) -> bool:
        """Take what has come and send the next command once the answer is whole; False where none is left."""
        new = self.connection.recv(65536)
        if not new:
            raise RuntimeError("the server closed the connection")
        self._received += new
        head, end, content = self._received.partition(_END)
        if not end:
            return True
        lines = head.lower().splitlines()
        if len(content) < next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH)):
            return True
        self.durations.append(time.perf_counter() - self._began)
        status = lines[0].split()[1]
        if status != _CREATED:
            raise RuntimeError(f"POST {self._path}: {status.decode()} {content.decode()}")
        try:
            self._send(*self._journey.send(content))
        except StopIteration:
            return False
        return True

    def _send(self, token: str, path: str, document: Any) -> None:
        body = json.dumps(document).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Idempotency-Key: {secrets.token_hex(16)}\r\n\r\n"
        )
        self._received, self._path = b"", path
        self._began = time.perf_counter()
        self.connection.sendall(head.encode() + body)


def measure_commands(door: Door, seconds: float) -> Samples:
    """Latencies and rate of commands at 16 clients, for about `seconds` seconds.

    Raises:
        RuntimeError: a command was not answered with 201, or nothing at all for half a minute.
    """
    names = [f"b{uuid.uuid4().hex[:12]}" for _ in range(int(seconds * 250))]
    people = [(door.token("learner", subject=name), name) for name in names]
    began = time.perf_counter()
    callers = [
        _Caller(door.addresses["admission"], _journeys(people, began + seconds)) for _ in range(CLIENTS)
    ]
    # One thread for all: clients that wait for each other's interpreter would measure themselves.
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            if caller.begin():
                selector.register(caller.connection, selectors.EVENT_READ, caller)
        while selector.get_map():
            ready = selector.select(_PATIENCE)
            if not ready:
                raise RuntimeError("the server answers nothing")
            for key, _ in ready:
                if not key.data.go_on():
                    selector.unregister(key.fileobj)
    elapsed = time.perf_counter() - began
    for caller in callers:
        caller.connection.close()
    return Samples([duration for caller in callers for duration in caller.durations], elapsed)
