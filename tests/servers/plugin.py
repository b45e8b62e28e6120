"""Fixtures that give a test real servers, and the closing lines that say which were used.

With PASSERELLE_REQUIRE_SERVERS=1 a server that cannot be had fails its tests instead of skipping them, and a run
in which no test asked for PostgreSQL or for Kafka fails as a whole.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from deploy.local_servers.ladder import KafkaServer, PostgresServer, start_kafka, start_postgres
from deploy.local_servers.postgres import create_database, drop_database
from deploy.local_servers.process import ServerMissingError
from tests.servers.databases import MigratedDatabases
from tests.servers.keeper import ADDRESS_VARIABLE, KINDS, Keeper, ask

REQUIRE_VARIABLE: Final = "PASSERELLE_REQUIRE_SERVERS"
_KEEPER: Final = pytest.StashKey[Keeper]()


def _required() -> bool:
    return os.environ.get(REQUIRE_VARIABLE) == "1"


def _without(reason: str) -> None:
    """End the test: skipped, or failed where servers are required."""
    if _required():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _address(kind: str) -> str:
    answer = ask(kind)
    if answer.failed:
        pytest.fail(answer.missing, pytrace=False)
    if answer.missing:
        _without(answer.missing)
    return answer.address


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of the run's PostgreSQL, as an administrator who may create databases and roles."""
    return _address("PostgreSQL")


@pytest.fixture(scope="session")
def kafka_bootstrap() -> str:
    """`host:port` of the run's Apache Kafka. Topics are shared: give yours unique names, and create them."""
    return _address("Apache Kafka")


@pytest.fixture
def new_postgres_url(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes fresh, empty PostgreSQL databases; each lives until the test ends."""
    names: list[str] = []

    def new() -> str:
        names.append(f"test_{uuid.uuid4().hex}")
        return create_database(postgres_server, names[-1])

    yield new
    for name in names:
        drop_database(postgres_server, name)


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """A fresh, empty PostgreSQL database of this test."""
    return new_postgres_url()


@pytest.fixture(scope="session")
def migrated_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MigratedDatabases]:
    """Databases that hold a service's tables already, so that a test need not wait for migrations."""
    databases = MigratedDatabases(tmp_path_factory.mktemp("migrated"))
    yield databases
    databases.close()


@pytest.fixture
def migrated_for() -> str | None:
    """The service whose (empty) tables `database_url` starts with; None, the default: no tables at all."""
    return None


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    migrated_for: str | None,
    migrated_databases: MigratedDatabases,
) -> str:
    """A database of this test without rows, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "database.sqlite"
        if migrated_for is not None:
            migrated_databases.copy_sqlite(migrated_for, file)
        return f"sqlite:///{file}"
    if migrated_for is not None:
        server: str = request.getfixturevalue("postgres_server")
        return migrated_databases.postgres(migrated_for, server)
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test alone, which it may stop, kill and restart."""
    try:
        server = start_postgres(own=True, durable=True)
    except ServerMissingError as reason:
        _without(str(reason))
        raise
    yield server
    server.stop()


@pytest.fixture
def own_kafka() -> Iterator[KafkaServer]:
    """An Apache Kafka node of this test alone, which it may stop, kill and restart on the same port."""
    try:
        server = start_kafka(own=True)
    except ServerMissingError as reason:
        _without(str(reason))
        raise
    yield server
    server.stop()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config) and not config.option.collectonly:
        keeper = config.stash[_KEEPER] = Keeper()
        os.environ[ADDRESS_VARIABLE] = keeper.address


def pytest_unconfigure(config: pytest.Config) -> None:
    keeper = config.stash.get(_KEEPER, None)
    if keeper is not None:
        keeper.close()
        del config.stash[_KEEPER]


def _unused(config: pytest.Config) -> list[str]:
    keeper = config.stash.get(_KEEPER, None)
    if keeper is None:
        return []
    return [kind for kind in KINDS if not (kind in keeper.answers and keeper.answers[kind].address)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _required() and _unused(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    keeper = config.stash.get(_KEEPER, None)
    if keeper is None:
        return
    terminalreporter.section("servers of this run")
    for kind in KINDS:
        answer = keeper.answers.get(kind)
        terminalreporter.line(f"{kind}: {answer or 'no test asked for it'}")
    if _required() and _unused(config):
        terminalreporter.line(
            f"FAILED: {REQUIRE_VARIABLE}=1, and no test ran on {' or '.join(_unused(config))}", red=True
        )
