"""How a service's messaging is doing: what waits, what is stuck, who holds which lease."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from shared.messaging.tables import blocked_keys, jobs, leases, outbox, parked
from shared.messaging.troubles import told

_STRUGGLING: Final = 3


@dataclass(frozen=True, slots=True)
class Status:
    """Counts at one moment. `lag` is None where the event log cannot be reached."""

    backlog: int
    oldest_unpublished: datetime | None
    lag: int | None
    parked: int
    blocked_keys: int
    jobs_due: int
    jobs_failing: list[dict[str, Any]]
    leases: list[dict[str, Any]]
    troubles: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_status(connection: sa.Connection, now: datetime, lag: int | None) -> Status:
    """The status from the service's database; `lag` comes from the event log. Leases are those held at `now`."""
    pending = connection.execute(
        sa.select(sa.func.count(), sa.func.min(outbox.c.time)).where(outbox.c.published_at.is_(None))
    ).one()
    failing = connection.execute(
        sa.select(jobs.c.kind, jobs.c.key, jobs.c.attempts, jobs.c.due_at, jobs.c.last_error)
        .where(jobs.c.attempts >= _STRUGGLING)
        .order_by(jobs.c.attempts.desc())
        .limit(20)
    )
    held = connection.execute(
        sa.select(leases.c.name, leases.c.owner, leases.c.epoch, leases.c.expires_at)
        .where(leases.c.expires_at > now)
        .order_by(leases.c.name.desc())
    )
    return Status(
        backlog=pending[0],
        oldest_unpublished=pending[1],
        lag=lag,
        parked=_count(connection, parked, parked.c.resolved_at.is_(None)),
        blocked_keys=_count(connection, blocked_keys),
        jobs_due=_count(connection, jobs, jobs.c.due_at <= now),
        jobs_failing=[dict(row._mapping) for row in failing],  # noqa: SLF001 - SQLAlchemy's public name
        leases=[dict(row._mapping) for row in held],  # noqa: SLF001 - SQLAlchemy's public name
        troubles=told(connection, now),
    )


def _count(connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one()
    )
