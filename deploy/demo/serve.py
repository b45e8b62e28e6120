"""Serve the embedded system with the consortium of the demonstration loaded, for people to try."""

import signal
import socket
import threading
from datetime import UTC, datetime
from typing import Final

from deploy.demo.client import Door
from deploy.demo.load import load_consortium
from deploy.demo.staff import Staff
from deploy.demo.system import EmbeddedSystem
from deploy.local_servers.process import ServerFailedError
from shared.settings import load_settings

# The roles that a newcomer tries first, at the institution that coordinates the first offering.
_ROLES: Final = (
    ("learner", None),
    ("admissions_officer", "helsinki.fi"),
    ("coordinator", "helsinki.fi"),
    ("registrar", "helsinki.fi"),
    ("assessor", "helsinki.fi"),
    ("confirmer", "helsinki.fi"),
    ("partner", "kuleuven.be"),
    ("administrator", None),
)


def serve() -> int:
    """Run until Ctrl-C; state stays in PASSERELLE_HOME, so that the next time goes on from there.

    Raises:
        ServerFailedError: somebody else listens there, or the system does not come up.
    """
    settings = load_settings()
    _require_free(settings.bind)
    system = EmbeddedSystem(settings.home, bind=settings.bind)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        system.start()
        door = Door(system.addresses, system.issuer)
        offerings = load_consortium(Staff(door), datetime.now(UTC).date())
        _introduce(system.addresses["admission"], door, [offering["id"] for offering in offerings])
        stop.wait()
        door.close()
    finally:
        system.stop()
    return 0


def _require_free(bind: str) -> None:
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise ServerFailedError(
                f"{bind} is taken ({error.strerror}); set BIND to another address"
            ) from None


def _introduce(address: str, door: Door, offerings: list[str]) -> None:
    print(f"Passerelle (embedded) answers at {address}")
    print(f"  catalogue      {address}/admission/v1/offerings   ({', '.join(offerings)})")
    for service in ("admission", "enrolment", "assessment", "certification"):
        print(f"  documentation  {address}/{service}/docs")
    print("\nDevelopment tokens (8 hours); another: .venv/bin/passerelle token --role ROLE --institution ID")
    for role, institution in _ROLES:
        client = door.caller(role, institution=institution)
        print(f"\n  {role}{f' at {institution}' if institution else ''}\n  {client.token}")
    print("\nCtrl-C ends it.", flush=True)
