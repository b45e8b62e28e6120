"""The W3C's VC-API with certificates of this installation: their keys and lists come from the register (issue 4)."""

from pathlib import Path

import pytest

from services.certification.store.tables import status_lists
from tests.integration.certification.issued import badge, certified
from tests.integration.certification.vc_api import presentation, presented, verify, verify_presentation
from tests.integration.certification.workshop import Learner, Workshop


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def learner(workshop: Workshop) -> Learner:
    return certified(workshop)


def test_a_certificate_of_ours_verifies_without_asking_ourselves_over_the_network(
    workshop: Workshop, learner: Learner
) -> None:
    """The fetcher goes nowhere private, so that on a laptop it would not reach this installation's own lists."""
    assert workshop.web.documents == {}
    status, answer = verify(workshop, badge(workshop))
    assert (status, answer["verified"], answer["errors"]) == (200, True, [])
    assert {"proof", "credentialStatus"} <= set(answer["checks"][0]["check"])
    assert verify_presentation(workshop, presented(presentation(badge(workshop)))) == 200


def test_a_certificate_of_ours_that_is_suspended_does_not_verify(
    workshop: Workshop, learner: Learner
) -> None:
    workshop.deliver(learner.completion("overturned"))
    workshop.work()
    status, answer = verify(workshop, badge(workshop))
    assert (status, answer["verified"]) == (400, False)
    types = [problem["type"] for problem in answer["problemDetails"]]
    assert types == ["https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"]


@pytest.mark.parametrize("stored", [None, '{"forged": true}'])
def test_a_list_of_ours_that_is_not_there_or_changed_says_nothing(
    workshop: Workshop, learner: Learner, stored: str | None
) -> None:
    with workshop.database.write() as connection:
        connection.execute(status_lists.update().values(credential=stored))
    assert verify(workshop, badge(workshop))[0] == 400
    assert verify(workshop, badge(workshop), checks=["proof"])[0] == 200
