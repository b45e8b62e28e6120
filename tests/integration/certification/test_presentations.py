"""What a verifier is shown out of a wallet: accepted as it was asked for, refused when anything about it differs."""

import base64
import hashlib
import json
import random
import zlib
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.demo.wallet import Held, decoded, encoded, jwk_of, signed
from services.certification.store.tables import issuer_keys
from shared.ids import new_id
from tests.integration.certification.wallets import WalletCase, odd

NONCE, EMPLOYER = "n-7Hf2", "https://employer.example"
ASKED = {"nonce": NONCE, "audience": EMPLOYER}


@pytest.fixture
def held(case: WalletCase) -> Held:
    return case.copy()


def present(case: WalletCase, held: Held, *claims: str, **changes: Any) -> str:
    asked = {"nonce": NONCE, "audience": EMPLOYER, **changes}
    return held.present(claims, at=case.workshop.clock.now().timestamp(), **asked)


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in found["checks"]}


def test_a_presentation_that_was_asked_for_is_valid(case: WalletCase, held: Held) -> None:
    found = case.verdict(present(case, held, "family_name", "learning_outcomes"), **ASKED)
    assert found["verdict"] == "valid", found
    assert set(outcomes(found).values()) == {"passed"}
    assert found["shown"]["title"]
    assert case.workshop.web.asked == [], "ours is looked up, not fetched"


def test_what_is_withheld_does_not_leave_the_wallet(case: WalletCase, held: Held) -> None:
    presented = present(case, held, "learning_outcomes")
    everything = "".join(
        str(decoded(part)) for token in presented.split("~") for part in token.split(".")[:2] if part
    )
    assert "Παπαδοπούλου" not in everything
    assert "1990-02-28" not in everything
    assert "Παπαδοπούλου" in str(decoded(held.disclosures["family_name"])), "negative control"
    assert case.verdict(presented, **ASKED)["verdict"] == "valid"


def test_without_the_holder_it_is_a_remark_or_refused_where_it_was_asked_for(
    case: WalletCase, held: Held
) -> None:
    bare = f"{held.jwt}~{held.disclosures['family_name']}~"
    assert case.verdict(bare)["verdict"] == "valid_with_remark"
    refused = case.verdict(bare, **ASKED)
    assert (refused["verdict"], outcomes(refused)["holder"]) == ("not_valid", "failed")
    unasked = case.verdict(present(case, held))
    assert (unasked["verdict"], outcomes(unasked)["holder"]) == ("valid_with_remark", "remark")


