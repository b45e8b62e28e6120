from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import Workshop


@pytest.fixture
def migrated_for() -> str:
    return "certification"


@pytest.fixture
def workshop(database_url: str, tmp_path: Path) -> Iterator[Workshop]:
    """Certification on a fresh database, once on SQLite and once on PostgreSQL."""
    made = Workshop(database_url, tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture
def case(workshop: Workshop) -> WalletCase:
    """A learner with a certificate and a wallet."""
    return WalletCase(workshop)
