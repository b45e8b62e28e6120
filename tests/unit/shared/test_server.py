"""The server ends soon after it is told to, with idle connections and without (README, "Stopping")."""

import time
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.errors import AppImportError
from gunicorn.workers.gthread import ThreadWorker

from shared.server import PromptWorker, _Server


def told_to_stop(kind: Any) -> tuple[Any, list[Any]]:
    worker: Any = object.__new__(kind)
    later = time.monotonic() + 1000
    connections = [SimpleNamespace(timeout=later), SimpleNamespace(timeout=later)]
    worker.alive = True
    worker.keepalived_conns, worker.pending_conns = deque(connections[:1]), deque(connections[1:])
    worker.method_queue = SimpleNamespace(defer=lambda _callback: None)
    worker.handle_exit(15, None)
    return worker, connections


def test_a_connection_without_a_request_does_not_keep_the_server_from_ending() -> None:
    worker, connections = told_to_stop(PromptWorker)
    assert not worker.alive
    assert all(connection.timeout <= time.monotonic() + 0.5 for connection in connections)


def test_negative_control_by_itself_gunicorn_waits_for_them() -> None:
    _, connections = told_to_stop(ThreadWorker)
    assert all(connection.timeout > time.monotonic() + 100 for connection in connections)


def test_a_connection_that_ends_sooner_is_not_kept_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.server._LINGER", 10_000)
    _, connections = told_to_stop(PromptWorker)
    assert all(connection.timeout < time.monotonic() + 2000 for connection in connections)


def test_what_an_operator_can_mend_is_told_without_a_traceback() -> None:
    """Gunicorn prints the message alone of what is an AppImportError."""

    def load() -> None:
        raise ValueError("KEY_ENCRYPTION_KEY_FILE does not exist")

    with pytest.raises(AppImportError, match="passerelle: KEY_ENCRYPTION_KEY_FILE does not exist"):
        _Server(load, {}).load()
