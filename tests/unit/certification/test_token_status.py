"""Token Status Lists: the examples of the standard, our own lists, and lists that prove nothing."""

import base64
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.demo.wallet import decoded, signed
from services.certification.domain.wallet import INVALID, SUSPENDED, VALID
from services.certification.formats.jws import JwtFaultError
from services.certification.formats.token_status import (
    ENTRIES,
    LIFETIME_SECONDS,
    TTL_SECONDS,
    packed,
    place_in,
    signed_list,
    status_at,
    verified_list,
)
from services.certification.keys.signing import sign

KEY = ec.derive_private_key(7, ec.SECP256R1())
ADDRESS = "https://issuer.example/list"
NOW = 1_800_000_000


def made(statuses: dict[int, int]) -> str:
    return signed_list(
        ADDRESS, "https://issuer.example", NOW, statuses, kid="k", sign=lambda data: sign(KEY, data)
    )


def test_the_examples_of_the_standard_are_read() -> None:
    """Token Status List, 4.1: one bit and two bits."""
    one = {"bits": 1, "lst": "eNrbuRgAAhcBXQ"}
    assert [status_at(one, index) for index in range(16)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    two = {"bits": 2, "lst": "eNo76fITAAPfAgc"}
    assert [status_at(two, index) for index in range(12)] == [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]


def test_a_list_says_of_each_place_what_it_was_told() -> None:
    told = {0: INVALID, 1: SUSPENDED, 5: INVALID, ENTRIES - 1: SUSPENDED}
    listed = verified_list(made(told), KEY.public_key(), ADDRESS, NOW)
    assert {index: status_at(listed, index) for index in told} == told
    assert {status_at(listed, index) for index in (2, 3, 4, 6, ENTRIES - 2)} == {VALID}
    with pytest.raises(JwtFaultError):
        status_at(listed, ENTRIES)


def test_the_token_has_what_the_standard_asks_for() -> None:
    header, payload = (decoded(part) for part in made({}).split(".")[:2])
    assert header == {"alg": "ES256", "typ": "statuslist+jwt", "kid": "k"}
    assert (payload["sub"], payload["iat"], payload["ttl"]) == (ADDRESS, NOW, TTL_SECONDS)
    assert payload["exp"] == NOW + LIFETIME_SECONDS
    assert made({3: 1}) == made({3: 1}), "reproducible from the same statuses"
    assert len(packed({})) < 100, "an empty list is small"


def test_a_list_of_another_key_address_or_day_proves_nothing() -> None:
    other = ec.derive_private_key(8, ec.SECP256R1())
    token = made({})
    verified_list(token, KEY.public_key(), ADDRESS, NOW + LIFETIME_SECONDS - 1)
    for key, address, now in (
        (other, ADDRESS, NOW),
        (KEY, ADDRESS + "2", NOW),
        (KEY, ADDRESS, NOW + LIFETIME_SECONDS),
    ):
        with pytest.raises(JwtFaultError):
            verified_list(token, key.public_key(), address, now)
    credential = signed({"alg": "ES256", "typ": "dc+sd-jwt"}, decoded(token.split(".")[1]), KEY)
    with pytest.raises(JwtFaultError):
        verified_list(credential, KEY.public_key(), ADDRESS, NOW)


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"bits": 3, "lst": "eNrbuRgAAhcBXQ"},
        {"bits": True, "lst": "eNrbuRgAAhcBXQ"},
        {"bits": [1], "lst": "eNrbuRgAAhcBXQ"},
        {"bits": 1.0, "lst": "eNrbuRgAAhcBXQ"},
        {"bits": 1, "lst": 1},
        {"bits": 1, "lst": "!"},
        {"bits": 1, "lst": "AAAA"},
        {"bits": 1, "lst": "ä"},
    ],
)
def test_a_malformed_list_proves_nothing(listed: dict[str, Any]) -> None:
    with pytest.raises(JwtFaultError):
        status_at(listed, 0)


def test_a_list_that_would_fill_the_memory_is_read_up_to_a_limit() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(bytes(64 * 1024 * 1024))).rstrip(b"=").decode()
    assert status_at({"bits": 8, "lst": bomb}, 1024) == 0
    with pytest.raises(JwtFaultError):
        status_at({"bits": 8, "lst": bomb}, 2 * 1024 * 1024)


@pytest.mark.parametrize(
    ("status", "place"),
    [({"status_list": {"idx": 0, "uri": "u"}}, ("u", 0)), (None, None), ({}, None), ("x", None)],
)
def test_a_credential_says_where_its_state_stands(status: Any, place: Any) -> None:
    assert place_in(status) == place


@pytest.mark.parametrize("named", [1, {}, {"idx": "0", "uri": "u"}, {"idx": True, "uri": "u"}, {"idx": 0}])
def test_a_malformed_place_is_none(named: Any) -> None:
    with pytest.raises(JwtFaultError):
        place_in({"status_list": named})
