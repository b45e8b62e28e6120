"""Databases that hold a service's tables: made once per process, emptied between tests."""

import shutil
import uuid
from pathlib import Path

import sqlalchemy as sa

from deploy.local_servers.postgres import create_database, drop_database
from shared.db import Database
from shared.migrations import migrate


class MigratedDatabases:
    """One SQLite file per service to copy from, and one PostgreSQL database per service to empty and use again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._urls: dict[str, str] = {}
        self._made: list[tuple[str, str]] = []

    def copy_sqlite(self, service: str, target: Path) -> None:
        """A migrated SQLite database without rows at `target`."""
        if service not in self._files:
            file = self._folder / f"{service}.sqlite"
            _migrated(service, f"sqlite:///{file}")
            self._files[service] = file
        shutil.copyfile(self._files[service], target)

    def postgres(self, service: str, server: str) -> str:
        """The address of this process's migrated PostgreSQL database for `service`, without rows."""
        url = self._urls.get(service)
        if url is None or not _emptied(url):
            name = f"test_{service}_{uuid.uuid4().hex[:12]}"
            url = self._urls[service] = create_database(server, name)
            self._made.append((server, name))
            _migrated(service, url)
        return url

    def close(self) -> None:
        for server, name in self._made:
            drop_database(server, name)


def _migrated(service: str, url: str) -> None:
    database = Database(url)
    migrate(service, database)
    database.dispose()


def _emptied(url: str) -> bool:
    """Whether all rows could be removed; not so while something left over by a test still holds a lock."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            names = sa.inspect(connection).get_table_names()
            tables = ", ".join(f'"{name}"' for name in names if not name.startswith("alembic_version"))
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    except sa.exc.OperationalError:
        return False
    else:
        return True
    finally:
        engine.dispose()