def spoiled(case: WalletCase, held: Held) -> dict[str, str]:
    good = present(case, held, "family_name", "given_name")
    jwt, first, second, binding = good.split("~")
    head, _, signature = held.jwt.split(".")
    salt, name, _ = decoded(first)
    forged = encoded(json.dumps([salt, name, "Mustermann"]).encode())
    payload = decoded(held.jwt.split(".")[1])
    other = ec.generate_private_key(ec.SECP256R1())
    thief = Held(held.jwt, held.disclosures, other)
    claims = decoded(binding.split(".")[1])
    return {
        "another question": present(case, held, nonce="n-0"),
        "another verifier": present(case, held, audience="https://other.example"),
        "an old presentation": held.present(
            ["family_name"], nonce=NONCE, audience=EMPLOYER, at=case.workshop.clock.now().timestamp() - 301
        ),
        "a changed disclosure": f"{jwt}~{forged}~{second}~{binding}",
        "a changed disclosure, signed by the holder": Held(
            held.jwt, {"family_name": forged}, held.key
        ).present(["family_name"], nonce=NONCE, audience=EMPLOYER, at=case.workshop.clock.now().timestamp()),
        "a disclosure taken away": f"{jwt}~{second}~{binding}",
        "a disclosure added": f"{jwt}~{first}~{second}~{held.disclosures['birthdate']}~{binding}",
        "a disclosure twice": f"{jwt}~{first}~{first}~{second}~{binding}",
        "the disclosures swapped": f"{jwt}~{second}~{first}~{binding}",
        "another holder": present(case, thief),
        "another type of token": f"{jwt}~"
        + signed({"alg": "ES256", "typ": "JWT"}, {**claims, "sd_hash": claims["sd_hash"]}, held.key),
        "another title": f"{head}.{encoded(json.dumps({**payload, 'achievement_title': 'X'}).encode())}.{signature}~",
        "no signature": f"{encoded(json.dumps({'alg': 'none', 'typ': 'dc+sd-jwt'}).encode())}."
        f"{held.jwt.split('.')[1]}.~",
        "signed by somebody else": signed(
            {**decoded(held.jwt.split(".")[0])}, payload, ec.generate_private_key(ec.SECP256R1())
        )
        + "~",
        "a list of another": signed(
            decoded(held.jwt.split(".")[0]),
            {**payload, "status": {"status_list": {"idx": 0, "uri": "https://evil.example/l"}}},
            other,
        )
        + "~",
        "nothing but tildes": "~~~",
        "half of it": good[: len(good) // 2] + "~",
    }


def test_nothing_spoiled_is_accepted(case: WalletCase, held: Held) -> None:
    for name, presented in spoiled(case, held).items():
        found = case.verdict(presented, **ASKED)
        assert (found["verdict"], found["shown"]) == ("not_valid", None), name


def test_no_flipped_bit_is_accepted(case: WalletCase, held: Held) -> None:
    good = present(case, held, "family_name")
    chosen = random.Random(20261122)
    for _ in range(1_000):
        data = bytearray(good.encode())
        data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(7)
        changed = data.decode("ascii", "replace")
        answer = case.workshop.client.post(
            "/certification/v1/verifications", json={"credential": changed, **ASKED}
        )
        assert answer.status_code in {200, 400, 422}
        if answer.status_code == 200:
            assert answer.get_json()["verdict"] in {"not_valid", "could_not_be_checked"}, changed


def test_a_wallet_may_hold_ed25519_keys(case: WalletCase) -> None:
    private = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": encoded(private.public_key().public_bytes_raw())}
    now = int(case.workshop.clock.now().timestamp())

    def by_holder(header: dict[str, Any], claims: dict[str, Any]) -> str:
        content = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
        return f"{content}.{encoded(private.sign(content.encode()))}"

    offer = case.wallet.offer(case.offer()["link"])
    issuer = offer["credential_issuer"]
    access = case.wallet.redeem(offer, case.wallet.metadata(issuer, "oauth-authorization-server"))
    nonce = json.loads(case.send("POST", f"{issuer}/nonce", b"", {})[1])["c_nonce"]
    header = {"alg": "EdDSA", "typ": "openid4vci-proof+jwt", "jwk": jwk}
    proof = by_holder(header, {"aud": issuer, "iat": now, "nonce": nonce})
    body = {"credential_configuration_id": "learning_credential", "proofs": {"jwt": [proof]}}
    answer = case.wallet._ask(f"{issuer}/credential", access, body)
    got = case.wallet._ask(
        f"{issuer}/deferred-credential", access, {"transaction_id": answer["transaction_id"]}
    )
    shown = got["credentials"][0]["credential"]
    digest = encoded(hashlib.sha256(shown.encode()).digest())
    claims = {"iat": now, "aud": EMPLOYER, "nonce": NONCE, "sd_hash": digest}
    presented = shown + by_holder({"alg": "EdDSA", "typ": "kb+jwt"}, claims)
    assert case.verdict(presented, **ASKED)["verdict"] == "valid"
    assert case.verdict(presented[:-4] + "AAAA", **ASKED)["verdict"] == "not_valid"


def test_what_happens_to_the_certificate_happens_to_its_copies(case: WalletCase, held: Held) -> None:
    assert case.verdict(present(case, held), **ASKED)["verdict"] == "valid"
    case.workshop.deliver(case.learner.completion("overturned"))
    found = case.verdict(present(case, held), **ASKED)
    assert (found["verdict"], outcomes(found)["status"]) == ("not_valid", "failed")
    assert "suspended" in next(check["detail"] for check in found["checks"] if check["name"] == "status")


def test_a_copy_expires_and_the_certificate_does_not(case: WalletCase, held: Held) -> None:
    case.workshop.clock.advance(timedelta(days=5 * 365))
    found = case.verdict(present(case, held), **ASKED)
    assert (found["verdict"], outcomes(found)["dates"]) == ("not_valid", "failed")
    assert case.verdict(present(case, case.copy()), **ASKED)["verdict"] == "valid"


@pytest.mark.parametrize(
    ("after", "verdict"), [(timedelta(hours=1), "valid_with_remark"), (timedelta(0), "not_valid")]
)
def test_a_compromised_key_counts_for_what_the_register_knows_from_before(
    case: WalletCase, held: Held, after: timedelta, verdict: str
) -> None:
    values = {
        "state": "compromised",
        "compromised_from": case.workshop.clock.now() - timedelta(hours=1) + after,
    }
    case.workshop.clock.advance(timedelta(hours=2))
    with case.workshop.database.write() as connection:
        connection.execute(issuer_keys.update().where(issuer_keys.c.algorithm == "ES256").values(**values))
    assert case.verdict(present(case, held), **ASKED)["verdict"] == verdict


def test_what_the_issuers_own_key_signed_beside_the_register_is_not_valid(
    case: WalletCase, held: Held
) -> None:
    """A thief who has the key, before anybody knows of it."""
    payload = {**decoded(held.jwt.split(".")[1]), "achievement_title": "Brain surgery"}
    header = decoded(held.jwt.split(".")[0])
    signer = case.workshop.signers.active("helsinki.fi", "ES256")
    content = ".".join(encoded(json.dumps(part).encode()) for part in (header, payload))
    forged = f"{content}.{encoded(signer.sign(content.encode()))}~"
    found = case.verdict(forged)
    assert (found["verdict"], outcomes(found)["proof"]) == ("not_valid", "failed")


def test_a_place_that_cannot_be_read_is_no_place_in_the_register_whoever_signed_it(
    case: WalletCase, held: Held
) -> None:
    """A thief who has the key again: whatever is signed with it, there is a verdict."""
    header, payload = (decoded(part) for part in held.jwt.split(".")[:2])
    signer = case.workshop.signers.active("helsinki.fi", "ES256")
    for changed in odd({"status_list": payload["status"]["status_list"]}):
        parts = (header, {**payload, "status": changed})
        content = ".".join(encoded(json.dumps(part).encode()) for part in parts)
        found = case.verdict(f"{content}.{encoded(signer.sign(content.encode()))}~")
        assert (found["verdict"], outcomes(found)["proof"]) == ("not_valid", "failed"), changed


def test_nonce_and_audience_are_for_presentations_only(case: WalletCase) -> None:
    answer = case.workshop.client.post(
        "/certification/v1/verifications", json={"credential": "a.b.c", "nonce": NONCE}
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "#/nonce"


def test_the_gate_reads_what_was_disclosed(case: WalletCase, held: Held) -> None:
    """Issue 4, 1: all eleven with everything shown, and by name what is missing where something is withheld."""
    everything = "~".join([held.jwt, *held.disclosures.values(), ""])
    token = case.workshop.token("learner", None, "1")
    headers = {"Authorization": f"Bearer {token}"}

    def missing(presented: str) -> list[int]:
        answer = case.workshop.client.post(
            "/certification/v1/checks", json={"credential": presented}, headers=headers
        )
        assert answer.status_code == 200, answer.data
        return [each["element"] for each in answer.get_json()["missing"]]

    assert missing(everything) == []
    assert missing(everything.replace(f"~{held.disclosures['learning_outcomes']}", "")) == [6]


def fresh_foreign(
    case: WalletCase, issuer: str, status: Any = None
) -> tuple[Held, ec.EllipticCurvePrivateKey]:
    issuing, holding = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = int(case.workshop.clock.now().timestamp())
    payload = {
        "iss": issuer,
        "vct": "urn:example:diploma",
        "iat": now,
        "cnf": {"jwk": jwk_of(holding)},
        "jti": new_id(),
    }
    payload |= {"status": {"status_list": status}} if status else {}
    token = signed({"alg": "ES256", "typ": "dc+sd-jwt", "kid": "k1"}, payload, issuing)
    return Held(token, {}, holding), issuing


def publish(case: WalletCase, issuer: str, key: ec.EllipticCurvePrivateKey) -> None:
    host = issuer.removeprefix("https://")
    case.workshop.web.documents[f"https://{host}/.well-known/jwt-vc-issuer"] = {
        "issuer": issuer,
        "jwks": {"keys": [{**jwk_of(key), "kid": "k1"}]},
    }


def listed(case: WalletCase, key: ec.EllipticCurvePrivateKey, address: str, value: int) -> str:
    now = int(case.workshop.clock.now().timestamp())
    content = base64.urlsafe_b64encode(zlib.compress(bytes([value << 2]))).rstrip(b"=").decode()
    payload = {"sub": address, "iat": now, "exp": now + 60, "status_list": {"bits": 2, "lst": content}}
    return signed({"alg": "ES256", "typ": "statuslist+jwt", "kid": "k1"}, payload, key)


LIST = "https://other.example/list"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0, "valid_with_remark"), (1, "not_valid"), (2, "not_valid"), (None, "could_not_be_checked")],
)
def test_a_credential_of_another_issuer_is_verified_by_what_it_publishes(
    case: WalletCase, value: int | None, verdict: str
) -> None:
    issuer = "https://other.example"
    foreign, key = fresh_foreign(case, issuer, {"idx": 1, "uri": LIST})
    publish(case, issuer, key)
    if value is not None:
        case.workshop.web.documents[LIST] = listed(case, key, LIST, value)
    found = case.verdict(present(case, foreign), **ASKED)
    assert found["verdict"] == verdict, found
    assert found["shown"] is None


