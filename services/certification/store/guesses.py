"""Count guesses of names, exactly, however many arrive at once."""

from datetime import datetime

import sqlalchemy as sa

from services.certification.store.guess_tables import name_guesses
from services.certification.store.upsert import insert
from shared.db import UtcDateTime


def take(
    connection: sa.Connection, public_id: str, now: datetime, *, window_from: datetime, limit: int
) -> bool:
    """Count one guess; False, and nothing counted, where the window since `window_from` has had `limit` of them.

    A window that began before is over, and a new one begins.
    """
    table = name_guesses
    statement = insert(connection, table).values(public_id=public_id, started_at=now, guesses=1)
    over = table.c.started_at <= sa.literal(window_from, UtcDateTime)
    counted = statement.on_conflict_do_update(
        index_elements=["public_id"],
        set_={
            "started_at": sa.case((over, statement.excluded.started_at), else_=table.c.started_at),
            "guesses": sa.case((over, 1), else_=table.c.guesses + 1),
        },
        where=over | (table.c.guesses < limit),
    )
    return connection.execute(counted.returning(table.c.guesses)).first() is not None


def started_at(connection: sa.Connection, public_id: str) -> datetime:
    """When the present window of a certificate that has been guessed at began."""
    found: datetime = connection.execute(
        sa.select(name_guesses.c.started_at).where(name_guesses.c.public_id == public_id)
    ).scalar_one()
    return found
