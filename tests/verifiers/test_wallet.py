"""A wallet and a verifier of somebody else (OpenWallet Foundation, npm) against the running service (issue 4, 7.4).

`@openid4vc/openid4vci` takes the offer, `@sd-jwt/sd-jwt-vc` keeps, presents and verifies; neither knows this service.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from deploy.demo.wallet import Wallet, decoded
from services.certification.api.openid4vci import PATIENCE
from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import PUBLIC_URL, Workshop
from tests.verifiers.node import NodeMissingError, installed, run

HERE = Path(__file__).parent / "wallet"
CASES = Path(__file__).parent.parent / "credentials"
ASKED = {"nonce": "n-7Hf2", "audience": "https://employer.example"}


@dataclass
class Place:
    """The service behind a port, its worker at work, and the software of others.

    Who clears `may_work` keeps the worker from work until somebody has been told to come later.
    """

    case: WalletCase
    server: str
    folder: Path
    may_work: threading.Event

    def run(self, **document: Any) -> dict[str, Any]:
        found: dict[str, Any] = run(
            self.folder, "wallet.mjs", {"origin": PUBLIC_URL, "server": self.server, **ASKED, **document}
        )
        return found

    def take(self, **options: Any) -> dict[str, Any]:
        """What comes out of an offer in the other wallet."""
        offer = self.case.offer(transaction_code=True)
        document = {"link": offer["link"], "transactionCode": offer["transaction_code"], **options}
        return self.run(**document)


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return installed(HERE)
    except NodeMissingError as error:
        pytest.skip(f"the other wallet cannot run: {error}")


@pytest.fixture
def place(folder: Path, tmp_path: Path) -> Iterator[Place]:
    workshop = Workshop(f"sqlite:///{tmp_path / 'certification.sqlite'}", tmp_path)
    workshop.clock.moment = datetime.now(UTC)
    case = WalletCase(workshop)
    workshop.client.application.extensions[PATIENCE] = 120.0
    stop, may_work = threading.Event(), threading.Event()
    may_work.set()

    def served(environ: Any, start_response: Any) -> Any:
        def begin(status: str, headers: Any, *rest: Any) -> Any:
            if status.startswith("202"):
                may_work.set()
            return start_response(status, headers, *rest)

        return workshop.client.application.wsgi_app(environ, begin)

    def work() -> None:
        while not stop.wait(0.02):
            if may_work.is_set():
                workshop.clock.moment = max(datetime.now(UTC), workshop.clock.now())
                workshop.work(1)

    server = make_server("127.0.0.1", 0, served, threaded=True)

    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    yield Place(case, f"http://127.0.0.1:{server.server_port}", folder, may_work)
    stop.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()
    workshop.database.dispose()


def test_it_takes_the_offer_and_its_presentation_is_valid_here(place: Place) -> None:
    got = place.take(copies=2, disclose=["family_name", "learning_outcomes"])
    assert "error" not in got, got
    assert (len(got["credentials"]), got["deferred"]) == (2, False)
    found = place.case.verdict(got["presentation"], **ASKED)
    assert found["verdict"] == "valid", found
    shown = [decoded(part)[1] for part in got["presentation"].split("~")[1:-1]]
    assert sorted(shown) == ["family_name", "learning_outcomes"]


def test_an_offer_without_transaction_code_by_value(place: Place) -> None:
    got = place.run(link=place.case.offer()["link_by_value"])
    assert len(got["credentials"]) == 1, got


def test_a_late_answer_is_fetched_later(place: Place) -> None:
    place.case.workshop.client.application.extensions[PATIENCE] = 0.0
    place.may_work.clear()
    got = place.take()
    assert (got.get("deferred"), len(got.get("credentials", []))) == (True, 1), got


def test_it_verifies_what_our_wallet_presents(place: Place) -> None:
    held = place.case.copy()
    judged = place.run(presentation=held.present(["family_name"], **ASKED))
    assert judged["claims"]["family_name"] == "Παπαδοπούλου"
    assert "birthdate" not in judged["claims"]


def test_it_refuses_what_was_changed_withheld_or_meant_for_another(place: Place) -> None:
    held = place.case.copy()
    good = held.present(["family_name", "given_name"], **ASKED)
    jwt, first, second, binding = good.split("~")
    for spoiled in (
        f"{jwt}~{second}~{binding}",
        f"{jwt}~{first[:-2]}AA~{second}~{binding}",
        held.present(["family_name"], nonce="n-0", audience=ASKED["audience"]),
        held.present(["family_name"], nonce=ASKED["nonce"], audience="https://other.example"),
    ):
        assert "error" in place.run(presentation=spoiled)
    assert "error" not in place.run(presentation=good), "negative control"


def test_it_sees_that_a_certificate_is_suspended(place: Place) -> None:
    held = place.case.copy()
    place.case.workshop.deliver(place.case.learner.completion("overturned"))
    wallet: Wallet = place.case.wallet
    assert wallet.held == [held]
    place.case.workshop.work()
    judged = place.run(presentation=held.present([], **ASKED))
    assert "status" in judged.get("error", "").lower(), judged


def test_a_used_offer_is_refused_by_its_name(place: Place) -> None:
    offer = place.case.offer()
    assert "error" not in place.run(link=offer["link_by_value"])
    again = place.run(link=offer["link_by_value"])
    assert again["code"] == "invalid_grant", again


LOOSER = {
    "sd-jwt-old": "how old a presentation may be is left to its caller",
    "sd-jwt-of-tomorrow": "the same",
    "sd-jwt-changed-claim": "a disclosure that nothing refers to is passed over (RFC 9901, 7.1: rejected)",
    "sd-jwt-claim-twice": "the same",
    "sd-jwt-digest-twice": "so is a digest that is there twice",
    "sd-jwt-withheld-key": "so is a cnf that was withheld",
    "sd-jwt-claim-over-claim": "a disclosure overwrites a claim",
    "sd-jwt-another-type": "the type of the token is not looked at",
    "sd-jwt-no-vct": "nor is the type of the credential",
    "sd-jwt-status-moved": "nor the address that a status list is for",
    "sd-jwt-status-other": "a status of an unknown kind is passed over",
}
"""What the other verifier accepts and we refuse; it refuses nothing that we accept."""

UNRESOLVED = {"sd-jwt-did-key"}
"""What our script around it does not look up."""


def test_it_agrees_about_the_folder_of_presentations(folder: Path) -> None:
    """Two programs of different authors read the same presentations in the same way."""
    expected = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
    cases = [case for case in expected["cases"] if case["file"].endswith(".sdjwt")]
    found = run(
        folder,
        "wallet.mjs",
        {
            "presentations": [(CASES / case["file"]).read_text(encoding="utf-8").strip() for case in cases],
            "documents": json.loads((CASES / "documents.json").read_text(encoding="utf-8")),
            "now": int(datetime.fromisoformat(expected["at"]).timestamp()),
            "nonce": cases[0]["nonce"],
            "audience": cases[0]["audience"],
        },
    )
    different = {
        case["case"]: (case["verdict"], error)
        for case, error in zip(cases, found["errors"], strict=True)
        if (error is None) != case["verdict"].startswith("valid")
    }
    assert different.keys() == LOOSER.keys() | UNRESOLVED, different
    assert all(different[name][1] is None for name in LOOSER)
