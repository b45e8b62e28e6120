"""Health of a process: ready with its database and migrations, degraded while something has to catch up."""

from datetime import timedelta

import pytest
from werkzeug.test import Client

from shared.clock import FixedClock
from shared.db import Database
from shared.messaging.tables import outbox, parked
from shared.migrations import migrate
from shared.settings import load_settings
from shared.web.health import BACKLOG_SECONDS, aggregate_health
from tests.support.sample_service import create_sample


@pytest.fixture
def enrolment(settings, database_url, clock):
    from services.enrolment.app import create_app

    database = Database(database_url)
    yield create_app(settings, database=database, clock=clock), database
    database.dispose()


def ready(app):
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json


def test_a_service_is_ready_once_its_database_is_migrated(enrolment):
    app, database = enrolment
    assert ready(app) == (503, {"status": "unavailable", "troubles": {"database": "not migrated", **AWAY}})
    migrate("enrolment", database)
    assert ready(app) == (200, {"status": "ready", "troubles": {}})


AWAY = {"messaging": "OperationalError"}


@pytest.fixture(autouse=True)
def _named_alike(enrolment, monkeypatch):
    """The error's name where tables are missing differs between the databases; one name is enough here."""
    if not enrolment[1].is_sqlite:
        monkeypatch.setitem(AWAY, "messaging", "ProgrammingError")


def event(number, clock, **more):
    return {
        "id": f"e{number}",
        "type": "t",
        "source": "s",
        "subject": "s",
        "partition_key": "k",
        "sequence": "1",
        "time": clock.now(),
        "correlation_id": "c",
        "data": "{}",
        "audience": [],
        **more,
    }


def test_a_backlog_and_parked_events_degrade_but_do_not_stop(enrolment, clock):
    app, database = enrolment
    migrate("enrolment", database)
    with database.write() as connection:
        connection.execute(outbox.insert(), event(1, clock))
    assert ready(app)[1]["status"] == "ready", "a moment's backlog is nothing"
    clock.advance(timedelta(seconds=BACKLOG_SECONDS + 1))
    assert ready(app)[1]["troubles"] == {"messaging": "1 events wait to be published, the oldest for 61 s"}
    with database.write() as connection:
        parked_event = {"topic": "t", "partition": 0, "offset": 1, "key": "k", "headers": {}, "value": b""}
        connection.execute(parked.insert(), {**parked_event, "reason": "r", "parked_at": clock.now()})
    status, document = ready(app)
    assert (status, document["status"]) == (200, "degraded")
    assert document["troubles"]["messaging"].endswith("1 events are parked")


class Worker:
    service = "sample"

    def __init__(self, **troubles):
        self._troubles = troubles

    def troubles(self):
        return self._troubles


def asked(application, path):
    answer = Client(application).get(path)
    return answer.status_code, answer.json


def test_a_process_with_several_applications_is_ready_when_all_are(enrolment, tmp_path, settings, clock):
    app, database = enrolment
    migrate("enrolment", database)
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    sample = create_sample(
        load_settings({"PASSERELLE_HOME": str(tmp_path)}), other, clock=FixedClock(clock.now())
    )
    both = aggregate_health({"enrolment": app, "sample": sample}, [Worker()])
    assert asked(both, "/healthz") == (200, {"status": "alive"})
    status, document = asked(both, "/readyz")
    assert (status, document["status"]) == (503, "unavailable"), "the sample is not migrated"
    assert document["services"]["enrolment"]["status"] == "ready"
    alone = aggregate_health({"enrolment": app}, [Worker()])
    assert asked(alone, "/readyz")[1]["status"] == "ready"
    troubled = aggregate_health({"enrolment": app}, [Worker(consumer="LogUnavailableError: away")])
    status, document = asked(troubled, "/readyz")
    assert (status, document["status"]) == (200, "degraded")
    assert document["workers"] == {"worker.sample": "consumer"}, "anybody may ask: the part, not the text"
    other.dispose()
