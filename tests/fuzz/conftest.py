import logging

import pytest
import structlog

from shared.settings import load_settings
from tests.support.applications import APPLICATIONS, open_application


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    home = tmp_path_factory.mktemp("fuzz")
    return load_settings({"PASSERELLE_HOME": str(home), "PUBLIC_URL": "http://127.0.0.1:8000"})


@pytest.fixture(scope="session", params=APPLICATIONS)
def application(request, settings):
    return open_application(request.param, settings)


@pytest.fixture(scope="session", autouse=True)
def _quiet():
    """Faults still reach the log; a line for each of 50,000 refusals does not."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
    )
    yield
    structlog.reset_defaults()
