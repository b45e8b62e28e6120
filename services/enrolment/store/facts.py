"""What was heard from the other services, remembered even where it has no effect (yet)."""

from collections.abc import Collection

import sqlalchemy as sa

from services.enrolment.store.tables import facts
from shared.messaging.envelope import Event
from shared.messaging.unit_of_work import UnitOfWork


def record(unit_of_work: UnitOfWork, event: Event, *, about: str, name: str) -> int:
    """Remember `event`, which tells `name` of the application or enrolment `about`; returns its place in order."""
    sequence = int(event.sequence)
    unit_of_work.connection.execute(
        facts.insert().values(
            event_id=event.id, about=about, name=name, sequence=sequence, recorded_at=unit_of_work.now
        )
    )
    return sequence


def latest(connection: sa.Connection, about: str, names: Collection[str]) -> tuple[str, int] | None:
    """The name and place of the latest of the facts `names` about `about`; None where there is none."""
    row = connection.execute(
        sa.select(facts.c.name, facts.c.sequence)
        .where(facts.c.about == about, facts.c.name.in_(names))
        .order_by(facts.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.name, row.sequence)
