"""SD-JWTs: what is made can be read back; what two verifiers could read differently is refused (RFC 9901)."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.wallet import Held, encoded, jwk_of, signed
from services.certification.formats.jws import JwtFaultError, verify_jwt
from services.certification.formats.sd_jwt import sign_sd_jwt
from services.certification.formats.sd_jwt_claims import claims
from services.certification.formats.sd_jwt_reading import (
    digest_of,
    is_sd_jwt,
    read_sd_jwt,
    verify_key_binding,
)
from services.certification.formats.sd_jwt_vc import Copy, signed_copy
from services.certification.formats.wallet_metadata import CLAIM_NAMES
from services.certification.keys.signing import sign
from shared.clock import SystemClock
from tests.unit.annex1.credentials import VARIANTS
from tests.unit.certification.samples import snapshot

KEY = ec.derive_private_key(7, ec.SECP256R1())
HOLDER = ec.derive_private_key(11, ec.SECP256R1())
HEADER = {"alg": "ES256", "typ": "dc+sd-jwt"}
RESERVED = frozenset({"_sd", "...", "_sd_alg", "iss", "nbf", "exp", "cnf", "vct", "status"})
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
NAMES = TEXT.filter(lambda name: name not in RESERVED)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def disclosure(*parts: Any) -> str:
    return encoded(json.dumps(parts).encode())


def token(payload: dict[str, Any], *disclosures: str) -> str:
    return "~".join([signed(HEADER, payload, KEY), *disclosures, ""])


def copy_of(**changes: Any) -> Copy:
    given_ones = {
        "issuer": "https://issuer.example",
        "issued_at": 1_800_000_000,
        "holder_key": jwk_of(HOLDER),
        "list_address": "https://issuer.example/l",
        "index": 5,
    }
    return Copy(**{**given_ones, **changes})


def made() -> str:
    return signed_copy(
        snapshot(), copy_of(), kid="k", sign=lambda data: sign(KEY, data), key=KEY.public_key()
    )


def test_the_digest_is_that_of_the_standard() -> None:
    """RFC 9901, 4.2.3."""
    told = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(told) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


@given(st.dictionaries(NAMES, JSON, max_size=6), st.data())
def test_what_is_signed_is_read_back(content: dict[str, Any], data: st.DataObject) -> None:
    always_open = data.draw(st.sets(st.sampled_from(sorted(content)))) if content else set()
    text = sign_sd_jwt(content, always_open, header=HEADER, sign=lambda signed_: sign(KEY, signed_))
    read = read_sd_jwt(text)
    verify_jwt(read.jwt, KEY.public_key(), {"dc+sd-jwt"})
    assert read.claims == content
    assert set(read.payload) - {"_sd", "_sd_alg"} == always_open
    nothing_shown = read_sd_jwt(f"{read.jwt}~")
    assert set(nothing_shown.claims) == always_open


def test_salts_make_two_copies_of_the_same_claims_differ() -> None:
    first, second = (read_sd_jwt(made()).payload["_sd"] for _ in range(2))
    assert len(first) == len(second)
    assert not set(first) & set(second)
    assert first == sorted(first), "their order says nothing"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_claim_has_a_name_that_a_wallet_can_show(variant: str) -> None:
    assert claims(VARIANTS[variant]()).keys() - {"vct", "jti"} <= CLAIM_NAMES.keys()


def test_a_copy_that_another_key_signed_is_not_handed_out() -> None:
    with pytest.raises(JwtFaultError):
        signed_copy(
            snapshot(), copy_of(), kid="k", sign=lambda data: sign(HOLDER, data), key=KEY.public_key()
        )


def test_a_claim_that_would_be_open_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(content: Any, always_open: Any, **rest: Any) -> str:
        return sign_sd_jwt(content, {*always_open, "family_name"}, **rest)

    monkeypatch.setattr("services.certification.formats.sd_jwt_vc.sign_sd_jwt", careless)
    with pytest.raises(JwtFaultError, match="family_name"):
        made()


FAMILY = disclosure("salt", "family_name", "Möbius")
ITEM = disclosure("salt", "DE")
NESTED = disclosure("salt", "inner", {"_sd": [digest_of(FAMILY)]})


def chain(links: int, depth: int) -> str:
    """A token whose every disclosure has the next one in lists of this depth."""
    content: Any = "innermost"
    made: list[str] = []
    for _ in range(links):
        made.append(disclosure("salt", "next", content))
        content = {"_sd": [digest_of(made[-1])]}
        for _ in range(depth):
            content = [content]
    return token({"_sd": [digest_of(made[-1])]}, *made)


GOOD = {
    "a chain of claims": chain(30, 0),
    "a claim": token({"_sd": [digest_of(FAMILY)]}, FAMILY),
    "decoys": token({"_sd": [digest_of(FAMILY), digest_of("decoy")]}, FAMILY),
    "an item": token({"nationalities": [{"...": digest_of(ITEM)}, "FR"]}, ITEM),
    "a claim in a claim": token({"_sd": [digest_of(NESTED)]}, NESTED, FAMILY),
    "a longer hash": token({"_sd_alg": "sha-512", "_sd": [digest_of(FAMILY, "sha-512")]}, FAMILY),
}

BAD = {
    "a chain of claims that is too long": chain(40, 0),
    "a chain that no program follows to its end": chain(499, 20),
    "no tilde": signed(HEADER, {}, KEY),
    "another type": signed({"alg": "ES256", "typ": "JWT"}, {}, KEY) + "~",
    "a type that is no text": signed({"alg": "ES256", "typ": ["dc+sd-jwt"]}, {}, KEY) + "~",
    "an algorithm that is no text": signed({"alg": ["ES256"], "typ": "dc+sd-jwt"}, {}, KEY) + "~",
    "no type": signed({"alg": "ES256"}, {}, KEY) + "~",
    "a symmetric algorithm": signed({"alg": "HS256", "typ": "dc+sd-jwt"}, {}, KEY) + "~",
    "a disclosure that nobody signed": token({}, FAMILY),
    "a disclosure twice": token({"_sd": [digest_of(FAMILY)]}, FAMILY, FAMILY),
    "a digest twice": token({"_sd": [digest_of(FAMILY), digest_of(FAMILY)]}, FAMILY),
    "a digest in two places": token({"_sd": [digest_of(FAMILY)], "a": {"_sd": [digest_of(FAMILY)]}}, FAMILY),
    "an unknown hash": token({"_sd_alg": "md5", "_sd": []}),
    "a hash that is no text": token({"_sd_alg": ["sha-256"], "_sd": []}),
    "digests that are no list": token({"_sd": digest_of(FAMILY)}, FAMILY),
    "a digest that is no text": token({"_sd": [1]}),
    "an item's disclosure as a claim": token({"_sd": [digest_of(ITEM)]}, ITEM),
    "a claim's disclosure as an item": token({"a": [{"...": digest_of(FAMILY)}]}, FAMILY),
    "a withheld item with more": token({"a": [{"...": digest_of(ITEM), "x": 1}]}, ITEM),
    "three dots as a claim": token({"...": "x"}),
    "a hash inside": token({"a": {"_sd_alg": "sha-256"}}),
    **{
        f"a disclosed {name}": token({"_sd": [digest_of(each)]}, each)
        for name in ("_sd", "...", "iss", "exp", "nbf", "cnf", "vct", "status")
        if (each := disclosure("salt", name, "x"))
    },
    "a claim that is there already": token({"family_name": "X", "_sd": [digest_of(FAMILY)]}, FAMILY),
    "a disclosure that is no list": token({"_sd": [digest_of(encoded(b"{}"))]}, encoded(b"{}")),
    "a disclosure that is no JSON": token({"_sd": [digest_of("AAAA")]}, "AAAA"),
    "a name that is no text": token({"_sd": [digest_of(disclosure("s", 1, 2))]}, disclosure("s", 1, 2)),
    "a salt that is no text": token({"_sd": [digest_of(disclosure(1, "a", 2))]}, disclosure(1, "a", 2)),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_the_standard_allows_is_read(name: str) -> None:
    read_sd_jwt(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_could_be_read_in_two_ways_is_refused(name: str) -> None:
    with pytest.raises(JwtFaultError):
        read_sd_jwt(BAD[name])


def test_only_texts_with_a_tilde_look_like_one() -> None:
    assert is_sd_jwt("a.b.c~")
    assert not is_sd_jwt("a.b.c")
    assert not is_sd_jwt({"~": 1})


NOW = SystemClock().now()


def bound(**changes: Any) -> str:
    held = Held.of(made(), HOLDER)
    asked = {"nonce": "n", "audience": "a", "at": NOW.timestamp(), **changes}
    return held.present(["family_name"], **asked)


def test_the_holders_signature_counts_for_its_question_its_verifier_and_its_moment() -> None:
    read = read_sd_jwt(bound())
    verify_key_binding(read, NOW, nonce="n", audience="a")
    verify_key_binding(read, NOW)
    for nonce, audience in (("x", "a"), ("n", "x")):
        with pytest.raises(JwtFaultError):
            verify_key_binding(read, NOW, nonce=nonce, audience=audience)
    for moved in (-301, 61):
        with pytest.raises(JwtFaultError):
            verify_key_binding(read_sd_jwt(bound(at=NOW.timestamp() + moved)), NOW)


@pytest.mark.parametrize(
    "changes", [{"aud": ["a"]}, {"nonce": None}, {"iat": True}, {"iat": "now"}, {"sd_hash": "x"}]
)
def test_a_malformed_signature_of_the_holder_counts_for_nothing(changes: dict[str, Any]) -> None:
    head, _, binding = bound().rpartition("~")
    payload = {
        "iat": int(NOW.timestamp()),
        "aud": "a",
        "nonce": "n",
        "sd_hash": digest_of(f"{head}~"),
    }
    good = f"{head}~{signed({'alg': 'ES256', 'typ': 'kb+jwt'}, payload, HOLDER)}"
    verify_key_binding(read_sd_jwt(good), NOW)
    bad = f"{head}~{signed({'alg': 'ES256', 'typ': 'kb+jwt'}, {**payload, **changes}, HOLDER)}"
    with pytest.raises(JwtFaultError):
        verify_key_binding(read_sd_jwt(bad), NOW)
    assert binding


def test_a_credential_without_a_key_is_nobodys() -> None:
    with pytest.raises(JwtFaultError, match="nothing shows"):
        verify_key_binding(read_sd_jwt(token({"vct": "x"})), NOW)
