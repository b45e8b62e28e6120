"""A learner's certificate in her wallet by OpenID4VCI 1.0: offered, proven, signed, handed out, once (CRT-19)."""

from typing import Any

import pytest

from deploy.demo.wallet import GRANT, decoded, jwk_of
from services.certification.handlers import wallet_copies as wallet_copies_handlers
from services.certification.handlers.wallet_copies import SIGN_COPIES, digest_of
from services.certification.store.tables import issuer_keys
from services.certification.store.wallet_tables import wallet_copies, wallet_requests
from shared.messaging.tables import history
from tests.integration.certification.wallet_calls import (
    CONFIGURATION,
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
from tests.integration.certification.workshop import PUBLIC_URL, Workshop


def test_the_whole_way_by_reference_and_by_value(case: WalletCase) -> None:
    for link in ("link", "link_by_value"):
        (held,) = case.wallet.accept(case.offer()[link])
        header, payload = decoded(held.jwt.split(".")[0]), decoded(held.jwt.split(".")[1])
        assert (header["typ"], header["alg"]) == ("dc+sd-jwt", "ES256")
        assert payload["iss"] == ISSUER
        assert payload["vct"] == "urn:eu.europa.ec.eudi:learning:credential:1"
        assert payload["cnf"] == {"jwk": jwk_of(held.key)}
        assert payload["jti"] == f"urn:uuid:{case.certificate_id}"
        assert {"family_name", "given_name", "birthdate", "assessment_grade"} <= held.disclosures.keys()
        assert not {"family_name", "given_name", "birthdate"} & payload.keys()


def test_several_keys_get_a_copy_each_with_a_place_of_its_own(case: WalletCase) -> None:
    copies = case.wallet.accept(case.offer()["link"], copies=3)
    payloads = [decoded(each.jwt.split(".")[1]) for each in copies]
    assert [each["cnf"]["jwk"] for each in payloads] == [jwk_of(each.key) for each in copies]
    places = {each["status"]["status_list"]["idx"] for each in payloads}
    salted = {each["_sd"][0] for each in payloads}
    assert len(places) == len(salted) == 3


def test_an_answer_that_the_worker_is_late_for_is_deferred(case: WalletCase) -> None:
    case.works = False
    token = access(case)
    status, answer = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    assert (status, answer["interval"]) == (202, 2)
    waiting = {"transaction_id": answer["transaction_id"]}
    assert ask(case, token, waiting, "deferred-credential") == (202, answer)
    case.workshop.work()
    status, got = ask(case, token, waiting, "deferred-credential")
    assert (status, list(got)) == (200, ["credentials"])
    again = ask(case, token, waiting, "deferred-credential")
    assert (again[0], again[1]["error"]) == (400, "invalid_transaction_id")


def test_only_its_holder_offers_a_certificate(case: WalletCase) -> None:
    assert case.offered(subject="2").status_code == 404
    path = f"/certificates/{case.certificate_id}/wallet-offers"
    for role in ("registrar", "administrator", "coordinator", "service"):
        assert case.workshop.post(path, {}, role, "rita").status_code == 403
    made = case.offered().get_json()["id"]
    stranger = case.workshop.token("learner", None, "2")
    assert case.workshop.get(f"/certification/v1/wallet-offers/{made}", stranger).status_code == 404


def test_the_learner_sees_a_qr_code(case: WalletCase) -> None:
    made = case.offered().get_json()["id"]
    token = case.workshop.token("learner", None, SUBJECT)
    drawn = case.workshop.get(f"/certification/v1/wallet-offers/{made}", token, "image/svg+xml")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert b"<svg" in drawn.data


def test_a_suspended_certificate_goes_to_no_wallet(case: WalletCase) -> None:
    """Before the offer, before the token, before the request, and between the request and the signature."""
    case.works = False
    early, token = case.offer(), access(case)
    waiting = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))[1]
    case.workshop.deliver(case.learner.completion("overturned"))
    assert case.offered().status_code == 409
    assert (
        redeemed(case, grant_type=GRANT, **{"pre-authorized_code": code_of(early)})[1]["error"]
        == "invalid_grant"
    )
    refused = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    assert (refused[0], refused[1]["error"]) == (400, "credential_request_denied")
    case.workshop.work()
    transaction = {"transaction_id": waiting["transaction_id"]}
    late = ask(case, token, transaction, "deferred-credential")
    assert (late[0], late[1]["error"]) == (400, "credential_request_denied")
    assert [row.content for row in case.workshop.rows(wallet_copies)] == [None]


