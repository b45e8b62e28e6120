"""The embedded system inside the test's own process: four applications behind one port, four workers in threads."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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

PATIENCE = 20.0


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Return as soon as `condition` holds; fail by name when it does not within `patience` seconds."""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience} s: {what}"
        pause.wait(0.01)


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
        """Whether nothing waits: no backlog, no lag, no job that is due, in any service."""
        for name, database in self.databases.items():
            consumed = import_module(f"services.{name}.worker").CONSUMES
            lag = self._log.backlog(f"passerelle.{name}", [topic_of(other) for other in consumed])
            with database.read() as connection:
                found = read_status(connection, SystemClock().now(), lag)
            if lag or found.backlog or found.jobs_due:
                return False
        return True

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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_system(home: Path, **variables: str) -> Iterator[Running]:
    """A migrated, started embedded system in `home`; stopped at the end of the block."""
    settings = load_settings({"PASSERELLE_HOME": str(home), "BIND": f"127.0.0.1:{free_port()}", **variables})
    for name in SERVICES:
        database = Database(settings.database_url(name))
        migrate(name, database)
        database.dispose()
    log = open_event_log(settings)
    log.create_topics([topic_of(name) for name in SERVICES], 6)
    log.close()
    system = Embedded(settings)
    host, _, port = settings.bind.rpartition(":")
    server = make_server(host, int(port), system.application(), threaded=True)
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
