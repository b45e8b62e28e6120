import logging

import pytest
import structlog

from shared.settings import SERVICES, load_settings
from tests.support.applications import open_application


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    return load_settings({"PASSERELLE_HOME": str(tmp_path_factory.mktemp("authz"))})


@pytest.fixture(scope="session", params=SERVICES)
def application(request, settings):
    return open_application(request.param, settings)


@pytest.fixture(scope="session", autouse=True)
def _quiet():
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
    )
    yield
    structlog.reset_defaults()
