"""A learner offers a certificate to a wallet; the wallet turns the offer's code into an access token."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain import manual
from services.certification.domain.decisions import Decision
from services.certification.domain.snapshot import Snapshot
from services.certification.domain.wallet import (
    ACCESS_LIFETIME,
    OFFER,
    OFFER_LIFETIME,
    Offer,
    WalletRefusalError,
    redeem,
    require_offerable,
)
from services.certification.formats.wallet_metadata import credential_offer, issuer_address, offer_link
from services.certification.handlers.saving import save
from services.certification.handlers.wallet_secrets import WalletSecrets
from services.certification.store import queries, wallet
from services.certification.store.awards import load_award
from services.certification.store.queries import Scope
from shared.domain import Change, NotFoundError
from shared.ids import new_id, secret_id
from shared.messaging.unit_of_work import UnitOfWork
from shared.settings import Settings

FORGET: Final = "forget_wallet_offer"


def make_offer(
    uow: UnitOfWork, secrets: WalletSecrets, scope: Scope, certificate_id: str, *, transaction_code: bool
) -> Offer:
    """An offer of the certificate, recorded in its history.

    Raises:
        NotFoundError: there is no such certificate in `scope`.
        ConflictError: it may not go to a wallet at present.
    """
    row = queries.certificate(uow.connection, scope, certificate_id)
    stored = load_award(uow.connection, row.award_id) if row is not None else None
    if row is None or stored is None:
        raise NotFoundError("There is no such certificate, or it is not yours to see.")
    certificate = manual.find(stored.award, certificate_id)
    require_offerable(certificate, stored.award.document_type)
    offer_id = new_id()
    asked = secrets.hashed(secrets.transaction_code(offer_id)) if transaction_code else None
    made = Offer(offer_id, certificate_id, row.issuer, OFFER.initial, uow.now + OFFER_LIFETIME, asked)
    state, detail = certificate.state, {"offer_id": offer_id}
    change = Change("certificate", certificate_id, "offer_to_wallet", state, state, detail=detail)
    save(uow, stored, Decision(stored.award, changes=(change,)))
    code, reference = secrets.code(offer_id), secrets.reference(offer_id)
    wallet.add_offer(uow, made, secrets.hashed(code), secrets.hashed(reference))
    uow.schedule(FORGET, offer_id, due_at=made.expires_at + ACCESS_LIFETIME)
    return made


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer as its learner sees it; the codes are None once nobody can use them any more."""

    id: str
    certificate_id: str
    state: str
    expires_at: datetime
    link: str | None = None
    link_by_value: str | None = None
    credential_offer: dict[str, Any] | None = None
    transaction_code: str | None = None


def shown(settings: Settings, secrets: WalletSecrets, offer: Offer, now: datetime) -> ShownOffer:
    """`offer` with its codes, as long as they count."""
    if offer.state != OFFER.initial or offer.expires_at <= now:
        state = "expired" if offer.state == OFFER.initial else offer.state
        return ShownOffer(offer.id, offer.certificate_id, state, offer.expires_at)
    address = f"{settings.public_url}/certification/v1/credential-offers/{secrets.reference(offer.id)}"
    asked = offer.transaction_code is not None
    return ShownOffer(
        offer.id,
        offer.certificate_id,
        offer.state,
        offer.expires_at,
        offer_link(credential_offer_uri=address),
        offer_link(credential_offer=_json(document_of(settings, secrets, offer))),
        document_of(settings, secrets, offer),
        secrets.transaction_code(offer.id) if asked else None,
    )


def document_of(settings: Settings, secrets: WalletSecrets, offer: Offer) -> dict[str, Any]:
    """The credential offer of OpenID4VCI."""
    address = issuer_address(settings.public_url, offer.issuer)
    asked = offer.transaction_code is not None
    return credential_offer(address, secrets.code(offer.id), transaction_code=asked)


def referenced(
    connection: sa.Connection, settings: Settings, secrets: WalletSecrets, reference: str, now: datetime
) -> dict[str, Any]:
    """The credential offer under a reference.

    Raises:
        NotFoundError: there is none, or it counts no more.
    """
    found = wallet.offer_by(connection, reference=secrets.hashed(reference))
    if found is None or found.state != OFFER.initial or found.expires_at <= now:
        raise NotFoundError("There is no such offer, or it was used, or it has expired.")
    return document_of(settings, secrets, found)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a wallet shows at the token endpoint of `issuer`."""

    issuer: str
    code: str
    transaction_code: str | None
    client_id: str | None


def offer_of(connection: sa.Connection, secrets: WalletSecrets, asked: TokenRequest) -> Offer:
    """The offer whose code is shown, in whatever state it is.

    Raises:
        WalletRefusalError: `invalid_grant`: the issuer has made no such offer.
    """
    found = wallet.offer_by(connection, code=secrets.hashed(asked.code))
    if found is None or found.issuer != asked.issuer:
        raise WalletRefusalError("invalid_grant", "The pre-authorized code is not one of this issuer.")
    return found


def grant(uow: UnitOfWork, secrets: WalletSecrets, asked: TokenRequest) -> str | WalletRefusalError:
    """The access token for a code, or what the wallet is told; both are kept, so the caller commits both.

    Raises:
        StaleAggregateError: the code was shown by somebody else at the same moment; look again.
        WalletRefusalError: as `offer_of`.
    """
    found = wallet.locked(uow, offer_of(uow.connection, secrets, asked))
    typed = None if asked.transaction_code is None else secrets.hashed(asked.transaction_code)
    after, refusal = redeem(found, uow.now, typed, asked.client_id)
    if refusal is None and (denied := _denial(uow.connection, found.certificate_id)):
        return denied
    token = f"{secret_id()}{secret_id()}"
    access_hash = secrets.hashed(token) if refusal is None else None
    if after != found:
        wallet.put_offer(uow, found, after, access_hash)
    return refusal or token


def _denial(connection: sa.Connection, certificate_id: str) -> WalletRefusalError | None:
    row = queries.certificate(connection, Scope(), certificate_id)
    if row is not None and row.state == "issued" and row.acceptance != "rejected":
        return None
    return WalletRefusalError("invalid_grant", "The certificate is not valid at present.")


def names_of(connection: sa.Connection, institution: str) -> dict[str, str]:
    """The institution's names by language, as its latest certificate says them; its code where there is none."""
    found = queries.latest_snapshot(connection, institution)
    return dict(Snapshot.from_json(found).elements.issuer.name) if found else {"en": institution}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
