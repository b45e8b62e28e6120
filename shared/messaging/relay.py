"""Publish pending events in per-key order, at least once."""

import json
from typing import Any, Final

import sqlalchemy as sa

from shared.clock import Clock
from shared.db import Database
from shared.messaging.envelope import Event, to_message, topic_of
from shared.messaging.lease import Lease, fence
from shared.messaging.log.base import Message, Producer
from shared.messaging.tables import feed, outbox

ROUND: Final = 100
_WINDOW: Final = 4 * ROUND

# By what is unpublished, never by `seq > last`: numbers are drawn before they are committed, and a
# relay that walks past a gap loses the event that fills it later (12 to 22 % with eight writers).
_PENDING: Final = outbox.select().where(outbox.c.published_at.is_(None)).order_by(outbox.c.seq).limit(_WINDOW)
_MARK: Final = (
    outbox.update()
    .where(outbox.c.seq == sa.bindparam("which"))
    .values(
        position=sa.bindparam("place"), published_at=sa.bindparam("moment", type_=outbox.c.published_at.type)
    )
)


def event_of(row: Any) -> Event:
    """The event of one outbox row."""
    return Event(
        id=row.id,
        type=row.type,
        source=row.source,
        subject=row.subject,
        time=row.time,
        partitionkey=row.partition_key,
        sequence=row.sequence,
        correlationid=row.correlation_id,
        causationid=row.causation_id,
        traceparent=row.traceparent,
        data=json.loads(row.data),
    )


def first_of_each_key(rows: list[Any]) -> list[Any]:
    """The oldest row of each partition key, `ROUND` at most.

    The next event of a key waits for the acknowledgement of the one before: kafka-python may lose a batch in
    flight while a later record goes out, and sending the lost one again would turn the key's order around.
    """
    firsts: dict[str, Any] = {}
    for row in rows:
        firsts.setdefault(row.partition_key, row)
    return list(firsts.values())[:ROUND]


class Relay:
    """Moves events from the outbox of one service to the log. Only the holder of the lease may run it.

    `public_url` is where partners find the contracts that events name. `behind` says, after a round, whether it left
    events behind that another round can publish at once.
    """

    def __init__(
        self, service: str, database: Database, producer: Producer, clock: Clock, public_url: str
    ) -> None:
        self._topic = topic_of(service)
        self._public_url = public_url
        self._database = database
        self._producer = producer
        self._clock = clock
        self.behind = False

    def round(self, lease: Lease) -> int:
        """Publish up to `ROUND` events, one per key; returns how many.

        An event counts as published only when the log has acknowledged it. A crash in between publishes it
        again; the inbox of each consumer makes that harmless.

        Raises:
            LogUnavailableError: nothing is marked; run again later.
            LeaseLostError: another relay took over; nothing is marked.
        """
        pending = self._pending()
        rows = first_of_each_key(pending)
        self.behind = len(pending) > len(rows)
        if not rows:
            return 0
        self._producer.append([self._message(row) for row in rows])
        self._mark(lease, rows)
        return len(rows)

    def _pending(self) -> list[Any]:
        with self._database.read() as connection:
            return list(connection.execute(_PENDING))

    def _message(self, row: Any) -> Message:
        key, headers, value = to_message(event_of(row), self._public_url)
        return Message(self._topic, key, headers, value)

    def _mark(self, lease: Lease, rows: list[Any]) -> None:
        now = self._clock.now()
        with self._database.write() as connection:
            start = fence(connection, lease, advance=len(rows))
            places = {row.seq: position for position, row in enumerate(rows, start=start + 1)}
            connection.execute(
                _MARK, [{"which": seq, "place": place, "moment": now} for seq, place in places.items()]
            )
            audience = [
                {"institution": institution, "position": places[row.seq]}
                for row in rows
                for institution in row.audience
            ]
            if audience:
                connection.execute(feed.insert(), audience)
