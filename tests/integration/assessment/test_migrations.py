"""The migrations make exactly the tables that the code declares, on both databases."""

from shared.migrations import History
from tests.integration.assessment.conftest import AssessmentService


def test_tables_and_history_do_not_differ(service: AssessmentService):
    with service.database.read() as connection:
        assert History("assessment").differences(connection) == []
