"""Open Badges as VC-JWT: claims equal to the members, one algorithm per kind of key, no second spelling (CRT-30)."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.certification.formats.did_key import key_from_multikey, key_of_method, method_of, multikey_of
from services.certification.formats.jws import JwtFaultError, key_from_jwk, read_jwt, verify_jwt
from services.certification.formats.openbadges import credential
from services.certification.formats.vc_jwt import credential_in, require_claims, require_current, sign_jwt
from services.certification.keys.signing import sign
from tests.unit.certification.samples import ISSUER, snapshot
from tests.unit.certification.samples import KEY as ED25519

KEY = ec.derive_private_key(20261103, ec.SECP256R1())
KID = f"{ISSUER}#{multikey_of(KEY.public_key())}"
NOW = datetime(2026, 11, 4, tzinfo=UTC)
FLIPS = 10_000


def token(**changes: Any) -> str:
    return sign_jwt({**credential(snapshot()), **changes}, kid=KID, sign=lambda data: sign(KEY, data))


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def verified(text: str) -> dict[str, Any]:
    _, payload = read_jwt(text)
    verify_jwt(text, KEY.public_key())
    found = credential_in(payload)
    require_claims(payload, found)
    require_current(payload, NOW)
    return found


def test_the_token_carries_the_credential_and_claims_equal_to_its_members() -> None:
    header, payload = read_jwt(token())
    assert header == {"alg": "ES256", "typ": "JWT", "kid": KID}
    assert (payload["iss"], payload["jti"]) == (ISSUER, snapshot().credential_id)
    assert payload["nbf"] == int(datetime(2026, 11, 3, 9, 30, tzinfo=UTC).timestamp())
    assert verified(token()) == credential(snapshot())


def test_the_same_snapshot_and_key_give_the_same_token() -> None:
    assert token() == token()


def test_the_subject_claim_is_the_subjects_identifier() -> None:
    subject = {**credential(snapshot())["credentialSubject"], "id": "did:example:learner"}
    assert read_jwt(token(credentialSubject=subject))[1]["sub"] == "did:example:learner"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "did:web:evil.example"),
        ("jti", "urn:uuid:0"),
        ("nbf", 0),
        ("nbf", "soon"),
        ("nbf", True),
        ("exp", "never"),
        ("sub", "did:example:another"),
    ],
)
def test_a_claim_that_contradicts_the_credential_is_refused(claim: str, value: object) -> None:
    _, payload = read_jwt(token())
    with pytest.raises(JwtFaultError, match=claim):
        credential_in({**payload, claim: value})


@pytest.mark.parametrize("claim", ["iss", "nbf", "jti"])
def test_a_missing_claim_is_refused(claim: str) -> None:
    _, payload = read_jwt(token())
    del payload[claim]
    with pytest.raises(JwtFaultError, match=claim):
        require_claims(payload, credential_in(payload))


def test_an_expired_token_is_refused_although_its_signature_holds() -> None:
    """joserfc's decode takes it: the times are ours to check."""
    expired = token(validUntil="2026-11-03T10:00:00Z")
    verify_jwt(expired, KEY.public_key())
    assert jwt.decode(expired, ECKey.import_key(KEY.public_key()), algorithms=["ES256"]).claims["exp"]
    with pytest.raises(JwtFaultError, match="expired"):
        verified(expired)


def test_a_token_from_the_future_is_refused() -> None:
    _, payload = read_jwt(token())
    with pytest.raises(JwtFaultError, match="not valid yet"):
        require_current(payload, NOW - timedelta(days=2))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256", "typ": "JWT"},
        {"alg": "ES256", "crit": ["exp"], "exp": 1},
        {"alg": "ES256", "b64": False},
        {"alg": "ES256", "typ": "at+jwt"},
        {"alg": "ES256", "kid": 5},
        {"alg": ["ES256"]},
        {},
    ],
)
def test_a_header_that_is_not_understood_is_refused(header: dict[str, Any]) -> None:
    _, payload, signature = token().split(".")
    with pytest.raises(JwtFaultError):
        read_jwt(f"{part(header)}.{payload}.{signature}")


def test_a_public_key_is_never_taken_as_a_secret() -> None:
    """Algorithm confusion: a MAC keyed with the published key."""
    forged = jwt.encode(
        {"alg": "HS256", "typ": "JWT", "kid": KID},
        credential(snapshot()),
        OctKey.import_key(multikey_of(KEY.public_key())),
        algorithms=["HS256"],
    )
    with pytest.raises(JwtFaultError):
        verified(forged)


def test_a_key_in_the_header_proves_nothing() -> None:
    """CVE-2026-27962: the embedded key is the forger's."""
    stranger = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "typ": "JWT", "jwk": stranger.as_dict(private=False)}
    with pytest.raises(JwtFaultError, match="differs"):
        verified(jwt.encode(header, credential(snapshot()), stranger, algorithms=["ES256"]))


@pytest.mark.parametrize("key", [ED25519.public_key(), rsa.generate_private_key(65537, 2048).public_key()])
def test_the_algorithm_is_the_keys_and_not_the_tokens(key: Any) -> None:
    with pytest.raises(JwtFaultError, match="does not fit"):
        verify_jwt(token(), key)


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.BrainpoolP256R1()], ids=lambda curve: curve.name)
def test_es256_is_a_signature_on_p256_and_on_no_other_curve(curve: ec.EllipticCurve) -> None:
    """RFC 7518, 3.4: keys on other curves may be as long; those of secp256k1 sign under another name."""
    other = ec.generate_private_key(curve)
    signed = sign_jwt(credential(snapshot()), kid=KID, sign=lambda data: sign(other, data))
    with pytest.raises(JwtFaultError, match="another curve"):
        verify_jwt(signed, other.public_key())


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c.d", "é.b.c", "..", "." * 300_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(JwtFaultError):
        read_jwt(text)


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    head, _, signature = token().rpartition(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(signature[-1]) ^ 1]
    assert base64.urlsafe_b64decode(signature + "==") == base64.urlsafe_b64decode(
        signature[:-1] + twin + "=="
    )
    with pytest.raises(JwtFaultError, match="spelling"):
        verified(f"{head}.{signature[:-1]}{twin}")


def test_random_flips_of_one_bit_are_never_accepted() -> None:
    original, draw, accepted = token().encode(), random.Random(20261122), []
    for _ in range(FLIPS):
        flipped = bytearray(original)
        flipped[draw.randrange(len(original))] ^= 1 << draw.randrange(8)
        try:
            verified(flipped.decode())
        except (JwtFaultError, UnicodeDecodeError):
            continue
        accepted.append(bytes(flipped))
    assert accepted == []


def test_a_private_key_or_another_kind_is_not_taken_as_jwk() -> None:
    for jwk in (
        ECKey.generate_key("P-256").as_dict(private=True),
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {},
    ):
        with pytest.raises(JwtFaultError):
            key_from_jwk(jwk)


def test_a_did_key_gives_its_key_back_and_names_no_other() -> None:
    for key in (KEY.public_key(), ED25519.public_key()):
        assert multikey_of(key_of_method(method_of(key))) == multikey_of(key)
        with pytest.raises(ValueError, match="fragment"):
            key_of_method(method_of(key) + "x")
    assert method_of(KEY.public_key()).startswith("did:key:zDn")
    for text in ("z6Mk", "zDn", "z" + "1" * 40, multikey_of(KEY.public_key())[:-1], "did:web:x"):
        with pytest.raises(ValueError, match=r".+"):
            key_from_multikey(text)
