"""One relay and one runner of jobs per service: a lease in the database, fenced by an epoch."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from shared.clock import Clock
from shared.db import Database
from shared.messaging.tables import leases

TTL: Final = timedelta(seconds=3)


class LeaseLostError(Exception):
    """Another worker holds the lease by now; what was being done is abandoned and its transaction rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    owner: str
    epoch: int


class Leases:
    """Acquires, keeps and gives back the leases of one worker."""

    def __init__(self, database: Database, owner: str, clock: Clock, ttl: timedelta = TTL) -> None:
        self._database = database
        self._owner = owner
        self._clock = clock
        self._ttl = ttl

    def acquire(self, name: str) -> Lease | None:
        """The lease `name`, taken or renewed; None while somebody else holds it.

        The epoch grows with every change of hands, so that a late writer can tell that its time is over.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            row = connection.execute(leases.select().where(leases.c.name == name).with_for_update()).first()
            if row is None:
                return self._create(connection, name)
            if row.owner != self._owner and row.expires_at > now:
                return None
            epoch = row.epoch if row.owner == self._owner else row.epoch + 1
            taken = connection.execute(
                leases.update()
                .where(leases.c.name == name, leases.c.epoch == row.epoch)
                .values(owner=self._owner, epoch=epoch, expires_at=now + self._ttl)
            )
            return Lease(name, self._owner, epoch) if taken.rowcount else None

    def _create(self, connection: sa.Connection, name: str) -> Lease | None:
        values = {"name": name, "owner": self._owner, "epoch": 1, "counter": 0}
        try:
            with connection.begin_nested():
                connection.execute(leases.insert(), {**values, "expires_at": self._clock.now() + self._ttl})
        except sa.exc.IntegrityError:
            return None
        return Lease(name, self._owner, 1)

    def release(self, name: str) -> None:
        """Give the lease back, so that another worker need not wait for its end."""
        with self._database.write() as connection:
            connection.execute(
                leases.update()
                .where(leases.c.name == name, leases.c.owner == self._owner)
                .values(expires_at=self._clock.now() - self._ttl)
            )


def fence(connection: sa.Connection, lease: Lease, advance: int = 0) -> int:
    """Inside a write transaction: make sure that `lease` still holds; returns its counter before `advance`.

    Raises:
        LeaseLostError: it does not.
    """
    row = connection.execute(
        leases.update()
        .where(leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.epoch == lease.epoch)
        .values(counter=leases.c.counter + advance)
        .returning(leases.c.counter)
    ).first()
    if row is None:
        raise LeaseLostError(f"the lease {lease.name} is no longer ours at epoch {lease.epoch}")
    return int(row.counter) - advance
