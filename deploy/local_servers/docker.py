"""PostgreSQL and Apache Kafka in containers, where a container engine really answers."""

import os
import secrets
import socket
from typing import Any, Final

from deploy.local_servers import kafka, postgres
from deploy.local_servers.process import ServerFailedError, ServerMissingError, free_port, wait_until

_DEFAULT_SOCKET: Final = "/var/run/docker.sock"
_POSTGRES_IMAGE: Final = "postgres:17-alpine"
_ANSWER_SECONDS: Final = 0.5


def require_engine() -> None:
    """Return when a container engine answers on its socket; a `docker` client on PATH proves nothing.

    Raises:
        ServerMissingError: none answers within half a second.
    """
    host = os.environ.get("DOCKER_HOST") or f"unix://{_DEFAULT_SOCKET}"
    if not host.startswith("unix://"):
        raise ServerMissingError(f"DOCKER_HOST is {host}; only an engine on this machine is used")
    try:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(_ANSWER_SECONDS)
            engine.connect(host.removeprefix("unix://"))
            engine.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            answer = engine.recv(64)
    except OSError as error:
        raise ServerMissingError(
            f"no container engine answers at {host} ({error.strerror or error})"
        ) from None
    if b" 200 " not in answer:
        raise ServerMissingError(f"what answers at {host} is not a container engine")


class _Container:
    """A container with one port, bound to a port of ours that stays the same when it is killed and restarted."""

    def __init__(
        self, image: str, port: int, environment: dict[str, str], command: list[str] | None = None
    ) -> None:
        require_engine()
        from testcontainers.core.container import DockerContainer

        self.description = f"{image} in a container"
        self._image, self._inner, self._command = image, port, command
        self._environment = environment
        self._new = DockerContainer
        self._container: Any = None
        self.port = free_port()

    def _answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        try:
            if self._container is None:
                container = self._new(self._image, env=self._environment).with_bind_ports(
                    self._inner, self.port
                )
                if self._command:
                    container = container.with_command(self._command)
                self._container = container.start()
            else:
                self._container.get_wrapped_container().start()
        except Exception as error:
            # The engine's client raises what its HTTP library raises; every one means: not by this rung.
            raise ServerMissingError(f"{self._image} could not be started: {error}") from error
        wait_until(self._answers, seconds=90, what=f"{self._image} is ready")

    def stop(self) -> None:
        if self._container is not None:
            self._container.stop()
            self._container = None

    def kill(self) -> None:
        if self._container is None:
            raise ServerFailedError(f"{self._image} was not started")
        self._container.get_wrapped_container().kill()

    def restart(self) -> None:
        if self._container is None:
            raise ServerFailedError(f"{self._image} was not started")
        self._container.get_wrapped_container().restart()
        wait_until(self._answers, seconds=90, what=f"{self._image} is ready again")


class DockerPostgres(_Container):
    """PostgreSQL in a container."""

    def __init__(self, *, durable: bool = False) -> None:
        self._password = secrets.token_urlsafe(16)
        super().__init__(
            _POSTGRES_IMAGE,
            5432,
            {"POSTGRES_USER": "passerelle", "POSTGRES_PASSWORD": self._password},
            ["postgres", "-c", "max_connections=300", "-c", f"fsync={'on' if durable else 'off'}"],
        )

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://passerelle:{self._password}@127.0.0.1:{self.port}/{database}"

    def _answers(self) -> bool:
        return postgres.answers(self.url())


class DockerKafka(_Container):
    """Apache Kafka in a container, one node in KRaft mode."""

    def __init__(self) -> None:
        super().__init__(f"apache/kafka:{kafka.kafka_version()}", 9092, {})
        self._environment.update(
            {
                f"KAFKA_{name.upper().replace('.', '_')}": value
                for name, value in {
                    **kafka.NODE_SETTINGS,
                    "controller.quorum.voters": "1@localhost:9093",
                    "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
                    "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
                    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                }.items()
            }
        )

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        return kafka.answers(self.bootstrap)
