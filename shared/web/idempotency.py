"""`Idempotency-Key`: a request that arrives again has one effect and the same answer.

The key is stored in the transaction of the effect, first of all: whoever sends the same key meanwhile waits for that
transaction (on its unique index in PostgreSQL, on the write lock in SQLite) and then finds its answer. Only answers
of success are kept: a refusal leaves nothing behind, and the same key may be used for the corrected request.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from flask import Request
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from shared.db import LOCK_SECONDS, UtcDateTime
from shared.messaging.tables import idempotency_keys
from shared.web.callers import Caller
from shared.web.problems import ProblemError

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
WAIT_SECONDS: Final = LOCK_SECONDS
_FORGET_AT_ONCE: Final = 200
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_LOCK_TIMEOUT: Final = "55P03"
_KEPT_HEADERS: Final = ("ETag", "Location", "Link")


def _taking(dialect: Any) -> Any:
    """Insert the key; where it is there already and its time is over, start it anew. A row comes back if taken."""
    statement = dialect.insert(idempotency_keys).values(
        scope=sa.bindparam("scope"),
        fingerprint=sa.bindparam("fingerprint"),
        expires_at=sa.bindparam("until", type_=UtcDateTime),
    )
    new = statement.excluded
    anew = {
        "fingerprint": new.fingerprint,
        "expires_at": new.expires_at,
        "status": None,
        "headers": None,
        "body": None,
    }
    return statement.on_conflict_do_update(
        index_elements=["scope"],
        set_=anew,
        where=idempotency_keys.c.expires_at <= sa.bindparam("now", type_=UtcDateTime),
    ).returning(idempotency_keys.c.scope)


# Building a statement costs more than sending it; these are on the path of every command.
_TAKE: Final = {"sqlite": _taking(sqlite), "postgresql": _taking(postgresql)}
_FIND: Final = idempotency_keys.select().where(idempotency_keys.c.scope == sa.bindparam("scope"))
_KEEP: Final = (
    idempotency_keys.update()
    .where(idempotency_keys.c.scope == sa.bindparam("of"))
    .values(status=sa.bindparam("status"), headers=sa.bindparam("headers"), body=sa.bindparam("body"))
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    status: int
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """One key of one caller for one route (`scope`), and what it was sent with (`fingerprint`)."""

    scope: str
    fingerprint: str

    @property
    def patience(self) -> float:
        """For how many seconds a request with this key waits for its turn, be it behind one with the same key."""
        return WAIT_SECONDS

    def take(self, connection: sa.Connection, now: datetime) -> Answer | None:
        """Claim the key in this transaction; the kept answer where it was used before.

        Raises:
            ProblemError: 422 where it was used for another request; 409 with Retry-After where another request with
                this key has been under way for longer than five seconds.
        """
        try:
            values = {
                "scope": self.scope,
                "fingerprint": self.fingerprint,
                "until": now + KEPT_FOR,
                "now": now,
            }
            if connection.execute(_TAKE[connection.dialect.name], values).first() is not None:
                return None
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_TIMEOUT:
                raise
            raise ProblemError(
                "busy",
                "A request with this Idempotency-Key is still being carried out.",
                headers={"Retry-After": str(WAIT_SECONDS)},
            ) from error
        return self._kept(connection)

    def _kept(self, connection: sa.Connection) -> Answer:
        row = connection.execute(_FIND, {"scope": self.scope}).one()
        if row.fingerprint != self.fingerprint:
            raise ProblemError(
                "idempotency-key-reused", "This Idempotency-Key was used with another body; use a new one."
            )
        return Answer(row.status, row.body, json.loads(row.headers))

    def keep(self, connection: sa.Connection, answer: Answer) -> None:
        """Keep `answer` for 24 hours, in the transaction of the effect."""
        headers = {name: value for name, value in answer.headers.items() if name in _KEPT_HEADERS}
        values = {
            "of": self.scope,
            "status": answer.status,
            "headers": json.dumps(headers),
            "body": answer.body,
        }
        connection.execute(_KEEP, values)


def claim_of(request: Request, caller: Caller | None) -> Claim | None:
    """The claim that `request` makes; None without a key, or without a caller whose keys these could be.

    Raises:
        ProblemError: the key is not 1 to 255 visible ASCII characters.
    """
    key = request.headers.get(HEADER)
    if key is None or caller is None:
        return None
    if not _KEY.fullmatch(key):
        raise ProblemError("malformed-request", f"{HEADER} takes 1 to 255 visible ASCII characters.")
    scope = _digest(caller.issuer, caller.subject, request.method, request.path, key)
    return Claim(scope, _digest(request.query_string, request.get_data(cache=True)))


def forget_expired(connection: sa.Connection, now: datetime) -> bool:
    """Delete some of the keys whose 24 hours are over, none that another request holds; whether there may be more."""
    expired = (
        sa.select(idempotency_keys.c.scope)
        .where(idempotency_keys.c.expires_at <= now)
        .limit(_FORGET_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    deleted = connection.execute(idempotency_keys.delete().where(idempotency_keys.c.scope.in_(expired)))
    return deleted.rowcount >= _FORGET_AT_ONCE


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
