"""A learner's certificate in her wallet by OpenID4VCI 1.0: offered, proven, signed, handed out, once (CRT-19)."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.demo.wallet import GRANT, WalletError, decoded, jwk_of, signed
from services.certification.domain.wallet import MOST_GUESSES, WalletRefusalError
from services.certification.handlers import wallet_copies as wallet_copies_handlers
from services.certification.handlers.wallet_copies import SIGN_COPIES, deliver, digest_of
from services.certification.handlers.wallet_copies import ask as ask_for_copies
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.store import wallet
from services.certification.store.tables import issuer_keys
from services.certification.store.wallet_tables import wallet_copies, wallet_offers, wallet_requests
from shared.db import Database
from shared.messaging.tables import history
from tests.integration.certification.wallets import SUBJECT, WalletCase, odd
from tests.integration.certification.workshop import PUBLIC_URL, Workshop

ISSUER = f"{PUBLIC_URL}/certification/issuers/helsinki.fi"
CONFIGURATION = "learning_credential"


@pytest.fixture
def case(workshop: Workshop) -> WalletCase:
    return WalletCase(workshop)


def access(case: WalletCase) -> str:
    """An access token for an offer of the certificate."""
    offer = case.wallet.offer(case.offer()["link"])
    return case.wallet.redeem(offer, case.wallet.metadata(ISSUER, "oauth-authorization-server"))


def nonce(case: WalletCase) -> str:
    status, body = case.send("POST", f"{ISSUER}/nonce", b"", {})
    assert status == 200
    found: str = json.loads(body)["c_nonce"]
    return found


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def ask(case: WalletCase, token: str, body: Any, path: str = "credential") -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    status, content = case.send("POST", f"{ISSUER}/{path}", json.dumps(body).encode(), headers)
    return status, json.loads(content)


def wanted(*proofs: Any, **changes: Any) -> dict[str, Any]:
    return {"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": list(proofs)}, **changes}


def redeemed(case: WalletCase, **form: str) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = case.send("POST", f"{ISSUER}/token", urlencode(form).encode(), headers)
    return status, json.loads(body)


def code_of(offer: dict[str, Any]) -> str:
    found: str = offer["credential_offer"]["grants"][GRANT]["pre-authorized_code"]
    return found


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


def spoiled_proofs(case: WalletCase) -> dict[str, tuple[Any, str]]:
    key, other, fresh = new_key(), new_key(), lambda: nonce(case)
    now = int(case.workshop.clock.now().timestamp())
    claims = {"aud": ISSUER, "iat": now}
    header = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": jwk_of(key)}
    private = f"{key.private_numbers().private_value:x}"
    return {
        "no text": (1, "invalid_proof"),
        "no token": ("x.y.z", "invalid_proof"),
        "another type": (
            signed({**header, "typ": "JWT"}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "a type that is no text": (
            signed({**header, "typ": ["JWT"]}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "a curve that is no text": (
            signed({**header, "jwk": {**jwk_of(key), "crv": ["P-256"]}}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "a point that is on no curve": (
            signed({**header, "jwk": {**jwk_of(key), "x": "A" * 43}}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "another key": (signed(header, {**claims, "nonce": fresh()}, other), "invalid_proof"),
        "the private key": (
            signed({**header, "jwk": {**jwk_of(key), "d": private}}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "a key by name": (
            signed({**header, "kid": "did:key:z6"}, {**claims, "nonce": fresh()}, key),
            "invalid_proof",
        ),
        "another audience": (
            case.wallet.proof(ISSUER, fresh(), key, aud="https://evil.example"),
            "invalid_proof",
        ),
        "an old one": (case.wallet.proof(ISSUER, fresh(), key, iat=now - 3600), "invalid_proof"),
        "one of tomorrow": (case.wallet.proof(ISSUER, fresh(), key, iat=now + 3600), "invalid_proof"),
        "a client that got no token": (case.wallet.proof(ISSUER, fresh(), key, iss="other"), "invalid_proof"),
        "no nonce": (signed(header, claims, key), "invalid_proof"),
        "an invented nonce": (case.wallet.proof(ISSUER, "x" * 60, key), "invalid_nonce"),
        "unsigned": (
            case.wallet.proof(ISSUER, fresh(), key).rpartition(".")[0] + "." + "A" * 86,
            "invalid_proof",
        ),
    }


def test_no_spoiled_proof_gets_a_copy(case: WalletCase) -> None:
    token = access(case)
    for name, (proof, error) in spoiled_proofs(case).items():
        status, answer = ask(case, token, wanted(proof))
        assert (status, answer["error"]) == (400, error), name
    assert case.workshop.rows(wallet_copies) == []
    good = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    assert good[0] == 202, "negative control"


def test_a_nonce_counts_once_and_not_for_ever(case: WalletCase) -> None:
    token, challenge = access(case), nonce(case)
    assert ask(case, token, wanted(case.wallet.proof(ISSUER, challenge, new_key())))[0] == 202
    replayed = ask(case, token, wanted(case.wallet.proof(ISSUER, challenge, new_key())))
    assert replayed[1]["error"] == "invalid_nonce"
    challenge = nonce(case)
    case.workshop.clock.advance(timedelta(minutes=5))
    late = ask(case, token, wanted(case.wallet.proof(ISSUER, challenge, new_key())))
    assert late[1]["error"] == "invalid_nonce"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], "invalid_credential_request"),
        ({}, "invalid_credential_request"),
        ({"credential_configuration_id": "diploma"}, "unknown_credential_configuration"),
        ({"credential_identifier": "x"}, "unknown_credential_identifier"),
        ({"credential_configuration_id": CONFIGURATION}, "invalid_proof"),
        ({"credential_configuration_id": CONFIGURATION, "proofs": {"ldp_vp": []}}, "invalid_proof"),
        ({"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": []}}, "invalid_proof"),
        (
            {"credential_configuration_id": CONFIGURATION, "credential_response_encryption": {}},
            "invalid_encryption_parameters",
        ),
    ],
)
def test_the_credential_endpoint_refuses_by_the_names_of_the_specification(
    case: WalletCase, body: Any, error: str
) -> None:
    status, answer = ask(case, access(case), body)
    assert (status, answer["error"]) == (400, error)


def test_more_keys_than_announced_or_a_key_twice_get_nothing(case: WalletCase) -> None:
    token, key, challenge = access(case), new_key(), nonce(case)
    twice = [case.wallet.proof(ISSUER, challenge, key)] * 2
    assert ask(case, token, wanted(*twice))[1]["error"] == "invalid_proof"
    many = [case.wallet.proof(ISSUER, challenge, new_key()) for _ in range(11)]
    assert ask(case, token, wanted(*many))[1]["error"] == "invalid_credential_request"
    unread = [ask(case, token, wanted(*["x"] * number))[1]["error"] for number in (10, 11)]
    assert unread == ["invalid_proof", "invalid_credential_request"], "too many are not looked at"
    for _ in range(2):
        fresh = nonce(case)
        assert (
            ask(case, token, wanted(*(case.wallet.proof(ISSUER, fresh, new_key()) for _ in range(10))))[0]
            == 202
        )
    more = ask(case, token, wanted(case.wallet.proof(ISSUER, nonce(case), new_key())))
    assert more[1]["error"] == "credential_request_denied", "an offer is good for twenty"


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


def test_proofs_with_members_of_another_kind_are_refused_by_name(case: WalletCase) -> None:
    key, token = new_key(), access(case)
    now = int(case.workshop.clock.now().timestamp())
    header = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": jwk_of(key)}
    claims = {"aud": ISSUER, "iat": now, "nonce": nonce(case), "iss": "x", "exp": now + 60}
    refused = {
        "invalid_proof",
        "invalid_nonce",
        "invalid_credential_request",
        "unknown_credential_configuration",
    }
    good = wanted(signed(header, {**claims, "nonce": "x"}, key))
    for changed in (
        *(wanted(signed(each, {**claims, "nonce": "x"}, key)) for each in odd(header)),
        *(wanted(signed(header, {**each, "iss": "x"}, key)) for each in odd(claims)),
        *odd(good),
    ):
        status, answer = ask(case, token, changed)
        assert (status, answer["error"] in refused) == (400, True), answer
    assert case.workshop.rows(wallet_copies) == []
