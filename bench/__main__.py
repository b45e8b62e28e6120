"""`python -m bench`: measure signing and both profiles, and print one table, the goals beside the figures."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import credentials, documents, european
from bench.certificates import measure_certificates
from bench.commands import CLIENTS, measure_commands
from bench.relay import measure_relay
from bench.samples import Samples, one_core
from bench.table import Line
from deploy.demo.cast import TWO_TRACKS
from deploy.demo.client import Door
from deploy.demo.distributed import DistributedSystem
from deploy.demo.load import load_consortium
from deploy.demo.staff import Staff
from deploy.demo.system import EmbeddedSystem, System
from deploy.local_servers.ladder import start_kafka, start_postgres
from deploy.local_servers.postgres import create_database
from deploy.local_servers.process import ServerMissingError
from shared.db import Database
from shared.settings import load_settings

_COMMANDS: Final = 300
_SLOWEST_COMMAND: Final = {"embedded": 0.06, "distributed": 0.1}
_CERTIFICATE: Final = 0.5
_COLD_START: Final = 3.0


@contextmanager
def _system(profile: str, home: Path) -> Iterator[tuple[System, str, str]]:
    """A system to start, the address of an empty database and that of the event log."""
    with ExitStack() as stack:
        if profile == "embedded":
            log = f"sqlite-log:///{home}/bench-events.sqlite"
            yield EmbeddedSystem(home), f"sqlite:///{home}/bench.sqlite", log
            return
        postgres = start_postgres(durable=True)
        stack.callback(postgres.stop)
        kafka = start_kafka()
        stack.callback(kafka.stop)
        empty = create_database(postgres.url(), "bench")
        yield DistributedSystem(home, postgres, kafka), empty, f"kafka://{kafka.bootstrap}"


def _measure(profile: str, home: Path, seconds: float, learners: int, events: int) -> list[Line]:
    with _system(profile, home) as (system, empty, log_url):
        began = time.perf_counter()
        system.start()
        ready = time.perf_counter() - began
        door = Door(system.addresses, system.issuer)
        try:
            offerings = load_consortium(Staff(door), datetime.now(UTC).date())
            offering = next(each for each in offerings if each["id"] == TWO_TRACKS)
            certificates = measure_certificates(
                system, Database(system.database_url("certification")), offering, learners, home
            )
            commands = measure_commands(door, seconds)
        finally:
            door.close()
            system.stop()
        settings = load_settings({"PASSERELLE_HOME": str(home), "EVENT_LOG_URL": log_url})
        relayed = measure_relay(settings, Database(empty), events)
        return _lines(profile, ready, commands, certificates, relayed)


def _lines(
    profile: str, ready: float, commands: Samples, certificates: Samples, relayed: float
) -> list[Line]:
    """The figures of one profile beside their goals on two cores."""
    slowest = _SLOWEST_COMMAND[profile]
    p99 = commands.percentile(0.99)
    awaited = certificates.percentile(0.99)
    start_goal = profile == "embedded"
    return [
        Line(
            "cold start to ready",
            f"{ready:.2f} s",
            f"<= {_COLD_START:g} s" if start_goal else "",
            ready <= _COLD_START if start_goal else None,
        ),
        Line(
            f"commands at {CLIENTS} clients",
            f"{commands.rate:6.0f}/s  {commands.told}",
            f">= {_COMMANDS}/s, p99 <= {slowest * 1000:g} ms",
            commands.rate >= _COMMANDS and p99 <= slowest,
        ),
        Line(
            f"last confirmation to certificate (n={len(certificates.durations)})",
            certificates.told,
            f"p99 <= {_CERTIFICATE * 1000:g} ms",
            awaited <= _CERTIFICATE,
        ),
        Line("relay", f"{relayed:6.0f} events/s"),
    ]


def _print_signing() -> None:
    """Needs no system, and nothing else running on the machine."""
    print("\nsigning, on one core")
    with one_core():
        for part in (credentials, european, documents):
            for line in part.measure():
                print(line)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--profile", choices=("embedded", "distributed", "both", "none"), default="both")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the load of commands lasts")
    parser.add_argument("--learners", type=int, default=40, help="certificates to wait for")
    parser.add_argument("--events", type=int, default=20_000, help="events for the relay to move")
    wanted = parser.parse_args()
    _print_signing()
    profiles = {"both": ("embedded", "distributed"), "none": ()}.get(wanted.profile, (wanted.profile,))
    for profile in profiles:
        with tempfile.TemporaryDirectory(prefix="passerelle-bench-") as folder:
            try:
                found = _measure(profile, Path(folder), wanted.seconds, wanted.learners, wanted.events)
            except ServerMissingError as error:
                print(f"{profile}: not measured: {error}")
                return 2
        print(f"\n{profile}")
        for line in found:
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