def test_a_list_of_somebody_else_or_out_of_date_proves_nothing(case: WalletCase) -> None:
    issuer = "https://other.example"
    foreign, key = fresh_foreign(case, issuer, {"idx": 1, "uri": LIST})
    publish(case, issuer, key)
    another = ec.generate_private_key(ec.SECP256R1())
    for text in (listed(case, another, LIST, 0), listed(case, key, f"{LIST}2", 0), "nonsense"):
        case.workshop.web.documents[LIST] = text
        found = case.verdict(present(case, foreign), **ASKED)
        assert (found["verdict"], outcomes(found)["status"]) == ("could_not_be_checked", "unchecked")


@pytest.mark.parametrize(("ahead", "outcome"), [(60, "passed"), (61, "failed")])
def test_an_issuers_clock_may_be_a_little_ahead_as_a_holders_may(
    case: WalletCase, ahead: int, outcome: str
) -> None:
    issuer = "https://other.example"
    foreign, key = fresh_foreign(case, issuer)
    publish(case, issuer, key)
    header, payload = (decoded(part) for part in foreign.jwt.split(".")[:2])
    payload["iat"] = int(case.workshop.clock.now().timestamp()) + ahead
    fast = Held(signed(header, payload, key), {}, foreign.key)
    assert outcomes(case.verdict(present(case, fast), **ASKED))["dates"] == outcome


