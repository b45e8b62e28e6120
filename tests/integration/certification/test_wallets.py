"""A learner's certificate in her wallet by OpenID4VCI 1.0: offered, proven, signed, handed out, withdrawn."""

import pytest

from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import Workshop


@pytest.fixture
def case(workshop: Workshop) -> WalletCase:
    return WalletCase(workshop)


def test_the_whole_way_from_the_offer_to_the_copy(case: WalletCase) -> None:
    held = case.copy()
    assert held.disclosures
