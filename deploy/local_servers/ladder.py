"""The first PostgreSQL and the first Kafka that can be had: named, in a container, from this machine's binaries."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from deploy.local_servers import kafka, postgres
from deploy.local_servers.docker import DockerKafka, DockerPostgres
from deploy.local_servers.kafka import LocalKafka
from deploy.local_servers.postgres import LocalPostgres
from deploy.local_servers.process import Server, ServerFailedError, ServerMissingError

POSTGRES_VARIABLE: Final = "PASSERELLE_TEST_POSTGRES"
KAFKA_VARIABLE: Final = "PASSERELLE_TEST_KAFKA"

_S = TypeVar("_S", bound=Server)


class PostgresServer(Server, Protocol):
    """A server on which databases may be created: see `postgres.create_database`."""

    def url(self, database: str = "postgres") -> str: ...


class KafkaServer(Server, Protocol):
    @property
    def bootstrap(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Given:
    """Somebody else's server: used as it is, never started, stopped or killed."""

    description: str
    address: str

    def start(self) -> None:
        """Nothing to do: it runs."""

    def stop(self) -> None:
        """Nothing to do: its owner stops it."""

    def kill(self) -> None:
        raise ServerFailedError(f"{self.description} is not ours to kill")

    def restart(self) -> None:
        raise ServerFailedError(f"{self.description} is not ours to restart")


class _GivenPostgres(_Given):
    def url(self, database: str = "postgres") -> str:
        return postgres.with_database(self.address, database)


class _GivenKafka(_Given):
    @property
    def bootstrap(self) -> str:
        return self.address


def start_postgres(*, own: bool = False, durable: bool = False) -> PostgresServer:
    """A running PostgreSQL; with `own` one that may be killed, with `durable` one that survives a power cut.

    Raises:
        ServerMissingError: none can be had; the message says what was tried and what to install.
    """
    rungs: list[Callable[[], PostgresServer]] = [
        lambda: DockerPostgres(durable=durable),
        lambda: LocalPostgres(durable=durable),
    ]
    return _first("PostgreSQL", POSTGRES_VARIABLE, None if own else _given_postgres, rungs)


def start_kafka(*, own: bool = False) -> KafkaServer:
    """A running Apache Kafka; with `own` one that may be killed.

    Raises:
        ServerMissingError: none can be had; the message says what was tried and what to install.
    """
    rungs: list[Callable[[], KafkaServer]] = [DockerKafka, LocalKafka]
    return _first("Apache Kafka", KAFKA_VARIABLE, None if own else _given_kafka, rungs)


def _given_postgres(address: str) -> PostgresServer:
    if not postgres.answers(address):
        raise ServerFailedError(f"{POSTGRES_VARIABLE} names a PostgreSQL that does not answer")
    return _GivenPostgres(f"PostgreSQL given by {POSTGRES_VARIABLE}", address)


def _given_kafka(address: str) -> KafkaServer:
    bootstrap = address.removeprefix("kafka://")
    if not kafka.answers(bootstrap):
        raise ServerFailedError(f"{KAFKA_VARIABLE} names an Apache Kafka that does not answer")
    return _GivenKafka(f"Apache Kafka given by {KAFKA_VARIABLE}", bootstrap)


def _first(
    name: str, variable: str, given: Callable[[str], _S] | None, rungs: Sequence[Callable[[], _S]]
) -> _S:
    address = os.environ.get(variable)
    if given and address:
        # A server that was named but is broken is an error: another in its place would hide that.
        return given(address)
    reasons = [] if given is None else [f"{variable} is not set"]
    for rung in rungs:
        try:
            server = rung()
            server.start()
        except ServerMissingError as reason:
            reasons.append(str(reason))
        else:
            return server
    raise ServerMissingError(f"no {name}: {'; '.join(reasons)}")