def test_a_rejected_certificate_goes_to_no_wallet(case: WalletCase) -> None:
    path = f"/certificates/{case.certificate_id}/acceptance"
    answered = case.workshop.post(path, {"answer": "reject"}, "learner", SUBJECT)
    assert answered.status_code == 201, answered.data
    assert case.offered().status_code == 409


def test_attendance_goes_to_no_wallet(workshop: Workshop) -> None:
    case = WalletCase(workshop, attends=True)
    assert case.offered().status_code == 409


def test_a_crash_after_the_signature_leaves_one_copy(
    case: WalletCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job runs again: what was signed and not stored never left the worker."""
    case.works, store = False, wallet_copies_handlers._store
    crashes = iter([True, False])

    def crashing(*arguments: Any) -> None:
        if next(crashes):
            raise RuntimeError("the process ends here")
        store(*arguments)

    monkeypatch.setattr(wallet_copies_handlers, "_store", crashing)
    token = access(case)
    waiting = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))[1]
    case.workshop.work()
    assert [row.digest for row in case.workshop.rows(wallet_copies)] == [None]
    case.workshop.wait(1)
    (copy,) = case.workshop.rows(wallet_copies)
    transaction = {"transaction_id": waiting["transaction_id"]}
    got = ask(case, token, transaction, "deferred-credential")[1]["credentials"]
    assert [digest_of(each["credential"].partition("~")[0]) for each in got] == [copy.digest]
    with case.workshop.transactions.begin() as uow:
        uow.schedule(SIGN_COPIES, waiting["transaction_id"])
    case.workshop.work()
    assert [row.digest for row in case.workshop.rows(wallet_copies)] == [copy.digest], (
        "nothing is signed again"
    )


def test_what_was_issued_to_wallets_stands_in_the_history(case: WalletCase) -> None:
    case.copy()
    steps = [row for row in case.workshop.rows(history) if row.trigger.endswith("_to_wallet")]
    assert [(row.trigger, row.role) for row in steps] == [
        ("offer_to_wallet", "learner"),
        ("issue_to_wallet", "system"),
    ]
    assert steps[0].actor == case.learner.learner_id
    (copy,) = case.workshop.rows(wallet_copies)
    assert steps[1].detail == {"copies": [copy.digest]}


def test_nothing_of_the_holder_is_kept_once_it_was_fetched_or_nobody_can(case: WalletCase) -> None:
    case.copy()
    assert [row.content for row in case.workshop.rows(wallet_copies)] == [None]
    case.works = False
    ask(case, access(case), wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    case.workshop.work()
    assert [bool(row.content) for row in case.workshop.rows(wallet_copies)].count(True) == 1, (
        "negative control"
    )
    case.workshop.wait(16 * 60)
    assert {row.content for row in case.workshop.rows(wallet_copies)} == {None}
    assert {row.state for row in case.workshop.rows(wallet_requests)} == {"delivered", "refused"}


def test_the_metadata_says_what_there_is(case: WalletCase) -> None:
    metadata = case.wallet.metadata(ISSUER, "openid-credential-issuer")
    assert metadata["credential_configurations_supported"][CONFIGURATION]["format"] == "dc+sd-jwt"
    assert {"name": "University of Helsinki", "locale": "en"} in metadata["display"]
    server = case.wallet.metadata(ISSUER, "oauth-authorization-server")
    assert server["grant_types_supported"] == [GRANT]
    keys = case.wallet.metadata(ISSUER, "jwt-vc-issuer")["jwks"]["keys"]
    assert [key["alg"] for key in keys] == ["ES256"]
    assert decoded(case.copy().jwt.split(".")[0])["kid"] == keys[0]["kid"]
    nobody = f"{PUBLIC_URL}/.well-known/openid-credential-issuer/certification/issuers/nobody.example"
    assert case.send("GET", nobody, None, {})[0] == 404


def test_a_compromised_key_is_no_longer_among_those_that_verify(case: WalletCase) -> None:
    values = {"state": "compromised", "compromised_from": case.workshop.clock.now()}
    with case.workshop.database.write() as connection:
        connection.execute(issuer_keys.update().where(issuer_keys.c.algorithm == "ES256").values(**values))
    assert case.wallet.metadata(ISSUER, "jwt-vc-issuer")["jwks"]["keys"] == []
