"""The histories lead to exactly the tables that the code uses, on both databases."""

import pytest
import sqlalchemy as sa

from shared.db import Database
from shared.migrations import MESSAGING, History, NewerDatabaseError, is_migrated, migrate
from shared.settings import SERVICES


@pytest.mark.parametrize("owner", [MESSAGING, *SERVICES])
def test_history_and_tables_agree(database_url: str, owner: str) -> None:
    database = Database(database_url)
    history = History(owner)
    with database.write() as connection:
        assert not history.is_current(connection)
        history.upgrade(connection)
    with database.read() as connection:
        assert history.is_current(connection)
        assert history.differences(connection) == []
    database.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    assert not is_migrated("admission", database)
    migrate("admission", database)
    migrate("admission", database)
    assert is_migrated("admission", database)
    database.dispose()


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    database = Database(database_url)
    migrate("admission", database)
    with database.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version_admission SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match=r"newer version .*9999"):
        migrate("admission", database)
    assert not is_migrated("admission", database)
    database.dispose()
