"""A larger certificate in a wallet: its parts are looked at where the holder shows them, and else kept to herself."""

from dataclasses import dataclass

import pytest

from deploy.demo.wallet import Wallet
from services.certification.api.openid4vci import PATIENCE
from tests.integration.certification.stacking import OTHER_BODY, Stacking
from tests.integration.certification.test_presentations import ASKED, present
from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import Workshop


@dataclass
class LargerCase(WalletCase):
    """The wallet of a learner whose two certificates have become a larger one."""

    def __post_init__(self) -> None:
        self.wallet = Wallet(self.send, lambda: self.workshop.clock.now().timestamp())
        self.workshop.client.application.extensions[PATIENCE] = 0.0
        self.stacking = Stacking(self.workshop)
        self.learner = self.stacking.first
        self.stack = self.stacking.granted()

    @property
    def certificate_id(self) -> str:
        found: str = self.stack["certificate_id"]
        return found


@pytest.fixture
def case(workshop: Workshop) -> LargerCase:
    return LargerCase(workshop)


def test_shown_parts_are_looked_at_and_withheld_ones_are_not_told(case: LargerCase) -> None:
    held = case.copy()
    shown = case.verdict(present(case, held, "stacked_credentials"), **ASKED)
    assert (shown["verdict"], [c["name"] for c in shown["checks"]][-2:]) == ("valid", ["part-1", "part-2"])
    withheld = case.verdict(present(case, held), **ASKED)
    assert withheld["verdict"] == "valid"
    assert not [check for check in withheld["checks"] if check["name"].startswith("part")]


def test_a_shown_part_that_fell_is_a_remark(case: LargerCase) -> None:
    held = case.copy()
    (part,) = [part for part in case.stack["parts"] if part["issuer"] == OTHER_BODY]
    case.stacking.revoke(part["certificate_id"], OTHER_BODY)
    found = case.verdict(present(case, held, "stacked_credentials"), **ASKED)
    assert found["verdict"] == "valid_with_remark"