def test_an_issuer_that_publishes_no_keys_could_not_be_checked(case: WalletCase) -> None:
    for issuer in ("https://silent.example", "urn:example", "https://[", "did:web:silent.example"):
        foreign, _ = fresh_foreign(case, issuer)
        found = case.verdict(present(case, foreign), **ASKED)
        assert (found["verdict"], outcomes(found)["proof"]) == ("could_not_be_checked", "unchecked"), issuer


def test_members_of_another_kind_are_answered_and_not_valid(case: WalletCase) -> None:
    """Whatever an issuer, a holder, a status list or its metadata say: a verdict, and no green one by mistake."""
    issuer = "https://other.example"
    foreign, key = fresh_foreign(case, issuer, {"idx": 1, "uri": LIST})
    publish(case, issuer, key)
    case.workshop.web.documents[LIST] = listed(case, key, LIST, 0)
    metadata = f"{issuer}/.well-known/jwt-vc-issuer"
    header, payload = (decoded(part) for part in foreign.jwt.split(".")[:2])
    payload |= {"_sd": [], "_sd_alg": "sha-256", "exp": payload["iat"] + 60, "nbf": payload["iat"]}

    def answered(text: str) -> str:
        answer = case.workshop.client.post(
            "/certification/v1/verifications", json={"credential": text, **ASKED}
        )
        assert answer.status_code == 200, answer.data
        return str(answer.get_json()["verdict"])

    def as_held(jwt: str) -> Held:
        return Held(jwt, {}, foreign.key)

    assert answered(present(case, as_held(signed(header, payload, key)))) == "valid_with_remark"
    for changed in odd(header):
        answered(present(case, as_held(signed(changed, payload, key))))
    for changed in odd(payload):
        answered(present(case, as_held(signed(header, changed, key))))
    jwt = signed(header, payload, key)
    head, _, binding = present(case, as_held(jwt)).rpartition("~")
    binding_header, claims = (decoded(part) for part in binding.split(".")[:2])
    for changed in odd(claims):
        assert answered(f"{head}~{signed(binding_header, changed, foreign.key)}") == "not_valid", changed
    for changed in odd(binding_header):
        answered(f"{head}~{signed(changed, claims, foreign.key)}")
    good = present(case, as_held(jwt))
    list_header, list_payload = (decoded(part) for part in listed(case, key, LIST, 0).split(".")[:2])
    for changed in odd(list_payload):
        case.workshop.web.documents[LIST] = signed(list_header, changed, key)
        answered(good)
    for changed in odd(list_header):
        case.workshop.web.documents[LIST] = signed(changed, list_payload, key)
        answered(good)
    case.workshop.web.documents[LIST] = listed(case, key, LIST, 0)
    published = case.workshop.web.documents[metadata]
    jwk = published["jwks"]["keys"][0]
    for changed in (*odd(published), *({**published, "jwks": {"keys": [each]}} for each in odd(jwk))):
        case.workshop.web.documents[metadata] = changed
        answered(good)
