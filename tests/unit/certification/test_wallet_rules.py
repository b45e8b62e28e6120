"""The rules of offers to wallets, without a database (CRT-19, D8)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.certification.domain.award import Certificate
from services.certification.domain.wallet import (
    ACCESS_LIFETIME,
    BATCH,
    MOST_COPIES,
    MOST_GUESSES,
    OFFER_LIFETIME,
    Offer,
    WalletRefusalError,
    may_ask,
    redeem,
    require_offerable,
    require_room,
)
from services.certification.handlers.wallet_secrets import WalletSecrets
from shared.annex1 import ATTENDANCE, MICRO_CREDENTIAL
from shared.domain import ConflictError

NOW = datetime(2026, 11, 3, tzinfo=UTC)
SECRETS = WalletSecrets(b"secret")


def offer(**changes):
    given = {"state": "offered", "expires_at": NOW + OFFER_LIFETIME, "transaction_code": None}
    return Offer("o", "c", "helsinki.fi", **{**given, **changes})


def certificate(**changes):
    return Certificate(
        **{
            "id": "c",
            "ordinal": 1,
            "state": "issued",
            "completion_number": 1,
            "results_digest": "d",
            **changes,
        }
    )


def test_a_code_gives_one_token_for_ten_minutes():
    redeemed, refusal = redeem(offer(), NOW, None, "wallet")
    assert (redeemed.state, redeemed.client_id, refusal) == ("redeemed", "wallet", None)
    assert may_ask(redeemed, "helsinki.fi", NOW + ACCESS_LIFETIME - timedelta(seconds=1))
    assert not may_ask(redeemed, "helsinki.fi", NOW + ACCESS_LIFETIME)
    assert not may_ask(redeemed, "kuleuven.be", NOW)
    assert not may_ask(offer(), "helsinki.fi", NOW)
    assert not may_ask(None, "helsinki.fi", NOW)


def test_the_second_use_of_a_code_ends_the_first():
    redeemed, _ = redeem(offer(), NOW, None, None)
    again, refusal = redeem(redeemed, NOW, None, None)
    assert (again.state, refusal.error) == ("withdrawn", "invalid_grant")
    assert not may_ask(again, "helsinki.fi", NOW)


def test_a_code_of_yesterday_gives_nothing():
    same, refusal = redeem(offer(), NOW + OFFER_LIFETIME, None, None)
    assert (same, refusal.error) == (offer(), "invalid_grant")


@pytest.mark.parametrize(("asked", "typed"), [(None, "1"), ("1", None)])
def test_a_transaction_code_is_there_where_it_is_asked_for_and_only_there(asked, typed):
    same, refusal = redeem(offer(transaction_code=asked), NOW, typed, None)
    assert (same.guesses, refusal.error) == (0, "invalid_request")


def test_after_so_many_wrong_guesses_the_right_one_is_too_late():
    tried = offer(transaction_code="right")
    for number in range(1, MOST_GUESSES + 1):
        tried, refusal = redeem(tried, NOW, "wrong", None)
        assert (tried.guesses, refusal.error) == (number, "invalid_grant")
    assert redeem(tried, NOW, "right", None)[1].error == "invalid_grant"
    one_left = offer(transaction_code="right", guesses=MOST_GUESSES - 1)
    assert redeem(one_left, NOW, "right", None)[1] is None


@pytest.mark.parametrize(
    "state", ["draft", "incomplete", "ready", "suspended", "revoked", "superseded", "cancelled"]
)
def test_only_a_valid_certificate_is_offered(state):
    with pytest.raises(ConflictError):
        require_offerable(certificate(state=state), MICRO_CREDENTIAL)


def test_what_the_holder_rejected_or_only_attended_is_not_offered():
    require_offerable(certificate(), MICRO_CREDENTIAL)
    with pytest.raises(ConflictError):
        require_offerable(certificate(acceptance="rejected"), MICRO_CREDENTIAL)
    with pytest.raises(ConflictError):
        require_offerable(certificate(), ATTENDANCE)


@pytest.mark.parametrize(
    ("wanted", "before", "error"),
    [
        (["a"] * 2, 0, "invalid_proof"),
        ([str(n) for n in range(BATCH + 1)], 0, "invalid_credential_request"),
        (["a"], MOST_COPIES, "credential_request_denied"),
    ],
)
def test_so_many_copies_and_no_more(wanted, before, error):
    require_room([str(n) for n in range(BATCH)], MOST_COPIES - BATCH)
    with pytest.raises(WalletRefusalError) as refused:
        require_room(wanted, before)
    assert refused.value.error == error


def test_codes_are_those_of_their_offer_and_of_this_installation():
    codes = {SECRETS.code("a"), SECRETS.code("b"), SECRETS.reference("a"), WalletSecrets(b"other").code("a")}
    assert len(codes) == 4
    assert SECRETS.code("a") == SECRETS.code("a")
    assert all(len(code) >= 32 for code in codes)
    assert len(SECRETS.transaction_code("a")) == 6
    assert SECRETS.transaction_code("a").isdigit()


def test_a_nonce_counts_for_its_issuer_its_installation_and_five_minutes():
    nonce = SECRETS.nonce("https://a.example", NOW)
    until = SECRETS.nonce_expires(nonce, "https://a.example", NOW)
    assert until == NOW + timedelta(minutes=5)
    assert SECRETS.nonce_expires(nonce, "https://a.example", until) is None
    assert SECRETS.nonce_expires(nonce, "https://b.example", NOW) is None
    assert WalletSecrets(b"other").nonce_expires(nonce, "https://a.example", NOW) is None
    assert SECRETS.nonce("https://a.example", NOW) != nonce
    for spoiled in (nonce[:-1], nonce + "A", nonce + "=", "", "x", "ä", nonce.swapcase()):
        assert SECRETS.nonce_expires(spoiled, "https://a.example", NOW) is None, spoiled
