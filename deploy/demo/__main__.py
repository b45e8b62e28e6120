"""`python -m deploy.demo [--profile embedded|distributed]` plays; `python -m deploy.demo serve` serves."""

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from deploy.demo.borrowed import borrowed
from deploy.demo.cast import cast
from deploy.demo.distributed import DistributedSystem
from deploy.demo.expect import Teller
from deploy.demo.home import HomeTakenError, fresh_home
from deploy.demo.play import play
from deploy.demo.serve import serve
from deploy.demo.story import MOMENTS
from deploy.demo.system import ROOT, SERVICES, EmbeddedSystem, System
from deploy.local_servers.ladder import KAFKA_VARIABLE, start_kafka, start_postgres
from deploy.local_servers.process import ServerFailedError, ServerMissingError

_WITHIN_SECONDS: Final = 1.0


def main() -> int:
    """The exit status: 0 where everything was as expected, 1 where not, 2 where the system cannot be had."""
    wanted = _arguments()
    try:
        if wanted.what == "serve":
            return serve()
        home = fresh_home(wanted.home or ROOT / "var" / "demo" / wanted.profile)
        with ExitStack() as stack:
            return _play(_system(wanted.profile, home, stack), home, wanted)
    except (HomeTakenError, ServerMissingError, ServerFailedError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


def _system(profile: str, home: Path, stack: ExitStack) -> System:
    if profile == "embedded":
        return EmbeddedSystem(home / "system")
    postgres = start_postgres()
    stack.callback(postgres.stop)
    kafka = start_kafka()
    stack.callback(kafka.stop)
    if os.environ.get(KAFKA_VARIABLE):
        stack.enter_context(borrowed(kafka.bootstrap))
    return DistributedSystem(home / "system", postgres, kafka)


def _play(system: System, home: Path, wanted: argparse.Namespace) -> int:
    with (home / "log.txt").open("w", encoding="utf-8") as log:

        def say(line: str) -> None:
            print(line, flush=True)
            log.write(f"{line}\n")

        teller = Teller(say)
        disturb = wanted.kill and _Killer(system, wanted.kill, teller)
        return play(
            system,
            cast(small=wanted.small),
            home,
            teller,
            within=None if wanted.kill else wanted.within,
            moment=disturb or (lambda _name: None),
        )


class _Killer:
    """Kills the worker of a service once at every moment that the story offers, and starts it again."""

    def __init__(self, system: System, service: str, teller: Teller) -> None:
        if not isinstance(system, DistributedSystem):
            raise ServerMissingError("only the distributed profile has workers to kill")
        self._system = system
        self._service = service
        self._teller = teller
        self._to_come = set(MOMENTS)

    def __call__(self, moment: str) -> None:
        if moment in self._to_come:
            self._to_come.discard(moment)
            self._system.kill_worker(self._service)
            self._system.start_worker(self._service)
            self._teller.tell(f"   {moment}: the worker of {self._service} was killed and started again")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("play", "serve"), default="play")
    parser.add_argument("--profile", choices=("embedded", "distributed"), default="embedded")
    parser.add_argument("--home", type=Path, help="an empty folder, or one of an earlier demonstration")
    parser.add_argument("--small", action="store_true", help="the fewest people who can play every scene")
    parser.add_argument(
        "--within",
        type=float,
        default=_WITHIN_SECONDS,
        help="seconds that a certificate may take after the last confirmation",
    )
    parser.add_argument(
        "--kill", choices=SERVICES, help="kill the worker of a service in the middle (distributed only)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
