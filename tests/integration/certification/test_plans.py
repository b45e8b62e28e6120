"""However many certificates there are, what is asked for with each request and job finds its rows by an index."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.store import (
    decisions,
    holdings,
    issuance,
    log,
    queries,
    recognition_queries,
    recognitions,
    stacking_rules,
    stacks,
    statements,
    status_lists,
    token_status_lists,
    wallet,
)
from services.certification.store.awards import load_award
from services.certification.store.queries import Scope, Wanted
from services.certification.store.tables import metadata
from shared.db import Database
from shared.migrations import migrate

ID = "00000000-0000-4000-8000-000000000000"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MINE, OURS = Scope(learner_id=ID), Scope(institution="helsinki.fi")
READINGS: dict[str, Callable[[sa.Connection], Any]] = {
    "award": lambda c: load_award(c, ID),
    "certificate": lambda c: queries.certificate(c, OURS, ID),
    "certificates of a learner": lambda c: queries.certificate_page(c, MINE, Wanted(), (NOW, ID), 10),
    "certificates of a body": lambda c: queries.certificate_page(c, OURS, Wanted(), (NOW, ID), 10),
    "awards of a learner": lambda c: queries.award_page(c, MINE, Wanted(), ID, 10),
    "awards of an offering": lambda c: queries.awards_of_offering(c, "sustainability", 1),
    "completed awards": lambda c: queries.completed_awards(c, ID),
    "by address": lambda c: queries.by_public_id(c, "v"),
    "by credential": lambda c: queries.by_credential_id(c, f"urn:uuid:{ID}"),
    "statement by address": lambda c: statements.by_public_id(c, "v"),
    "statement by credential": lambda c: statements.by_credential_id(c, f"urn:uuid:{ID}"),
    "statements of cases": lambda c: statements.latest_of(c, [ID]),
    "rendering": lambda c: queries.rendering(c, ID, "open_badges_3"),
    "formats": lambda c: queries.formats_of(c, [ID]),
    "successors": lambda c: queries.successors_of(c, [ID]),
    "signed": lambda c: queries.signed(c, [ID]),
    "newest certificates": lambda c: queries.latest_certificates(c, [ID]),
    "newest of an issuer": lambda c: queries.latest_snapshot(c, "helsinki.fi"),
    "waiting for a signature": lambda c: issuance.ready_of(c, ID),
    "waiting for a second person": lambda c: decisions.waiting_for_second(c, [ID]),
    "status lists of certificates": lambda c: queries.status_lists_of(c, [ID]),
    "bits": lambda c: status_lists.withdrawn_indexes(c, ID),
    "token status lists": lambda c: token_status_lists.lists_with(c, [ID]),
    "statuses of copies": lambda c: token_status_lists.statuses(c, ID),
    "copy at its place": lambda c: wallet.copy_at(c, ID, 1),
    "copies of an offer": lambda c: wallet.copies_of(c, ID),
    "offer by its code": lambda c: wallet.offer_by(c, code="x"),
    "log entries": lambda c: log.about(c, [ID]),
    "log leaf": lambda c: log.position_of(c, "x"),
    "recognition": lambda c: recognitions.load(c, ID),
    "recognitions of an award": lambda c: recognition_queries.of_award(c, ID),
    "waiting requests": lambda c: recognition_queries.waiting_requests(c, ID),
    "stacks of a learner": lambda c: stacks.stacks_of(c, ID),
    "holdings": lambda c: holdings.holdings_of(c, ID, []),
    "stacks on something": lambda c: stacking_rules.stacks_on_something(c, "sustainability"),
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """SQLite alone: PostgreSQL reads small tables whole, whatever indexes there are."""
    file: Path = tmp_path_factory.mktemp("plans") / "database.sqlite"
    database = Database(f"sqlite:///{file}")
    migrate("certification", database)
    with database.read() as connection:
        yield connection
    database.dispose()


@pytest.mark.parametrize("reading", READINGS)
def test_no_table_is_read_whole(connection: sa.Connection, reading: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    READINGS[reading](connection)
    sa.event.remove(connection, "before_cursor_execute", note)
    assert asked
    for statement, parameters in asked:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        read_whole = {row.detail.removeprefix("SCAN ") for row in plan} & set(metadata.tables)
        assert not read_whole, statement
