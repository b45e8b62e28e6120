"""A learner's commands cost the same on a busy day: nothing goes through the others who applied."""

from collections.abc import Callable
from typing import Any

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
