"""What people entered never reaches a log, not even by way of an error (S7)."""

import io
import json
import logging
import sys

import pytest
import sqlalchemy as sa
import structlog
from structlog.tracebacks import ExceptionDictTransformer

from shared.db import Database
from shared.logging import configure_logging


@pytest.fixture
def written():
    root = logging.getLogger()
    kept = root.handlers, root.level
    configure_logging()
    stream = io.StringIO()
    root.handlers[0].setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = kept
    structlog.reset_defaults()


def fail_with(entered):
    given_name = entered
    raise ValueError(len(given_name))


def test_a_traceback_has_no_local_variables(written):
    try:
        fail_with("Éloïse")
    except ValueError as error:
        structlog.get_logger("sample").error("request_failed", exc_info=error)
    [entry] = written()
    assert entry["exception"][0]["exc_type"] == "ValueError"
    assert "Éloïse" not in json.dumps(entry, ensure_ascii=False)


def test_negative_control_with_local_variables_it_would_be_there():
    try:
        fail_with("Éloïse")
    except ValueError:
        shown = ExceptionDictTransformer(show_locals=True)(sys.exc_info())
    assert "Éloïse" in json.dumps(shown, ensure_ascii=False)


def test_a_database_error_does_not_show_its_parameters(tmp_path):
    with (
        Database(f"sqlite:///{tmp_path / 'x.sqlite'}").read() as connection,
        pytest.raises(sa.exc.OperationalError) as failed,
    ):
        connection.execute(sa.text("SELECT * FROM nowhere WHERE name = :name"), {"name": "Éloïse"})
    assert "Éloïse" not in str(failed.value)
