"""Offers, requests and copies of wallets. Moves are compare-and-set: of two at once, one finds it done already."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.wallet import Offer
from services.certification.store.tables import awards, certificates
from services.certification.store.upsert import insert_new
from services.certification.store.wallet_tables import (
    wallet_copies,
    wallet_nonces,
    wallet_offers,
    wallet_requests,
)
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork

_OFFER: Final = (
    wallet_offers.c.id,
    wallet_offers.c.certificate_id,
    wallet_offers.c.issuer,
    wallet_offers.c.state,
    wallet_offers.c.expires_at,
    wallet_offers.c.transaction_code_hash,
    wallet_offers.c.guesses,
    wallet_offers.c.client_id,
    wallet_offers.c.access_until,
)


def add_offer(uow: UnitOfWork, offer: Offer, code_hash: str, reference_hash: str) -> None:
    values = asdict(offer)
    uow.connection.execute(
        wallet_offers.insert().values(
            **{name: value for name, value in values.items() if name != "transaction_code"},
            transaction_code_hash=offer.transaction_code,
            code_hash=code_hash,
            reference_hash=reference_hash,
            created_at=uow.now,
        )
    )


def offer(connection: sa.Connection, *, learner_id: str, offer_id: str) -> Offer | None:
    """The offer, where it is of a certificate of this learner."""
    joined = wallet_offers.join(certificates, certificates.c.id == wallet_offers.c.certificate_id).join(
        awards, awards.c.id == certificates.c.award_id
    )
    statement = sa.select(*_OFFER).select_from(joined)
    return _one(
        connection, statement.where(wallet_offers.c.id == offer_id, awards.c.learner_id == learner_id)
    )


def offer_by(connection: sa.Connection, **hashed: str) -> Offer | None:
    """The offer by the keyed hash of its `code`, `reference` or `access` token."""
    ((name, value),) = hashed.items()
    return _one(connection, sa.select(*_OFFER).where(wallet_offers.c[f"{name}_hash"] == value))


def _one(connection: sa.Connection, statement: sa.Select[Any]) -> Offer | None:
    row = connection.execute(statement).first()
    return None if row is None else Offer(*row)


def locked(uow: UnitOfWork, found: Offer) -> Offer:
    """The offer as it is now, locked until the end of the transaction: of many at once, one after the other."""
    uow.lock(wallet_offers, found.id)
    again = _one(uow.connection, sa.select(*_OFFER).where(wallet_offers.c.id == found.id))
    return again or found


def put_offer(uow: UnitOfWork, before: Offer, after: Offer, access_hash: str | None = None) -> None:
    """Keep what has become of an offer.

    Raises:
        StaleAggregateError: somebody else was faster.
    """
    values: dict[str, Any] = {
        name: getattr(after, name) for name in ("state", "guesses", "client_id", "access_until")
    }
    if access_hash is not None:
        values["access_hash"] = access_hash
    updated = uow.connection.execute(
        wallet_offers.update()
        .where(
            wallet_offers.c.id == before.id,
            wallet_offers.c.state == before.state,
            wallet_offers.c.guesses == before.guesses,
        )
        .values(**values)
    )
    if updated.rowcount == 0:
        raise StaleAggregateError("another wallet showed the same code")


def use_nonce(uow: UnitOfWork, digest: str, expires_at: datetime) -> bool:
    """Whether this is the first use; what has expired is forgotten on the way."""
    uow.connection.execute(wallet_nonces.delete().where(wallet_nonces.c.expires_at <= uow.now))
    return insert_new(uow.connection, wallet_nonces, {"digest": digest, "expires_at": expires_at})


def copies_of(connection: sa.Connection, offer_id: str) -> int:
    """How many copies were asked for under an offer."""
    joined = wallet_copies.join(wallet_requests, wallet_requests.c.id == wallet_copies.c.request_id)
    statement = sa.select(sa.func.count()).select_from(joined).where(wallet_requests.c.offer_id == offer_id)
    return int(connection.execute(statement).scalar_one())


def add_request(uow: UnitOfWork, request_id: str, offer_id: str, state: str) -> None:
    uow.connection.execute(
        wallet_requests.insert().values(id=request_id, offer_id=offer_id, state=state, created_at=uow.now)
    )


def add_copies(uow: UnitOfWork, copies: Sequence[Mapping[str, Any]]) -> None:
    uow.connection.execute(wallet_copies.insert(), [dict(each) for each in copies])


def state_of(connection: sa.Connection, request_id: str, offer_id: str | None = None) -> str | None:
    """The state of a request; None where there is none, or none under this offer."""
    statement = sa.select(wallet_requests.c.state).where(wallet_requests.c.id == request_id)
    if offer_id is not None:
        statement = statement.where(wallet_requests.c.offer_id == offer_id)
    found: str | None = connection.execute(statement).scalar()
    return found


def copies(connection: sa.Connection, request_id: str) -> list[sa.Row[Any]]:
    """The copies of a request in the order of the wallet's keys."""
    statement = wallet_copies.select().where(wallet_copies.c.request_id == request_id)
    return list(connection.execute(statement.order_by(wallet_copies.c.position)))


def move_request(uow: UnitOfWork, request_id: str, before: str, after: str) -> bool:
    """Whether the request was in `before` and is in `after` now."""
    updated = uow.connection.execute(
        wallet_requests.update()
        .where(wallet_requests.c.id == request_id, wallet_requests.c.state == before)
        .values(state=after)
    )
    return updated.rowcount == 1


def put_signed(uow: UnitOfWork, copy_id: str, *, content: str, digest: str, verification_method: str) -> None:
    values = {"content": content, "digest": digest, "verification_method": verification_method}
    uow.connection.execute(
        wallet_copies.update().where(wallet_copies.c.id == copy_id).values(**values, issued_at=uow.now)
    )


def open_requests(connection: sa.Connection, offer_id: str, over: Collection[str]) -> list[tuple[str, str]]:
    """Id and state of the requests under an offer that are not in a state of `over`."""
    statement = sa.select(wallet_requests.c.id, wallet_requests.c.state).where(
        wallet_requests.c.offer_id == offer_id, wallet_requests.c.state.not_in(over)
    )
    return [(row.id, row.state) for row in connection.execute(statement)]


def forget_content(uow: UnitOfWork, request_id: str) -> None:
    """Drop the personal data of copies that were fetched, or that nobody can fetch any more."""
    copies_there = wallet_copies.c.request_id == request_id
    uow.connection.execute(wallet_copies.update().where(copies_there).values(content=None))


def copy_at(connection: sa.Connection, list_id: str, index: int) -> sa.Row[Any] | None:
    """The issued copy with this place in a list."""
    statement = wallet_copies.select().where(
        wallet_copies.c.status_list_id == list_id,
        wallet_copies.c.status_index == index,
        wallet_copies.c.issued_at.is_not(None),
    )
    return connection.execute(statement).first()
