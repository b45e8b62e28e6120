"""The partners' feed: what concerns an institution, in the order of publication, without gaps."""

from dataclasses import dataclass

import sqlalchemy as sa

from shared.messaging.envelope import Event
from shared.messaging.relay import event_of
from shared.messaging.tables import feed, outbox


@dataclass(frozen=True, slots=True)
class Page:
    """Events with the cursor of the last one looked at; reading again after `position` misses nothing."""

    events: tuple[Event, ...]
    position: int
    more: bool


def read_feed(connection: sa.Connection, institution: str | None, after: int, limit: int) -> Page:
    """Up to `limit` events after position `after` that concern `institution` (None: all events of the service).

    Positions are given by the relay, one after the other, when the log has acknowledged an event; after a restore they
    go on far above. A reader who keeps the last position it saw therefore never misses an event that was committed
    late.
    """
    statement = outbox.select().where(outbox.c.position > after).order_by(outbox.c.position).limit(limit + 1)
    if institution is not None:
        mine = (
            sa.select(feed.c.position)
            .where(feed.c.institution == institution, feed.c.position > after)
            .order_by(feed.c.position)
            .limit(limit + 1)
        )
        statement = outbox.select().where(outbox.c.position.in_(mine)).order_by(outbox.c.position)
    rows = list(connection.execute(statement))
    shown = rows[:limit]
    position = shown[-1].position if shown else after
    return Page(tuple(event_of(row) for row in shown), position, more=len(rows) > limit)


def last_position(connection: sa.Connection) -> int:
    """The position of the latest published event of the service; 0 where there is none."""
    return connection.execute(sa.select(sa.func.max(outbox.c.position))).scalar_one() or 0
