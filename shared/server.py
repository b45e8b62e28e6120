"""Serve a WSGI application with gunicorn: one gthread worker by default, hooks for what starts after the fork."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from shared.logging import configure_logging
from shared.settings import Settings

Stop = Callable[[], None]


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, load: Callable[[], Any], options: dict[str, Any]) -> None:
        self._load = load
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


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
        if started is not None:
            stops.append(started())

    def worker_exit(_arbiter: Any, _worker: Any) -> None:
        while stops:
            stops.pop()()

    _Server(
        load,
        {
            "bind": settings.bind,
            "workers": processes,
            "worker_class": "gthread",
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
        },
    ).run()
