"""What wallets show before they get a copy: a proof of each key, over a nonce that counts once (section 8.2)."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.demo.wallet import jwk_of, signed
from services.certification.store.wallet_tables import wallet_copies
from tests.integration.certification.wallet_calls import (
    CONFIGURATION,
    ISSUER,
    access,
    ask,
    new_key,
    nonce,
    wanted,
)
from tests.integration.certification.wallets import WalletCase, odd


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
