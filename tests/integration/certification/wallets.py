"""A learner's wallet at a workshop: the application in this process, the worker's jobs run while an answer waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from deploy.demo.wallet import Held, Wallet
from services.certification.api.openid4vci import PATIENCE
from services.certification.store.tables import certificates
from shared.ids import derived_id
from tests.integration.certification.workshop import Learner, Workshop

SUBJECT = "1"


@dataclass
class WalletCase:
    """A learner with an issued certificate, and her wallet. With `works`, every request is followed by the worker."""

    workshop: Workshop
    works: bool = True
    attends: bool = False
    wallet: Wallet = field(init=False)
    learner: Learner = field(init=False)

    def __post_init__(self) -> None:
        settings = self.workshop.settings
        self.wallet = Wallet(self.send, lambda: self.workshop.clock.now().timestamp())
        self.workshop.client.application.extensions[PATIENCE] = 0.0
        self.learner = HolderOfToken(self.workshop, settings.oidc_issuer)
        self.learner.known()
        self.learner.results("sha256:" + "a" * 64)
        self.workshop.deliver(*(self.learner.attended() if self.attends else self.learner.usual()))
        self.workshop.work()

    @property
    def certificate_id(self) -> str:
        found: str = self.workshop.rows(certificates)[0].id
        return found

    def send(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.workshop.settings.public_url, url
        answer = self.workshop.client.open(
            parts.path, method=method, query_string=parts.query, data=body, headers=dict(headers)
        )
        if answer.status_code == 202 and self.works:
            self.workshop.work()
        return answer.status_code, answer.data

    def offered(self, *, transaction_code: bool = False, subject: str = SUBJECT) -> Any:
        """The answer to a learner who makes an offer."""
        path = f"/certificates/{self.certificate_id}/wallet-offers"
        return self.workshop.post(path, {"transaction_code": transaction_code}, "learner", subject)

    def offer(self, *, transaction_code: bool = False) -> dict[str, Any]:
        """An offer as its learner sees it."""
        made = self.offered(transaction_code=transaction_code)
        assert made.status_code == 201, made.data
        return self.shown(made.get_json()["id"])

    def shown(self, offer_id: str) -> dict[str, Any]:
        token = self.workshop.token("learner", None, SUBJECT)
        found: dict[str, Any] = self.workshop.get(
            f"/certification/v1/wallet-offers/{offer_id}", token
        ).get_json()
        return found

    def copy(self) -> Held:
        """A copy in the wallet."""
        (held,) = self.wallet.accept(self.offer()["link"])
        return held

    def verdict(self, presented: str, **expected: str) -> dict[str, Any]:
        """What the public door says of a presentation."""
        body = {"credential": presented, **expected}
        answer = self.workshop.client.post("/certification/v1/verifications", json=body)
        assert answer.status_code == 200, answer.data
        found: dict[str, Any] = answer.get_json()
        return found


@dataclass
class HolderOfToken(Learner):
    """A learner who can sign in: her id is that of the development issuer's subject."""

    issuer: str = ""

    def __init__(self, workshop: Workshop, issuer: str) -> None:
        super().__init__(workshop)
        self.issuer = issuer

    @property
    def learner_id(self) -> str:
        return derived_id("learner", self.issuer, SUBJECT)


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63 - 1,
    1.5,
    1e308,
    "",
    "x",
    "\u202e",
    [],
    [1],
    ["x"],
    {},
    {"x": {}},
    [[]],
)


def odd(document: dict[str, Any]) -> list[dict[str, Any]]:
    """`document` with each of its members, and of those inside it, of each odd kind."""
    found = [{**document, name: value} for name in document for value in ODD]
    for name, inner in document.items():
        if isinstance(inner, dict):
            found += [{**document, name: changed} for changed in odd(inner)]
    return found
