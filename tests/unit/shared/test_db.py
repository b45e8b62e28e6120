"""The database's promises: writers wait in line, readers wait for nobody, moments keep their zone."""

import socket
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared import db
from shared.db import Database, JsonDocument, UtcDateTime, is_transient
from shared.sqlite_writer import WriteLockTimeoutError

METADATA = sa.MetaData()
NOTES = sa.Table(
    "notes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime),
    sa.Column("document", JsonDocument),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.write() as connection:
        METADATA.create_all(connection)
    yield database
    database.dispose()


def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    moment = datetime(2026, 5, 3, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    with database.write() as connection:
        connection.execute(NOTES.insert(), {"id": 1, "at": moment, "document": {"a": [1, None]}})
    with database.read() as connection:
        row = connection.execute(NOTES.select()).one()
    assert row.at == moment
    assert row.at.tzinfo == UTC
    assert row.document == {"a": [1, None]}


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a time zone"), database.write() as connection:
        connection.execute(NOTES.insert(), {"id": 1, "at": datetime(2026, 5, 3)})  # noqa: DTZ001 - the fault


def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(NOTES.insert(), {"id": 1})
        raise RuntimeError
    with database.read() as connection:
        assert connection.execute(NOTES.select()).all() == []


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.execute(NOTES.insert(), {"id": 1})
        with database.read() as reader:
            assert reader.execute(NOTES.select()).all() == []


def test_what_people_entered_does_not_reach_an_error_text(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as raised, database.write() as connection:
        connection.execute(NOTES.insert(), [{"id": 1, "document": "Żółć"}, {"id": 1, "document": "Żółć"}])
    assert "Żółć" not in str(raised.value)


def test_concurrent_writers_lose_nothing(database: Database) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 20):
            with database.write() as connection:
                connection.execute(NOTES.insert(), {"id": number})

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(NOTES)).scalar_one() == 160


def test_a_writer_that_does_not_wait_longer_is_told_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write(), ThreadPoolExecutor(1) as pool:

        def write() -> None:
            with database.write(patience=0.01):
                raise AssertionError

        with pytest.raises(WriteLockTimeoutError):
            pool.submit(write).result()
    with database.write(patience=0.01) as connection:
        METADATA.create_all(connection)
    database.dispose()


def test_what_is_committed_to_a_file_has_reached_the_disk(tmp_path: Path) -> None:
    """Acknowledged means durable, with a write-ahead log of at most 40 MB (ADR 0014)."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 10_000}
    with database.write() as writer, database.read() as reader:
        for connection in (writer, reader):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
            assert found == wanted
    database.dispose()


def test_sqlite_wants_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite://")


def test_only_faults_of_availability_are_transient(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as broken, database.write() as connection:
        connection.execute(NOTES.insert(), [{"id": 1}, {"id": 1}])
    assert not is_transient(broken.value)
    assert not is_transient(ValueError("x"))
    assert is_transient(sa.exc.OperationalError("x", None, Exception("database is locked")))


@pytest.mark.parametrize(
    "statement", ["SELECT gone FROM notes", "SELECT 1 FROM gone", "INSERT INTO notes (gone) VALUES (1)"]
)
def test_a_schema_of_another_version_is_no_fault_of_availability(database: Database, statement: str) -> None:
    """Waiting does not mend it, and nobody may be told that the database is away."""
    with pytest.raises(sa.exc.DBAPIError) as caught, database.write() as connection:
        connection.execute(sa.text(statement))
    assert not is_transient(caught.value)


def test_what_people_entered_is_in_no_error(database: Database) -> None:
    """PostgreSQL quotes the row that breaks a rule; errors end in logs, among parked events and in the status."""
    people = sa.Table(
        "people",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("born", sa.Integer, sa.CheckConstraint("born > 1900", name="born")),
    )
    row = {"id": 1, "name": "Žemaitytė", "born": 1986}
    with database.write() as connection:
        people.create(connection)
        connection.execute(people.insert(), row)
    for wrong in (row, {**row, "id": 2, "born": 1}):
        with pytest.raises(sa.exc.IntegrityError) as caught, database.write() as connection:
            connection.execute(people.insert(), wrong)
        told = "".join(traceback.format_exception(caught.value))
        assert "Žemaitytė" not in told
        assert "(1)" not in told
        assert "constraint" in told


def test_a_server_that_does_not_answer_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql+psycopg://x@127.0.0.1:{silent.getsockname()[1]}/x")
        began = time.monotonic()
        with pytest.raises(sa.exc.OperationalError) as caught, database.read():
            pass
    assert time.monotonic() - began < 60
    assert is_transient(caught.value)


def test_a_url_may_set_its_own_time_to_connect() -> None:
    database = Database("postgresql+psycopg://x@127.0.0.1:1/x?connect_timeout=9&application_name=y")
    assert dict(database.engine.url.query) == {"connect_timeout": "9", "application_name": "y"}
