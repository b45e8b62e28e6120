"""A certificate as its installation publishes it, made now, so that verifiers with clocks of their own agree."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.certification.workshop import Workshop
from tests.support.documents import agreement, offering
from tests.verifiers.judges import OFFERINGS, Published
from tests.verifiers.node import NodeMissingError, installed


@pytest.fixture(scope="session")
def verifier() -> Path:
    """The folder of the installed verifiers; without Node.js, or a registry to install from, the reason to skip."""
    try:
        return installed()
    except NodeMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Published]:
    """An issued certificate and everything that its installation publishes; a parameter names the offering."""
    changes = OFFERINGS[getattr(request, "param", "whole credits")]
    workshop = Workshop(f"sqlite:///{tmp_path / 'certification.sqlite'}", tmp_path)
    workshop.clock.moment = datetime.now(UTC) - timedelta(hours=1)
    workshop.elsewhere.publish(offering(**changes), agreement())
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    workshop.work()
    yield Published(workshop, learner)
    workshop.database.dispose()
