"""Events per second that one relay moves from a full outbox to the log."""

import time
import uuid
from datetime import UTC, datetime
from typing import Final

from shared.clock import SystemClock
from shared.db import Database
from shared.messaging.lease import Leases
from shared.messaging.log import open_event_log
from shared.messaging.relay import Relay
from shared.messaging.tables import outbox
from shared.migrations import MESSAGING, History
from shared.settings import Settings

_TOPIC_OWNER: Final = "bench"


def measure_relay(settings: Settings, database: Database, events: int) -> float:
    """Events per second, with `events` pending events of 200 bytes, each of another key."""
    with database.write() as connection:
        History(MESSAGING).upgrade(connection)
        connection.execute(outbox.insert(), [_row() for _ in range(events)])
    log = open_event_log(settings)
    log.create_topics([f"passerelle.{_TOPIC_OWNER}.v1"], 6)
    producer = log.producer()
    clock = SystemClock()
    leases = Leases(database, "bench", clock)
    relay = Relay(_TOPIC_OWNER, database, producer, clock, "https://passerelle.example")
    moved = 0
    began = time.perf_counter()
    while moved < events:
        lease = leases.acquire("relay")
        if lease is None:
            raise RuntimeError("somebody else relays the bench's outbox")
        moved += relay.round(lease)
    elapsed = time.perf_counter() - began
    producer.close()
    log.close()
    return events / elapsed


def _row() -> dict[str, object]:
    key = str(uuid.uuid4())
    return {
        "id": str(uuid.uuid4()),
        "type": "eu.passerelle.bench.thing.happened.v1",
        "source": f"/bench/v1/things/{key}",
        "subject": key,
        "partition_key": key,
        "sequence": "0000000001",
        "time": datetime.now(UTC),
        "correlation_id": key,
        "data": '{"thing_id":"' + key + '","state":"' + "x" * 140 + '"}',
        "audience": ["helsinki.fi"],
    }
