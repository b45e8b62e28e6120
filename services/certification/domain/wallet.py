"""The rules by which a wallet gets a copy of a certificate (OpenID4VCI 1.0, pre-authorised code).

A learner makes an offer; its code is worth one access token for five minutes, and that token a few copies for ten.
A transaction code, which travels another way than the offer, may be guessed wrong four times.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.certification.domain.award import Certificate
from shared.annex1 import MICRO_CREDENTIAL
from shared.domain import ConflictError, Machine, Transition

OFFER_LIFETIME: Final = timedelta(minutes=5)
ACCESS_LIFETIME: Final = timedelta(minutes=10)
NONCE_LIFETIME: Final = timedelta(minutes=5)
MOST_GUESSES: Final = 5
MOST_COPIES: Final = 20
"""Copies for one offer, over all requests."""

BATCH: Final = 10
"""Copies in one request, each for a key of its own."""

VALID: Final = 0
INVALID: Final = 1
SUSPENDED: Final = 2
"""What a Token Status List says of a copy."""

OFFER: Final = Machine(
    name="wallet offer",
    initial="offered",
    table=(
        Transition("offered", "redeem", "redeemed", "wallet_offer.redeemed"),
        Transition("offered", "withdraw", "withdrawn", "wallet_offer.withdrawn"),
        Transition("redeemed", "withdraw", "withdrawn", "wallet_offer.withdrawn"),
    ),
)

REQUEST: Final = Machine(
    name="wallet request",
    initial="waiting",
    table=(
        Transition("waiting", "sign", "ready", "wallet_request.ready"),
        Transition("waiting", "refuse", "refused", "wallet_request.refused"),
        Transition("ready", "deliver", "delivered", "wallet_request.delivered"),
        Transition("ready", "refuse", "refused", "wallet_request.refused"),
    ),
)


OVER: Final = frozenset({"refused", "delivered"})
"""Requests for which nothing is handed out any more."""


class WalletRefusalError(Exception):
    """What a wallet is told, by the names of OAuth 2.0 and OpenID4VCI; the description is plain ASCII."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. Codes are keyed hashes; `transaction_code` is None where none is asked for."""

    id: str
    certificate_id: str
    issuer: str
    state: str
    expires_at: datetime
    transaction_code: str | None
    guesses: int = 0
    client_id: str | None = None
    access_until: datetime | None = None


def require_offerable(certificate: Certificate, document_type: str) -> None:
    """Return when copies of the certificate may go to wallets.

    Raises:
        ConflictError: it is not valid at present, its holder does not want it, or the format does not know its kind.
    """
    if certificate.state != "issued":
        raise ConflictError(f"The certificate is {certificate.state}; only a valid one goes to a wallet.")
    if certificate.acceptance == "rejected":
        raise ConflictError("The holder has rejected this certificate; it is not delivered any more.")
    if document_type != MICRO_CREDENTIAL:
        raise ConflictError("Wallets know no certificates of attendance; take another format.")


def redeem(
    offer: Offer, now: datetime, transaction_code: str | None, client_id: str | None
) -> tuple[Offer, WalletRefusalError | None]:
    """The offer after somebody showed its code; with what they are told where they get no token.

    A second use of the code ends the token of the first: one of the two was not the learner's wallet.
    """
    if offer.state == "redeemed":
        return replace(offer, state=OFFER.fire(offer.state, "withdraw").target), _no_grant(
            "it was used before"
        )
    if offer.state != OFFER.initial or offer.expires_at <= now:
        return offer, _no_grant("it has expired")
    if (offer.transaction_code is None) != (transaction_code is None):
        told = "A transaction code is needed." if offer.transaction_code else "No transaction code is needed."
        return offer, WalletRefusalError("invalid_request", told)
    if offer.transaction_code != transaction_code:
        return _guessed(offer), WalletRefusalError(
            "invalid_grant", "The transaction code is not the right one."
        )
    redeemed = replace(
        offer,
        state=OFFER.fire(offer.state, "redeem").target,
        client_id=client_id,
        access_until=now + ACCESS_LIFETIME,
    )
    return redeemed, None


def _guessed(offer: Offer) -> Offer:
    guesses = offer.guesses + 1
    spent = guesses >= MOST_GUESSES
    state = OFFER.fire(offer.state, "withdraw").target if spent else offer.state
    return replace(offer, guesses=guesses, state=state)


def _no_grant(why: str) -> WalletRefusalError:
    return WalletRefusalError("invalid_grant", f"The pre-authorized code does not count: {why}.")


def may_ask(offer: Offer | None, issuer: str, now: datetime) -> bool:
    """Whether the access token of `offer` counts for the copies of `issuer` now."""
    return (
        offer is not None
        and offer.state == "redeemed"
        and offer.issuer == issuer
        and offer.access_until is not None
        and offer.access_until > now
    )


def require_room(wanted: Collection[str], made_before: int) -> None:
    """Return when so many copies may be made; `wanted` are the thumbprints of the keys.

    Raises:
        WalletRefusalError: a key twice, more at once than is said, or more than an offer is good for.
    """
    if len(wanted) > BATCH:
        raise WalletRefusalError("invalid_credential_request", f"At most {BATCH} keys at once.")
    if len(set(wanted)) < len(wanted):
        raise WalletRefusalError("invalid_proof", "Each key is for one copy; one is there twice.")
    if made_before + len(wanted) > MOST_COPIES:
        raise WalletRefusalError("credential_request_denied", "This offer has been used for enough copies.")
