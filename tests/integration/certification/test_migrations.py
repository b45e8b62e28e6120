"""The history of the database ends at the tables that the code uses, on both databases."""

from services.certification.store.tables import metadata
from shared.db import Database
from shared.migrations import History, is_migrated, migrate


def test_the_migrations_lead_to_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    migrate("certification", database)
    migrate("certification", database)
    assert is_migrated("certification", database)
    with database.read() as connection:
        assert History("certification").differences(connection) == []
    assert {"awards", "certificates", "issuer_keys", "status_lists"} <= set(metadata.tables)
    database.dispose()
