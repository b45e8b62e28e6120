"""Alive, and ready: what must work is told from what only has to catch up.

`/healthz` says that the process answers. `/readyz` is 503 while the database is away or not migrated; a backlog, parked
events or an event log that is away are reported as degraded with 200, because commands go on without them. Anybody may
ask, so a worker's trouble is told by the part that has it; its text is in the log and in `passerelle status`.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol

from flask import Blueprint, Flask, Response

from shared.clock import Clock
from shared.db import Database
from shared.messaging.status import read_status
from shared.migrations import is_migrated
from shared.web.policy import policy

BACKLOG_SECONDS: Final = 60.0
_JSON: Final = "application/json"
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `probe` returns None where all is well, else what is not; `vital` ones decide readiness."""

    name: str
    probe: Callable[[], str | None]
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of all checks."""

    ready: bool
    troubles: Mapping[str, str]

    @property
    def status(self) -> HTTPStatus:
        return HTTPStatus.OK if self.ready else HTTPStatus.SERVICE_UNAVAILABLE

    def document(self) -> dict[str, Any]:
        word = ("degraded" if self.troubles else "ready") if self.ready else "unavailable"
        return {"status": word, "troubles": dict(self.troubles)}


class Troubled(Protocol):
    """A worker, as far as its health is concerned."""

    service: str

    def troubles(self) -> Mapping[str, str]:
        """What does not work at the moment, by part."""

    def stuck(self) -> Mapping[str, str]:
        """Those of the troubles that no waiting mends."""


def report_on(checks: Iterable[Check]) -> Report:
    """Run every check. A check that raises is a trouble by the name of its error, never a fault of the page."""
    troubles: dict[str, str] = {}
    ready = True
    for check in checks:
        try:
            found = check.probe()
        except Exception as error:  # noqa: BLE001 - whatever fails is what the page is for
            found = type(error).__name__
        if found is not None:
            troubles[check.name] = found
            ready = ready and not check.vital
    return Report(ready, troubles)


def database_checks(service: str, database: Database, clock: Clock) -> list[Check]:
    """The database answers and is migrated (vital); events do not wait long to be published, none is parked."""
    migrated = False

    def reachable() -> str | None:
        nonlocal migrated
        if migrated:
            with database.read() as connection:
                connection.exec_driver_sql("SELECT 1")
            return None
        migrated = is_migrated(service, database)
        return None if migrated else "not migrated"

    def messaging() -> str | None:
        with database.read() as connection:
            status = read_status(connection, clock.now(), None)
        oldest = status.oldest_unpublished
        waiting = (clock.now() - oldest).total_seconds() if oldest else 0.0
        found = []
        if waiting > BACKLOG_SECONDS:
            found.append(f"{status.backlog} events wait to be published, the oldest for {waiting:.0f} s")
        if status.parked:
            found.append(f"{status.parked} events are parked")
        return "; ".join(found) or None

    return [Check("database", reachable, vital=True), Check("messaging", messaging)]


def health_pages(checks: Sequence[Check]) -> Blueprint:
    """`/healthz` and `/readyz` of a web application."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    @policy.public
    def healthz() -> Response:
        return _page(HTTPStatus.OK, {"status": "alive"})

    @pages.get("/readyz")
    @policy.public
    def readyz() -> Response:
        report = report_on(checks)
        return _page(report.status, report.document())

    return pages


def _page(status: HTTPStatus, document: Mapping[str, Any]) -> Response:
    return Response(json.dumps(document), status, content_type=_JSON)


def worker_check(worker: Troubled) -> Check:
    """The troubles of a worker; they delay, they do not stop anything."""
    return Check(f"worker.{worker.service}", lambda: _listed(worker.troubles()))


def stuck_check(worker: Troubled) -> Check:
    """What a worker cannot go on without a person; a process that is nothing but this worker is not ready then."""
    return Check(f"worker.{worker.service}.stuck", lambda: _listed(worker.stuck()), vital=True)


def _listed(troubles: Mapping[str, str]) -> str | None:
    return ", ".join(sorted(troubles)) or None


def aggregate_health(apps: Mapping[str, Flask], workers: Sequence[Troubled]) -> WsgiApp:
    """`/healthz` and `/readyz` of a process that holds several applications and workers: ready when all of them are."""

    def parts() -> tuple[bool, dict[str, Any]]:
        answers = {name: app.test_client().get("/readyz") for name, app in apps.items()}
        own = report_on(worker_check(worker) for worker in workers)
        found = {name: answer.get_json() for name, answer in answers.items()}
        ready = all(answer.status_code == HTTPStatus.OK for answer in answers.values())
        return ready, {"services": found, "workers": dict(own.troubles)}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/readyz":
            ready, document = parts()
            status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
            degraded = document["workers"] or any(each["troubles"] for each in document["services"].values())
            word = ("degraded" if degraded else "ready") if ready else "unavailable"
            document = {"status": word, **document}
        else:
            status, document = HTTPStatus.OK, {"status": "alive"}
        body = json.dumps(document).encode()
        headers = [("Content-Type", _JSON), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return application


class WorkerHealth:
    """The health pages of a worker process, until closed."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve_worker_health(port: int, worker: Troubled, host: str = "0.0.0.0") -> WorkerHealth:  # noqa: S104 - probes
    """Serve `/healthz` and `/readyz` of a worker process on `port` (0: any free one)."""
    checks = [worker_check(worker), stuck_check(worker)]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(HTTPStatus.OK, {"status": "alive"})
            elif self.path == "/readyz":
                report = report_on(checks)
                self._answer(report.status, report.document())
            else:
                self._answer(HTTPStatus.NOT_FOUND, {"status": "not found"})

        def _answer(self, status: HTTPStatus, document: Mapping[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status.value)
            self.send_header("Content-Type", _JSON)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Probes come every few seconds; they are not worth a line each."""

    return WorkerHealth(ThreadingHTTPServer((host, port), Handler))
