"""A learner's commands cost the same on a busy day: nothing goes through the others who applied."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shared.db import Database
from tests.integration.admission.conftest import ON_SQLITE, OPEN

OTHERS = 60


def counted(database: Database) -> Callable[[], int]:
    """How many steps of SQLite's machine all writers have taken so far; one connection is that of all."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection = database.writing.raw_connection()
    assert connection.driver_connection is not None
    connection.driver_connection.set_progress_handler(step, 1)
    connection.close()
    return lambda: taken


@ON_SQLITE
def test_what_a_learner_does_costs_no_more_after_others_have_done_it(service: Any) -> None:
    """A look for namesakes once went through all applications to the offering."""
    service.publish(admission=OPEN)
    taken = counted(service.database)

    def cost() -> int:
        before = taken()
        service.admitted()
        return taken() - before

    cost()
    alone = cost()
    for _ in range(OTHERS):
        service.admitted()
    assert alone > OTHERS
    assert cost() < alone + OTHERS


@ON_SQLITE
def test_a_long_work_list_asks_no_more_of_the_database_than_a_short_one(service: Any) -> None:
    """Each line once asked for its offering's version anew."""
    service.publish()
    asked: list[str] = []
    sa.event.listen(service.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    def statements(lines: int) -> int:
        asked.clear()
        assert len(service.officer("GET", "/applications").body["items"]) == lines
        return len(asked)

    service.apply(service.learner())
    statements(1)
    short = statements(1)
    for _ in range(4):
        service.apply(service.learner())
    assert statements(5) == short > 0
