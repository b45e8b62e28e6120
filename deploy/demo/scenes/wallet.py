"""The wallet: a certificate on the learner's own telephone, of which an employer sees what is needed."""

import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from deploy.demo.awards import certificate_of, verified
from deploy.demo.client import Door, refused_with
from deploy.demo.expect import until
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.wallet import Held, Send, Wallet, WalletError, decoded, encoded, status_in

EMPLOYER: Final = "https://employer.example"
_SHOWN: Final = ("learning_outcomes", "level_of_learning_experience", "assessment_grade")
_WITHHELD: Final = ("family_name", "given_name", "birthdate", "learner_identification")
_REASON: Final = {"reason_code": "issuing_under_review", "reason": "a look at the file"}
_SUSPENDED: Final = 2


def play(story: Story) -> None:
    story.scene("The wallet")
    learner = story.one("resit")
    wallet = Wallet(_through(story.door))
    held = _receives(story, learner, wallet)
    _presents(story, held)
    _nothing_else_counts(story, held)
    _follows_the_certificate(story, learner, wallet, held)


def _through(door: Door) -> Send:
    def send(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        answer = door.send(method, url, body, headers)
        return answer.status, answer.body

    return send


def _offer(learner: Journey) -> Any:
    """An offer of the learner's certificate, as the learner sees it."""
    path = f"/certification/v1/certificates/{certificate_of(learner)['id']}/wallet-offers"
    made = learner.client.post(path, {"transaction_code": True})
    return learner.client.get(f"/certification/v1/wallet-offers/{made['id']}")


def _receives(story: Story, learner: Journey, wallet: Wallet) -> Held:
    """CRT-19: by OpenID4VCI, once for each offer, and not without the code that is shown beside it."""
    offer = _offer(learner)
    drawn = learner.client.raw(f"/certification/v1/wallet-offers/{offer['id']}", "image/svg+xml")
    story.file("wallet", "offer.svg").write_bytes(drawn)
    code = offer["transaction_code"]
    guessed = _refusal(wallet, offer["link"], f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}")
    story.expect_equal(guessed, "invalid_grant", "a wallet that guesses the code of the offer gets nothing")
    (held,) = wallet.accept(offer["link"], code)
    payload = decoded(held.jwt.split(".")[1])
    story.expect(
        payload["cnf"]["jwk"] and not set(_WITHHELD) & payload.keys(),
        f"{learner.person.name} takes the certificate into a wallet: bound to its key, {len(held.disclosures)} claims "
        "that can be withheld",
    )
    again = _refusal(wallet, offer["link_by_value"], code)
    story.expect_equal(again, "invalid_grant", "the same offer a second time: refused")
    return held


def _refusal(wallet: Wallet, link: str, code: str) -> str:
    try:
        wallet.accept(link, code)
    except WalletError as error:
        return error.error
    return ""


def _asked() -> dict[str, str]:
    return {"nonce": secrets.token_urlsafe(12), "audience": EMPLOYER}


def _shown(held: Held, asked: Mapping[str, str]) -> str:
    return held.present(_SHOWN, nonce=asked["nonce"], audience=asked["audience"])


def _verdict(story: Story, presented: str, asked: Mapping[str, str]) -> str:
    return str(verified(story.door, presented, **asked)["verdict"])


def _presents(story: Story, held: Held) -> None:
    asked = _asked()
    presented = _shown(held, asked)
    story.file("wallet", "presentation.txt").write_text(presented, encoding="utf-8")
    sent = {decoded(part)[1] for part in presented.split("~")[1:-1]}
    story.expect_equal(
        sent, set(_SHOWN) & held.disclosures.keys(), "an employer sees outcomes, level and grade, and no name"
    )
    story.expect_equal(_verdict(story, presented, asked), "valid", "and accepts: signed by issuer and holder")


def _nothing_else_counts(story: Story, held: Held) -> None:
    asked = _asked()
    presented = _shown(held, asked)
    text = held.disclosures["learning_outcomes"]
    salt, name, _ = decoded(text)
    forged = encoded(json.dumps([salt, name, ["Brain surgery"]]).encode())
    verdicts = {
        "a changed disclosure": _verdict(story, presented.replace(text, forged), asked),
        "the answer to another question": _verdict(story, presented, {**asked, "nonce": "another"}),
        "what was meant for another": _verdict(
            story, presented, {**asked, "audience": "https://other.example"}
        ),
        "a copy without its key": _verdict(story, presented.rpartition("~")[0] + "~", asked),
    }
    story.expect_equal(
        {what for what, verdict in verdicts.items() if verdict != "not_valid"},
        set(),
        f"refused: {', '.join(verdicts)}",
    )


def _follows_the_certificate(story: Story, learner: Journey, wallet: Wallet, held: Held) -> None:
    """D7: what is suspended is suspended in every wallet, by the public status list alone, and goes to no new one."""
    certificate = certificate_of(learner)
    registrar = story.staff("registrar", certificate["issuer"], 1)
    path = f"/certification/v1/certificates/{certificate['id']}"
    address = decoded(held.jwt.split(".")[1])["status"]["status_list"]
    registrar.post(f"{path}/suspension", _REASON)
    until(
        lambda: status_in(wallet.list_at(address["uri"]), address["idx"]),
        lambda status: status == _SUSPENDED,
        "the status list says that the copy is suspended",
    )
    asked = _asked()
    verdict = _verdict(story, _shown(held, asked), asked)
    story.expect_equal(verdict, "not_valid", "suspended: the list says so, and the employer refuses")
    again = refused_with(lambda: _offer(learner))
    story.expect_equal(again, HTTPStatus.CONFLICT, "and it goes to no other wallet meanwhile")
    registrar.post(f"{path}/reinstatement", {"reason": "the file is in order"})
    verdict = _verdict(story, _shown(held, asked), asked)
    story.expect_equal(verdict, "valid", "reinstated: the same copy counts again")
