"""The system under demonstration as real processes, started, watched and stopped from here."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import urllib3

from deploy.local_servers.process import Process, free_port

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("admission", "enrolment", "assessment", "certification")
_PYTHON: Final = (sys.executable, "-m")
_START_SECONDS: Final = 180.0
_LAST_WORDS: Final = 2000


class System:
    """Processes of one installation that keeps its state and logs under `home`.

    Start and stop it from a thread that lives as long as the system: the kernel ends the processes with it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.addresses: dict[str, str] = {}
        self.issuer = ""
        self._environment: dict[str, str] = {}
        self._processes: dict[str, Process] = {}
        self._partners: list[str] = []
        self._pool = urllib3.PoolManager(retries=False, timeout=2)

    @property
    def description(self) -> str:
        """What it runs on."""
        raise NotImplementedError

    def start(self) -> None:
        """Start everything and return once every part says that it is ready."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the partners' processes, then all others at the same time."""
        for names in (self._partners, [name for name in self._processes if name not in self._partners]):
            ending = [self._processes.pop(name) for name in names]
            if ending:
                with ThreadPoolExecutor(len(ending)) as pool:
                    list(pool.map(lambda process: process.end(signal.SIGTERM), ending))
        self._partners.clear()
        self._pool.clear()

    def passerelle(self, *arguments: str) -> str:
        """What the command `passerelle` prints.

        Raises:
            subprocess.CalledProcessError: it failed; `stderr` says why.
        """
        done = subprocess.run(
            [*_PYTHON, "services.cli", *arguments],
            cwd=ROOT,
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def partners(self, name: str, arguments: list[str]) -> None:
        """Start a process of partner institutions (see `partners.py`): it ends with the system."""
        self._run(name, ["deploy.demo.partners", *arguments], {})
        self._partners.append(name)

    def last_words(self) -> str:
        """The end of every process's log, for whoever looks for a cause."""
        said = {
            name: process.last_words()[-_LAST_WORDS:].strip() for name, process in self._processes.items()
        }
        return "\n".join(f"-- {name}\n{words}" for name, words in said.items() if words)

    def database_url(self, service: str) -> str:
        """Where a service keeps its data; for whoever measures from outside."""
        return self._environment[f"{service.upper()}_DATABASE_URL"]

    def _settings(self, variables: Mapping[str, str]) -> None:
        # Every address is said here, so that none comes from the surroundings by chance.
        self._environment = {
            "PASSERELLE_ENV": "development",
            "PASSERELLE_HOME": str(self.home),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
            **variables,
        }

    def _run(self, name: str, command: list[str], variables: Mapping[str, str]) -> None:
        logs = self.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        process = Process([*_PYTHON, *command], logs / f"{name}.log", {**self._environment, **variables})
        process.start()
        self._processes[name] = process

    def _wait_ready(self, name: str, address: str) -> None:
        self._processes[name].wait_ready(lambda: self._is_ready(address), seconds=_START_SECONDS)

    def _is_ready(self, address: str) -> bool:
        try:
            return self._pool.request("GET", f"{address}/readyz").status == 200  # noqa: PLR2004 - HTTP's own number
        except urllib3.exceptions.HTTPError:
            return False


class EmbeddedSystem(System):
    """One process, `passerelle up`, on SQLite."""

    def __init__(self, home: Path, *, bind: str | None = None) -> None:
        super().__init__(home)
        self._bind = bind or f"127.0.0.1:{free_port()}"

    @property
    def description(self) -> str:
        return "one process, SQLite, its own event log"

    def start(self) -> None:
        address = f"http://{self._bind}"
        self.addresses = dict.fromkeys(SERVICES, address)
        self.issuer = f"{address}/development-issuer"
        databases = {
            f"{name.upper()}_DATABASE_URL": f"sqlite:///{self.home / name}.sqlite" for name in SERVICES
        }
        self._settings(
            {
                "BIND": self._bind,
                "PUBLIC_URL": address,
                "PUBLIC_HOST": self._bind,
                "INTERNAL_URL": address,
                "OIDC_ISSUER": self.issuer,
                "EVENT_LOG_URL": f"sqlite-log:///{self.home}/events.sqlite",
                **databases,
            }
        )
        self._run("passerelle", ["services.cli", "up"], {})
        self._wait_ready("passerelle", address)
