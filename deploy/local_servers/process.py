"""A server process of ours: ready by condition, killed with its starter, its last words kept."""

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

# Below Linux's range of ephemeral ports: while a killed server is away no client's socket can take its port.
_PORTS: Final = range(20_000, 32_000)
_given: Final[set[int]] = set()


class ServerMissingError(RuntimeError):
    """This kind of server cannot be had on this machine; the message says why and what to install."""


class ServerFailedError(RuntimeError):
    """A server did not do what it was asked for; the message carries the end of its log."""


class Server(Protocol):
    """A server that tests may start, stop cleanly, kill, and start again where it was, with its data."""

    @property
    def description(self) -> str: ...

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Return as soon as `condition()` holds.

    Raises:
        ServerFailedError: it did not hold within `seconds`.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise ServerFailedError(f"{what} within {seconds:g} s: no")
        pause.wait(0.02)


def free_port() -> int:
    """A port of the loopback address on which nobody listens now, and that this process was not given before."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    raise ServerMissingError("no free port on 127.0.0.1")


@dataclass(slots=True)
class Process:
    """One child process that ends with the thread that started it, even if that one is killed.

    The kernel ties it to the starting *thread*: start servers from a thread that lives as long as they should.
    """

    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    _running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        setpriv = shutil.which("setpriv")
        tie = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        user, group = self.user or (None, None)
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [*tie, *map(str, self.command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **self.environment},
                user=user,
                group=group,
                extra_groups=None if self.user is None else [],
                start_new_session=True,  # Ctrl-C in a terminal is for the starter, who stops its servers in order
            )

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def pid(self) -> int:
        if self._running is None:
            raise ServerFailedError(f"{self.command[0]} was not started")
        return self._running.pid

    def wait_ready(self, condition: Callable[[], bool], *, seconds: float) -> None:
        """Wait for `condition`; give up at once when the process ends.

        Raises:
            ServerFailedError: with the end of the log.
        """
        name = Path(self.command[0]).name
        try:
            wait_until(lambda: not self.alive or condition(), seconds=seconds, what=f"{name} is ready")
        except ServerFailedError as error:
            raise ServerFailedError(f"{error}\n{self.last_words()}") from None
        if not self.alive:
            raise ServerFailedError(f"{name} ended while starting\n{self.last_words()}")

    def end(self, how: signal.Signals, *, seconds: float = 20) -> None:
        """Send `how` and wait for the end; past `seconds` it is killed."""
        if self._running is None:
            return
        if self.alive:
            self._running.send_signal(how)
            try:
                self._running.wait(seconds)
            except subprocess.TimeoutExpired:
                self._running.kill()
        self._running.wait()
        self._running = None

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:] if self.log.exists() else ""
