"""Codes of offers and the tokens that wallets get for them: once, in time, and not by guessing (CRT-19, API6)."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from deploy.demo.wallet import GRANT, WalletError
from services.certification.domain.wallet import MOST_GUESSES, WalletRefusalError
from services.certification.handlers.wallet_copies import ask as ask_for_copies
from services.certification.handlers.wallet_copies import deliver
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.store import wallet
from services.certification.store.wallet_tables import wallet_offers
from shared.db import Database
from tests.integration.certification.wallet_calls import (
    ISSUER,
    access,
    ask,
    code_of,
    new_key,
    nonce,
    redeemed,
    wanted,
)
from tests.integration.certification.wallets import SUBJECT, WalletCase
from tests.integration.certification.workshop import PUBLIC_URL


def test_no_code_is_in_the_database_or_in_the_kept_answer(case: WalletCase) -> None:
    offer = case.offer(transaction_code=True)
    token = redeemed(
        case,
        grant_type=GRANT,
        **{"pre-authorized_code": code_of(offer), "tx_code": offer["transaction_code"]},
    )[1]["access_token"]
    secrets = {code_of(offer), offer["transaction_code"], token, offer["link"].rpartition("%2F")[2]}
    with case.workshop.database.read() as connection:
        tables = [
            *case.workshop.rows(wallet_offers),
            *connection.exec_driver_sql("SELECT * FROM idempotency_keys"),
        ]
    kept = repr(tables)
    assert tables
    assert [secret for secret in secrets if secret in kept] == []


def test_a_code_counts_once_and_its_second_use_ends_the_token(case: WalletCase) -> None:
    offer = case.offer()
    form = {"grant_type": GRANT, "pre-authorized_code": code_of(offer)}
    status, first = redeemed(case, **form)
    assert (status, first["token_type"]) == (200, "Bearer")
    assert redeemed(case, **form)[1]["error"] == "invalid_grant"
    proof = case.wallet.proof(ISSUER, nonce(case), new_key())
    refused = ask(case, first["access_token"], wanted(proof))
    assert (refused[0], refused[1]["error"]) == (401, "invalid_token")


def test_the_second_use_of_a_code_ends_what_its_first_use_has_under_way(case: WalletCase) -> None:
    """The token counted when the request came in; while its answer waited for the worker, it was ended."""
    case.works = False
    form = {"grant_type": GRANT, "pre-authorized_code": code_of(case.offer())}
    token, secrets = redeemed(case, **form)[1]["access_token"], WalletSecrets.of(case.workshop.settings)
    with case.workshop.database.read() as connection:
        seen = wallet.offer_by(connection, access=secrets.hashed(token))
    assert seen is not None
    asked = wanted(case.wallet.proof(ISSUER, nonce(case), new_key()))
    request_id = ask(case, token, asked)[1]["transaction_id"]
    case.workshop.work()
    redeemed(case, **form)
    with case.workshop.transactions.begin() as uow, pytest.raises(WalletRefusalError, match="any more"):
        deliver(uow, seen, request_id)
    with case.workshop.transactions.begin() as uow, pytest.raises(WalletRefusalError, match="any more"):
        ask_for_copies(uow, secrets, ISSUER, seen, [])


def test_an_expired_code_does_not_count(case: WalletCase) -> None:
    offer = case.offer()
    case.workshop.clock.advance(timedelta(minutes=5))
    assert (
        redeemed(case, grant_type=GRANT, **{"pre-authorized_code": code_of(offer)})[1]["error"]
        == "invalid_grant"
    )
    assert case.shown(offer["id"])["state"] == "expired"
    with pytest.raises(WalletError):
        case.wallet.offer(offer["link"])


def test_a_transaction_code_may_be_guessed_a_few_times_only(case: WalletCase) -> None:
    offer = case.offer(transaction_code=True)
    right = offer["transaction_code"]
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    form = {"grant_type": GRANT, "pre-authorized_code": code_of(offer)}
    assert redeemed(case, **form)[1]["error"] == "invalid_request", "it is asked for"
    for _ in range(MOST_GUESSES - 1):
        assert redeemed(case, **form, tx_code=wrong)[1]["error"] == "invalid_grant"
    assert redeemed(case, **form, tx_code=right)[0] == 200, "negative control"
    offer = case.offer(transaction_code=True)
    right, form["pre-authorized_code"] = offer["transaction_code"], code_of(offer)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(MOST_GUESSES):
        redeemed(case, **form, tx_code=wrong)
    assert redeemed(case, **form, tx_code=right)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
        ({"grant_type": "", "pre-authorized_code": "x"}, "invalid_request"),
        ({"grant_type": GRANT}, "invalid_request"),
        ({"grant_type": GRANT, "pre-authorized_code": "guessed"}, "invalid_grant"),
        ({"grant_type": GRANT, "pre-authorized_code": "x", "client_id": "a\0b"}, "invalid_request"),
    ],
)
def test_the_token_endpoint_refuses_by_the_names_of_oauth(
    case: WalletCase, form: dict[str, str], error: str
) -> None:
    status, answer = redeemed(case, **form)
    assert (status, answer["error"]) == (400, error)


def test_a_code_of_one_issuer_is_none_of_another(case: WalletCase) -> None:
    offer = case.offer()
    body = urlencode({"grant_type": GRANT, "pre-authorized_code": code_of(offer)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    address = f"{PUBLIC_URL}/certification/issuers/kuleuven.be/token"
    assert json.loads(case.send("POST", address, body, headers)[1])["error"] == "invalid_grant"


def test_without_the_token_of_the_token_endpoint_nothing_is_issued(case: WalletCase) -> None:
    person = case.workshop.token("learner", None, SUBJECT)
    for token in ("guessed", person[:190]):
        status, answer = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
        assert (status, answer["error"]) == (401, "invalid_token")
    answer = case.workshop.client.post("/certification/issuers/helsinki.fi/credential", json=wanted("x"))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="wallets"'


def test_who_only_guesses_codes_and_tokens_does_not_stand_in_line_with_those_who_write(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, begin, begun = access(case), Database.write, list[Database]()
    asked = wanted(case.wallet.proof(ISSUER, nonce(case), new_key()))

    def write(database: Database, **options: Any) -> Any:
        begun.append(database)
        return begin(database, **options)

    monkeypatch.setattr(Database, "write", write)
    assert redeemed(case, grant_type=GRANT, **{"pre-authorized_code": "guessed"})[0] == 400
    for path, body in (("credential", asked), ("deferred-credential", {"transaction_id": "x"})):
        assert ask(case, "guessed", body, path)[0] == 401
    assert begun == []
    assert ask(case, token, asked)[0] == 202
    assert begun, "negative control"


def test_an_expired_token_gets_nothing(case: WalletCase) -> None:
    token = access(case)
    case.workshop.clock.advance(timedelta(minutes=10))
    answer = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    assert (answer[0], answer[1]["error"]) == (401, "invalid_token")
