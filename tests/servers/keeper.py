"""One keeper per test run, in the process that pytest-xdist's workers report to.

Workers ask it over a Unix socket; it starts each kind of server once, when it is asked for first, and stops
them at the end of the run. All of that happens in one thread that lives as long as the run, because the kernel
ends a server with the thread that started it.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Listener
from typing import Any, Final

from deploy.local_servers.ladder import start_kafka, start_postgres
from deploy.local_servers.process import Server, ServerMissingError

ADDRESS_VARIABLE: Final = "PASSERELLE_TEST_SERVERS_AT"
_STOP: Final = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a kind of server: its address, or why there is none (`failed`: it should have started)."""

    kind: str
    description: str = ""
    address: str = ""
    missing: str = ""
    failed: bool = False

    def __str__(self) -> str:
        return self.description or f"{'failed' if self.failed else 'skipped'}: {self.missing}"


class Keeper:
    """Starts servers on demand and remembers what was said about each."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self._servers: list[Server] = []
        self._folder = tempfile.TemporaryDirectory(prefix="passerelle-keeper-")
        self.address = os.path.join(self._folder.name, "socket")  # noqa: PTH118 - the listener takes a str
        self._listener = Listener(self.address, family="AF_UNIX", backlog=64)
        self._thread = threading.Thread(target=self._serve, name="keeper of servers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop every server that was started."""
        _request(self.address, _STOP)
        self._thread.join()
        self._listener.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        while True:
            # A worker that dies while it asks takes its connection with it, not the keeper.
            with suppress(EOFError, OSError), self._listener.accept() as client:
                kind = client.recv()
                if kind == _STOP:
                    self._stop_all()
                    client.send(None)
                    return
                client.send(self.answers.get(kind) or self._start(kind))

    def _start(self, kind: str) -> Answer:
        try:
            server, address = _KINDS[kind]()
        except ServerMissingError as reason:
            answer = Answer(kind, missing=str(reason))
        except Exception as reason:  # noqa: BLE001 - whatever it is, those who ask must hear of it
            answer = Answer(kind, missing=f"{type(reason).__name__}: {reason}", failed=True)
        else:
            self._servers.append(server)
            answer = Answer(kind, description=server.description, address=address)
        self.answers[kind] = answer
        return answer

    def _stop_all(self) -> None:
        while self._servers:
            self._servers.pop().stop()


def _postgres() -> tuple[Server, str]:
    server = start_postgres()
    return server, server.url()


def _kafka() -> tuple[Server, str]:
    server = start_kafka()
    return server, server.bootstrap


_KINDS: Final[Mapping[str, Callable[[], tuple[Server, str]]]] = {
    "PostgreSQL": _postgres,
    "Apache Kafka": _kafka,
}
KINDS: Final = tuple(_KINDS)


def ask(kind: str) -> Answer:
    """The run's server of `kind`, started now if nobody asked before."""
    answer: Answer = _request(os.environ[ADDRESS_VARIABLE], kind)
    return answer


def _request(address: str, what: str) -> Any:
    with Client(address, family="AF_UNIX") as connection:
        connection.send(what)
        return connection.recv()
