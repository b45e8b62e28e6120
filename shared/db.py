"""One way to reach a database, the same on SQLite and PostgreSQL.

`read()` never waits for a writer; `write()` is one transaction that is either committed whole or not at all.
Measured on SQLite: writers that begin without IMMEDIATE collect lock errors by the thousand, and two unfair
writers starve each other; hence IMMEDIATE and one first-in-first-out lock per file in a process.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.types import TypeDecorator

from shared.sqlite_writer import Writer, writer_for

LOCK_SECONDS: Final = 5
_BUSY_MILLISECONDS: Final = 10_000
_CONNECT_SECONDS: Final = 5
_CACHE_KIBIBYTES: Final = 8 * 1024
# A checkpoint keeps every writer waiting: the fewer the better, as long as the write-ahead log stays small (40 MB).
_CHECKPOINT_PAGES: Final = 10_000


class UtcDateTime(TypeDecorator[Any]):
    """An aware moment; stored in UTC, given back aware, in microseconds, and sortable on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonDocument(TypeDecorator[Any]):
    """A JSON document (JSONB on PostgreSQL); None is SQL's NULL."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        kind = JSONB(none_as_null=True) if dialect.name == "postgresql" else sa.JSON(none_as_null=True)
        return dialect.type_descriptor(kind)


class Database:
    """A database by URL (`sqlite:///file` or `postgresql+psycopg://...`).

    On PostgreSQL a statement waits `LOCK_SECONDS` for a lock that another transaction holds, and fails then.
    """

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            file = self.url.database
            if not file or file == ":memory:":
                raise ValueError("SQLite needs a file: sqlite:///path")
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            self._writer: Writer | None = writer_for(file, lambda: _sqlite_engine(url, 1, "BEGIN IMMEDIATE"))
            self.engine = _sqlite_engine(url, pool_size, "BEGIN")
        else:
            self._writer = None
            self.engine = sa.create_engine(
                # The library waits more than two minutes for a server that does not answer at all.
                self.url.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS), **self.url.query}),
                pool_size=pool_size,
                max_overflow=0,
                pool_timeout=5,
                pool_use_lifo=True,  # few connections that are warm, rather than all of them in turn
                hide_parameters=True,
            )
            event.listen(self.engine, "handle_error", _hide_values)
            event.listen(self.engine, "connect", _limit_waiting)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a read transaction: one consistent view on SQLite, committed data on PostgreSQL."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, *, patience: float | None = None) -> AbstractContextManager[Connection]:
        """One write transaction: committed at the end of the block, rolled back by any exception.

        Raises:
            WriteLockTimeoutError: the other writers of this file took longer than `patience` seconds (SQLite).
        """
        return self.engine.begin() if self._writer is None else self._writer.write(patience)

    @property
    def writing(self) -> Engine:
        """The engine that `write` uses."""
        return self.engine if self._writer is None else self._writer.engine

    def dispose(self) -> None:
        self.engine.dispose()
        if self._writer is not None:
            self._writer.dispose()


def _sqlite_engine(url: str, pool_size: int, begin: str) -> Engine:
    """An engine whose transactions start with the statement `begin`."""
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # what people entered has no place in a log
        connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000},
        poolclass=sa.pool.QueuePool,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions by itself, in its own way
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL loses acknowledged commits at a power cut
            "foreign_keys=ON",
            f"cache_size={-_CACHE_KIBIBYTES}",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            f"busy_timeout={_BUSY_MILLISECONDS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def do_begin(dbapi_connection: Any) -> None:
        dbapi_connection.execute(begin)

    # An event would do, but an engine that has one looks for listeners around every statement.
    engine.dialect.do_begin = do_begin  # type: ignore[method-assign]
    return engine


def _limit_waiting(connection: Any, _record: Any) -> None:
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.commit()


def _hide_values(context: Any) -> None:
    """Keep the server's first line: a DETAIL below it quotes whole rows, which have no place in a log."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    said = str(original)
    if "\n" in said and not isinstance(wrapped, OperationalError):
        first = said.partition("\n")[0]
        original.args = (first, *original.args[1:])
        if wrapped is not None:
            wrapped.args = tuple(part.replace(said, first) for part in wrapped.args)


# SQLite reports a schema that is not what the code expects as an operational error, like a lock.
_DEFECTS_ON_SQLITE: Final = ("no such table", "no such column", "has no column named", "syntax error")


def is_transient(error: BaseException) -> bool:
    """Whether `error` is of the database's availability (connection, lock, deadlock), not of the statement."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, OperationalError | InterfaceError | sa.exc.TimeoutError):
        return not any(said in str(getattr(error, "orig", error)) for said in _DEFECTS_ON_SQLITE)
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return sqlstate[:2] in {"40", "53", "55", "57", "08"}
