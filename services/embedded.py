"""All four services in one process: four applications by path prefix, their event sides as threads.

The same code as the distributed profile; only the process boundaries are missing.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

from shared.messaging.worker import Worker
from shared.settings import SERVICES, Settings
from shared.web.development import create_development_issuer, is_own
from shared.web.health import aggregate_health

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Paths without a service's prefix; the first service answers for what is nobody's (a 404 problem document).
_AT_ROOT: Final = {
    "verify": "certification",
    "credentials": "certification",
    "presentations": "certification",
    ".well-known": "certification",
    "": "admission",
}


class Embedded:
    """The four services of one process. Made before the fork, filled and started after it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workers: list[Worker] = []

    def application(self) -> WsgiApp:
        """One WSGI application: the first segment of the path chooses the service, which sees the whole path."""
        settings = self._settings
        apps = {name: import_module(f"services.{name}.app").create_app(settings) for name in SERVICES}
        self._workers = [
            import_module(f"services.{name}.worker").create_worker(settings) for name in SERVICES
        ]
        rooms: dict[str, WsgiApp] = {name: app.wsgi_app for name, app in apps.items()}
        rooms |= {segment: apps[name].wsgi_app for segment, name in _AT_ROOT.items()}
        health = aggregate_health(apps, self._workers)
        rooms |= {"healthz": health, "readyz": health}
        if is_own(settings):
            rooms["development-issuer"] = create_development_issuer(settings).wsgi_app

        def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            segment = str(environ.get("PATH_INFO", "")).lstrip("/").partition("/")[0]
            return rooms.get(segment, rooms[""])(environ, start_response)

        return application

    def start(self) -> Callable[[], None]:
        """Start the event sides; returns what stops them."""
        for worker in self._workers:
            worker.start()
        return self._stop

    def _stop(self) -> None:
        # All at once: the server gives its process ten seconds, one after the other could take forty.
        for worker in self._workers:
            worker.begin_stop()
        for worker in self._workers:
            worker.stop()
