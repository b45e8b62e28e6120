"""The keys of issuers with their dates: `pending`, then `active`, then `retired`; `compromised` at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.issuer_key import IssuerKey
from services.certification.store.tables import issuer_keys
from services.certification.store.upsert import insert_new
from shared.messaging.unit_of_work import StaleAggregateError, UnitOfWork

EDDSA: Final = "EdDSA"
ES256: Final = "ES256"
RS256: Final = "RS256"
ALGORITHMS: Final = (EDDSA, ES256, RS256)

PUBLISHED = ("active", "retired", "pending")
VERIFYING = ("active", "retired")
SIGNED = ("active", "retired", "compromised")

_COLUMNS = tuple(issuer_keys.c[name] for name in IssuerKey.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A private key: encrypted as `wrapped`, or in a hardware module that knows it by `module_id`."""

    wrapped: bytes = b""
    module_id: str | None = None


def history(connection: sa.Connection, institution: str) -> list[IssuerKey]:
    """All keys of the institution, oldest first."""
    statement = (
        sa.select(*_COLUMNS)
        .where(issuer_keys.c.institution == institution)
        .order_by(issuer_keys.c.created_at, issuer_keys.c.multikey)
    )
    return [IssuerKey(*row) for row in connection.execute(statement)]


def everyone(connection: sa.Connection) -> list[IssuerKey]:
    """All keys of all institutions, oldest first."""
    statement = sa.select(*_COLUMNS).order_by(issuer_keys.c.created_at, issuer_keys.c.multikey)
    return [IssuerKey(*row) for row in connection.execute(statement)]


def find(connection: sa.Connection, multikey: str) -> IssuerKey | None:
    row = connection.execute(sa.select(*_COLUMNS).where(issuer_keys.c.multikey == multikey)).first()
    return None if row is None else IssuerKey(*row)


def active(connection: sa.Connection, institution: str, algorithm: str = EDDSA) -> IssuerKey | None:
    """The key that signs for `institution` by `algorithm` now."""
    row = connection.execute(
        sa.select(*_COLUMNS).where(
            issuer_keys.c.institution == institution,
            issuer_keys.c.algorithm == algorithm,
            issuer_keys.c.state == "active",
        )
    ).first()
    return None if row is None else IssuerKey(*row)


def require_active(connection: sa.Connection, institution: str, algorithm: str, multikey: str) -> None:
    """Return when `multikey` is still the key that signs for `institution` by `algorithm`.

    Raises:
        StaleAggregateError: it was replaced after it had signed; what it signed is not to be kept.
    """
    key = active(connection, institution, algorithm)
    if key is None or key.multikey != multikey:
        raise StaleAggregateError("the key was replaced after the signature was made")


def kept(connection: sa.Connection, multikey: str) -> Kept:
    """Where the private key is."""
    statement = sa.select(issuer_keys.c.wrapped, issuer_keys.c.module_id)
    row = connection.execute(statement.where(issuer_keys.c.multikey == multikey)).one()
    return Kept(bytes(row.wrapped), row.module_id)


def in_states(
    connection: sa.Connection,
    institution: str,
    states: Sequence[str],
    algorithms: Sequence[str] = ALGORITHMS,
) -> list[str]:
    """The names of the institution's keys in `states` of `algorithms`, oldest first."""
    return [key.multikey for key in those_in(connection, institution, states) if key.algorithm in algorithms]


def those_in(connection: sa.Connection, institution: str, states: Sequence[str]) -> list[IssuerKey]:
    """The institution's keys in `states`, oldest first."""
    return [key for key in history(connection, institution) if key.state in states]


def jwt_algorithm(connection: sa.Connection, institution: str) -> str:
    """How the institution signs JWTs: RS256 while it has an active key for that, else ES256."""
    return ES256 if active(connection, institution, RS256) is None else RS256


def add(
    uow: UnitOfWork,
    institution: str,
    algorithm: str,
    multikey: str,
    private: Kept,
    *,
    jwk: Mapping[str, Any] | None = None,
    active_from: datetime | None,
) -> bool:
    """Add a key: active from that moment on, or pending. False where there is one in that state already."""
    return insert_new(
        uow.connection,
        issuer_keys,
        {
            "multikey": multikey,
            "institution": institution,
            "algorithm": algorithm,
            "state": "pending" if active_from is None else "active",
            "wrapped": private.wrapped,
            "module_id": private.module_id,
            "jwk": jwk,
            "created_at": uow.now,
            "changed_at": uow.now,
            "activated_at": active_from,
        },
    )


def put(uow: UnitOfWork, key: IssuerKey) -> None:
    """Keep what has become of a key."""
    uow.connection.execute(
        issuer_keys.update()
        .where(issuer_keys.c.multikey == key.multikey)
        .values(**asdict(key), changed_at=uow.now)
    )
