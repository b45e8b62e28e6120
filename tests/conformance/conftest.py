"""The service of `tests/support/messaging.py`, on each database."""

from collections.abc import Iterator

import pytest

from shared.db import Database
from tests.support.messaging import Steady, create_tables


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    create_tables(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def service(database: Database) -> Steady:
    return Steady(database)
