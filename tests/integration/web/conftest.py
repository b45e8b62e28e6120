import logging
from datetime import UTC, datetime

import pytest
import structlog

from shared.clock import FixedClock
from shared.settings import load_settings
from shared.web.development import mint_token
from tests.support.sample_service import create_sample, make_database


@pytest.fixture
def settings(tmp_path):
    return load_settings({"PASSERELLE_HOME": str(tmp_path), "PUBLIC_URL": "https://passerelle.example"})


@pytest.fixture
def database(database_url):
    made = make_database(database_url)
    yield made
    made.dispose()


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 11, 22, 10, tzinfo=UTC))


@pytest.fixture
def app(settings, database, clock):
    return create_sample(settings, database, clock=clock)


@pytest.fixture(scope="session", autouse=True)
def _quiet():
    """Faults still reach the log; a line for each of thousands of requests does not."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
    )
    yield
    structlog.reset_defaults()


class People:
    """Requests in somebody's name."""

    def __init__(self, app, settings):
        self._app = app
        self._settings = settings

    def headers(self, role="coordinator", institution="helsinki.fi", subject="anna"):
        token = mint_token(self._settings, role, institution=institution, subject=subject)
        return {"Authorization": f"Bearer {token}"}

    def ask(self, method, path, *, as_=None, headers=None, **options):
        given = headers or {}
        if "Authorization" not in given:
            given = self.headers(**(as_ or {})) | given
        with self._app.test_client() as client:
            return client.open(path, method=method, headers=given, **options)

    def make(self, *, title="A thing", seats=3, headers=None, as_=None, **more):
        body = {"title": title, "seats": seats, **more}
        return self.ask("POST", "/sample/v1/things", json=body, headers=headers, as_=as_)


@pytest.fixture
def people(app, settings):
    return People(app, settings)
