"""Serve a WSGI application with gunicorn: one gthread worker by default, hooks for what starts after the fork."""

import gc
import time
from collections.abc import Callable
from typing import Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError
from gunicorn.workers.gthread import ThreadWorker

from shared.keyfiles import ExposedSecretError
from shared.logging import configure_logging
from shared.settings import Settings

Stop = Callable[[], None]
MENDABLE: Final = (ExposedSecretError, OSError, ValueError)
"""What keeps a process from starting and an operator can mend: told in one line."""

_ALLOCATIONS: Final = 20_000
_LINGER: Final = 0.2


class PromptWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gthread worker that a connection without a request does not keep from ending.

    Gunicorn keeps idle connections for two seconds after SIGTERM, and those that never sent anything for ten; services
    keep connections to each other, so every stop would take that long. A request that is under way is answered still.
    """

    def handle_exit(self, sig: int, frame: Any) -> None:
        deadline = time.monotonic() + _LINGER
        for connection in (*self.keepalived_conns, *self.pending_conns):
            connection.timeout = min(connection.timeout, deadline)
        super().handle_exit(sig, frame)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, load: Callable[[], Any], options: dict[str, Any]) -> None:
        self._load = load
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        try:
            return self._load()
        except MENDABLE as error:
            # Of this one gunicorn prints the message alone.
            raise AppImportError(f"passerelle: {error}") from error


def _spare_the_collector() -> None:
    """What the process starts with stays to its end: no collection looks at it again, and they come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def serve(
    settings: Settings,
    load: Callable[[], Any],
    *,
    started: Callable[[], Stop] | None = None,
    processes: int = 1,
) -> None:
    """Serve the application that `load` makes in each worker process, until SIGTERM or SIGINT.

    `started` runs in the worker process once it can answer, for threads that must not be forked; what it returns is
    called when the process ends.
    """
    stops: list[Stop] = []

    def post_worker_init(_worker: Any) -> None:
        configure_logging(settings.log_level)
        _spare_the_collector()
        if started is not None:
            stops.append(started())

    def worker_exit(arbiter: Any, _worker: Any) -> None:
        while stops:
            stops.pop()()
        _leave_as_it_is(arbiter)

    _Server(
        load,
        {
            "bind": settings.bind,
            "workers": processes,
            "worker_class": PromptWorker,
            "threads": settings.threads,
            "keepalive": 15,
            "graceful_timeout": 10,
            "control_socket_disable": True,
            "limit_request_line": 8190,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": settings.log_level.lower() if settings.log_level != "INFO" else "warning",
            "post_worker_init": post_worker_init,
            "worker_exit": worker_exit,
            "on_exit": _leave_as_it_is,
        },
    ).run()


def _leave_as_it_is(_arbiter: Any) -> None:
    """Taking a process of many modules apart, object by object, takes longer than stopping it."""
    gc.freeze()
