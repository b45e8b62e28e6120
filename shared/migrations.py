"""Alembic histories without an Alembic environment: one of the messaging tables, one of each service.

Both live in the same database, each with its own version table. `python -m shared.migrations SERVICE MESSAGE` drafts
the next revision of a service (or of `messaging`) from the difference between its tables and its history.
"""

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from shared.db import Database

MESSAGING: Final = "messaging"
_TEMPLATE: Final = '''"""{message}."""

import sqlalchemy as sa
from alembic import op

import shared.db

revision = "{revision}"
down_revision = {down}


def upgrade() -> None:
    {body}
'''


class NewerDatabaseError(Exception):
    """A database has revisions that this version of the program does not know."""


class History:
    """The migrations of one owner of tables: a service by name, or `messaging`."""

    def __init__(self, owner: str) -> None:
        package = "shared.messaging" if owner == MESSAGING else f"services.{owner}"
        module = "shared.messaging.tables" if owner == MESSAGING else f"{package}.store.tables"
        self.metadata: sa.MetaData = importlib.import_module(module).metadata
        root = importlib.import_module(package).__file__ or ""
        self.folder = Path(root).parent / "migrations"
        self.version_table = f"alembic_version_{owner}"
        self._config = Config()
        self._config.set_main_option("script_location", str(self.folder).replace("%", "%%"))
        self.script = ScriptDirectory.from_config(self._config)

    def upgrade(self, connection: sa.Connection) -> None:
        """Bring the tables to the newest revision, inside the caller's transaction.

        Raises:
            NewerDatabaseError: they are beyond it already; there is no way back.
        """

        def steps(revision: Any, _context: Any) -> Any:
            try:
                return self.script._upgrade_revs("head", revision)  # noqa: SLF001 - as alembic.command.upgrade does
            except CommandError as error:
                raise NewerDatabaseError(
                    f"a database is of a newer version of Passerelle ({error}); start that version, or restore a "
                    "backup made by this one"
                ) from error

        with EnvironmentContext(self._config, self.script, fn=steps) as environment:
            environment.configure(connection=connection, version_table=self.version_table)
            environment.run_migrations()

    def is_current(self, connection: sa.Connection) -> bool:
        """Whether the newest revision has been applied."""
        context = MigrationContext.configure(connection, opts={"version_table": self.version_table})
        return set(context.get_current_heads()) == set(self.script.get_heads())

    def differences(self, connection: sa.Connection) -> list[Any]:
        """What differs between the tables in code and in the database; empty when the history is complete."""
        return list(compare_metadata(self._comparison(connection), self.metadata))

    def draft(self, connection: sa.Connection, message: str) -> Path:
        """Write the next revision from the differences; to be read and corrected by a person."""
        operations = produce_migrations(self._comparison(connection), self.metadata)
        upgrade = operations.upgrade_ops
        if upgrade is None or upgrade.is_empty():
            raise ValueError("the tables do not differ from their history")
        heads = self.script.get_heads()
        revision = f"{len(list(self.script.walk_revisions())) + 1:04d}"
        body = render_python_code(
            upgrade, render_as_batch=False, migration_context=self._comparison(connection)
        )
        file = self.folder / "versions" / f"{revision}_{message.lower().replace(' ', '_')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        down = repr(heads[0]) if heads else "None"
        file.write_text(
            _TEMPLATE.format(message=message, revision=revision, down=down, body=body), encoding="utf-8"
        )
        return file

    def _comparison(self, connection: sa.Connection) -> MigrationContext:
        def ours(name: str | None, kind: str, _parents: Any) -> bool:
            return kind != "table" or name in self.metadata.tables

        return MigrationContext.configure(
            connection,
            opts={
                "version_table": self.version_table,
                "include_name": ours,
                "target_metadata": self.metadata,
                "compare_type": False,
            },
        )


def migrate(service: str, database: Database) -> None:
    """Bring the database of `service` to the newest revisions; does nothing where it is there already."""
    with database.write() as connection:
        History(MESSAGING).upgrade(connection)
        History(service).upgrade(connection)


def is_migrated(service: str, database: Database) -> bool:
    """Whether the database of `service` has the newest revisions."""
    with database.read() as connection:
        return History(MESSAGING).is_current(connection) and History(service).is_current(connection)


def _draft(owner: str, message: str) -> Path:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.sqlite")
        history = History(owner)
        with database.write() as connection:
            history.upgrade(connection)
            return history.draft(connection, message)


if __name__ == "__main__":
    sys.stdout.write(f"{_draft(sys.argv[1], ' '.join(sys.argv[2:]))}\n")
