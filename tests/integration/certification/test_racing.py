"""Two workers at once, as after a lost lease: one certificate per completion, one first key per institution (R8)."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.demo.wallet import GRANT
from services.certification.domain.wallet import MOST_GUESSES
from services.certification.keys.encryption import KeyEncryption, KeyEncryptionError
from services.certification.keys.signing import Vault
from services.certification.store.tables import certificates, issuer_keys, renderings
from services.certification.store.wallet_tables import wallet_offers
from services.certification.worker import jobs
from shared.messaging.jobs import JobRunner
from tests.integration.certification.wallets import WalletCase
from tests.integration.certification.workshop import Workshop

LEARNERS = 6


def at_once(*calls: Callable[[], object]) -> None:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        call()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_that_run_the_same_jobs_award_once(workshop: Workshop) -> None:
    for number in range(1, LEARNERS + 1):
        workshop.deliver(*workshop.learner(number).usual())

    def worker() -> None:
        signers = Vault(workshop.transactions, workshop.encryption)
        runner = JobRunner(workshop.settings, workshop.transactions, workshop.elsewhere, jobs(signers))  # type: ignore[arg-type]
        runner.round()

    at_once(worker, worker)
    workshop.wait()
    assert workshop.troubles() == []
    rows = workshop.rows(certificates)
    assert Counter(row.state for row in rows) == {"issued": LEARNERS}
    assert len({row.award_id for row in rows}) == LEARNERS
    assert len(workshop.rows(renderings)) == 3 * LEARNERS
    assert workshop.names().count("issued") == LEARNERS


def test_an_institution_gets_one_first_key_however_many_ask_for_it(workshop: Workshop) -> None:
    vaults = [Vault(workshop.transactions, workshop.encryption) for _ in range(4)]
    found: list[str] = []
    at_once(*(lambda vault=vault: found.append(vault.active("helsinki.fi").key) for vault in vaults))  # type: ignore[misc]
    assert len(set(found)) == 1
    assert [row.multikey for row in workshop.rows(issuer_keys)] == found[:1]


def test_each_institution_has_a_key_of_its_own(workshop: Workshop) -> None:
    assert workshop.signers.active("helsinki.fi").key != workshop.signers.active("kuleuven.be").key


def test_with_another_key_encryption_key_nothing_is_signed_and_the_trouble_shows(workshop: Workshop) -> None:
    workshop.signers.active("helsinki.fi")
    right, workshop.signers = workshop.signers, Vault(workshop.transactions, KeyEncryption(bytes(32)))
    with pytest.raises(KeyEncryptionError):
        workshop.signers.active("helsinki.fi")
    workshop.deliver(*workshop.learner().usual())
    workshop.work(rounds=1)
    assert any("KeyEncryptionError" in trouble for trouble in workshop.troubles())
    assert workshop.states() == ["ready"]
    workshop.signers = right
    workshop.wait()
    assert workshop.states() == ["issued"]


def test_of_wallets_that_show_the_same_code_at_once_one_at_most_gets_a_token(workshop: Workshop) -> None:
    case = WalletCase(workshop)
    offer = case.wallet.offer(case.offer()["link"])
    form = urlencode(
        {"grant_type": GRANT, "pre-authorized_code": offer["grants"][GRANT]["pre-authorized_code"]}
    )
    statuses: list[int] = []

    def show() -> None:
        client = workshop.client.application.test_client()
        answer = client.post(
            "/certification/issuers/helsinki.fi/token",
            data=form,
            content_type="application/x-www-form-urlencoded",
        )
        statuses.append(answer.status_code)

    at_once(*[show] * 4)
    assert sorted(statuses) == [200, 400, 400, 400]


def test_of_requests_with_the_same_nonce_at_once_one_is_heard(workshop: Workshop) -> None:
    case = WalletCase(workshop, works=False)
    offer = case.wallet.offer(case.offer()["link"])
    issuer = offer["credential_issuer"]
    access = case.wallet.redeem(offer, case.wallet.metadata(issuer, "oauth-authorization-server"))
    nonce = json.loads(case.send("POST", f"{issuer}/nonce", b"", {})[1])["c_nonce"]
    answers: list[str] = []

    def ask() -> None:
        proof = case.wallet.proof(issuer, nonce, ec.generate_private_key(ec.SECP256R1()))
        answer = workshop.client.application.test_client().post(
            "/certification/issuers/helsinki.fi/credential",
            json={"credential_configuration_id": "learning_credential", "proofs": {"jwt": [proof]}},
            headers={"Authorization": f"Bearer {access}"},
        )
        answers.append(answer.get_json().get("error", "heard"))

    at_once(*[ask] * 4)
    assert sorted(answers) == ["heard", *["invalid_nonce"] * 3]


def test_of_two_that_fetch_the_same_copies_at_once_one_gets_them(workshop: Workshop) -> None:
    case = WalletCase(workshop, works=False)
    offer = case.wallet.offer(case.offer()["link"])
    issuer = offer["credential_issuer"]
    access = case.wallet.redeem(offer, case.wallet.metadata(issuer, "oauth-authorization-server"))
    nonce = json.loads(case.send("POST", f"{issuer}/nonce", b"", {})[1])["c_nonce"]
    proof = case.wallet.proof(issuer, nonce, ec.generate_private_key(ec.SECP256R1()))
    headers = {"Authorization": f"Bearer {access}"}
    asked = workshop.client.post(
        "/certification/issuers/helsinki.fi/credential",
        json={"credential_configuration_id": "learning_credential", "proofs": {"jwt": [proof]}},
        headers=headers,
    )
    workshop.work()
    transaction = {"transaction_id": asked.get_json()["transaction_id"]}
    statuses: list[int] = []

    def fetch() -> None:
        client = workshop.client.application.test_client()
        answer = client.post(
            "/certification/issuers/helsinki.fi/deferred-credential", json=transaction, headers=headers
        )
        statuses.append(answer.status_code)

    at_once(*[fetch] * 4)
    assert sorted(statuses) == [200, 400, 400, 400]


def test_many_guesses_at_once_are_counted_each(workshop: Workshop) -> None:
    case = WalletCase(workshop)
    offer = case.offer(transaction_code=True)
    wrong = f"{(int(offer['transaction_code']) + 1) % 10**6:06d}"
    code = offer["credential_offer"]["grants"][GRANT]["pre-authorized_code"]
    form = {"grant_type": GRANT, "pre-authorized_code": code}
    statuses: list[int] = []

    def show(typed: str) -> None:
        client = workshop.client.application.test_client()
        answer = client.post(
            "/certification/issuers/helsinki.fi/token",
            data=urlencode({**form, "tx_code": typed}),
            content_type="application/x-www-form-urlencoded",
        )
        statuses.append(answer.status_code)

    at_once(*[lambda: show(wrong)] * 12)
    show(offer["transaction_code"])
    assert statuses == [400] * 13
    (row,) = workshop.rows(wallet_offers)
    assert (row.guesses, row.state) == (MOST_GUESSES, "withdrawn")
