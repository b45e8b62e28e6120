"""The embedded system inside the test's own process: four applications behind one port, four workers in threads."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import urllib3
from werkzeug.serving import make_server

from services.embedded import Embedded
from shared.clock import SystemClock
from shared.db import Database
from shared.messaging.envelope import topic_of
from shared.messaging.log import open_event_log
from shared.messaging.status import read_status
from shared.migrations import migrate
from shared.settings import SERVICES, Settings, load_settings
from shared.web.development import mint_token

PATIENCE = 120.0
"""Seconds that only a failure reaches, however busy the machine is."""
_SOON = timedelta(minutes=1)


class Running:
    """One running embedded system and the means to talk to it and to look inside."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.databases = {name: Database(settings.database_url(name)) for name in SERVICES}
        self._log = open_event_log(settings)
        self._http = urllib3.PoolManager(maxsize=8)

    def token(self, role: str, institution: str | None = None, subject: str | None = None) -> str:
        return mint_token(self.settings, role, institution=institution, subject=subject)

    def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and parsed body (text where it is not JSON) of one request."""
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        answer = self._http.request(
            method,
            f"http://{self.settings.bind}{path}",
            headers=sent,
            body=json.dumps(body).encode() if body is not None else None,
        )
        text = answer.data.decode()
        return answer.status, json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text

    def ok(self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str) -> Any:
        """The body of a request that has to succeed."""
        status, answer = self.call(method, path, token, body, headers)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def is_settled(self) -> bool:
        """Whether nothing waits in any service - no backlog, lag or job of the next minute - nor came meanwhile."""
        before = self._published()
        rests = all(self._rests(name) for name in SERVICES)
        return rests and self._published() == before

    def _published(self) -> int:
        return self._log.backlog("nobody", [topic_of(name) for name in SERVICES])

    def _rests(self, service: str) -> bool:
        consumed = import_module(f"services.{service}.worker").CONSUMES
        lag = self._log.backlog(f"passerelle.{service}", [topic_of(other) for other in consumed])
        with self.databases[service].read() as connection:
            found = read_status(connection, SystemClock().now() + _SOON, lag)
        return not (lag or found.backlog or found.jobs_due)

    def rows(self, service: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table of a service, for comparing before with after."""
        metadata = sa.MetaData()
        with self.databases[service].read() as connection:
            metadata.reflect(connection)
            return {
                table.name: sorted(map(repr, connection.execute(sa.text(f'SELECT * FROM "{table.name}"'))))
                for table in metadata.sorted_tables
            }

    def close(self) -> None:
        self._http.clear()
        self._log.close()
        for database in self.databases.values():
            database.dispose()


@contextmanager
def running_system(home: Path, **variables: str) -> Iterator[Running]:
    """A migrated, started embedded system in `home`; stopped at the end of the block."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=128) as listening,
        _running(home, listening, variables) as it,
    ):
        yield it


@contextmanager
def _running(home: Path, listening: socket.socket, variables: Mapping[str, str]) -> Iterator[Running]:
    host, port = listening.getsockname()
    settings = load_settings({"PASSERELLE_HOME": str(home), "BIND": f"{host}:{port}", **variables})
    for name in SERVICES:
        database = Database(settings.database_url(name))
        migrate(name, database)
        database.dispose()
    log = open_event_log(settings)
    log.create_topics([topic_of(name) for name in SERVICES], 6)
    log.close()
    system = Embedded(settings)
    server = make_server(host, port, system.application(), threaded=True, fd=listening.fileno())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stop = system.start()
    running = Running(settings)
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        stop()
        running.close()
