"""Commands per second: people who sign up, begin an application and hand it in, 16 at a time.

Each is an authenticated request through the real route, into the database and the outbox; while they run the
relays, consumers and jobs of all services do their work on the same two cores.
"""

import http.client
import json
import threading
import time
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

from bench.samples import Samples
from deploy.demo.cast import TWO_TRACKS
from deploy.demo.client import Door

CLIENTS: Final = 16
_CREATED: Final = 201


class _Caller:
    """One client with one connection that stays open; as little work of its own as possible."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        self.durations: list[float] = []

    def post(self, token: str, path: str, document: Any) -> Any:
        body = json.dumps(document).encode()
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        began = time.perf_counter()
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self.durations.append(time.perf_counter() - began)
        if answer.status != _CREATED:
            raise RuntimeError(f"POST {path}: {answer.status} {content.decode()}")
        return json.loads(content)


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
        application = caller.post(token, "/admission/v1/applications", draft)
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
