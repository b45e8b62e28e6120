"""The history of a case: who did what, when, in which role and why."""

from typing import Any

import sqlalchemy as sa

from shared.messaging.tables import history


def history_of(connection: sa.Connection, collection: str, aggregate_id: str) -> list[dict[str, Any]]:
    """All recorded steps of one aggregate (`collection` is its table's name), oldest first."""
    rows = connection.execute(
        history.select()
        .where(history.c.aggregate_type == collection, history.c.aggregate_id == aggregate_id)
        .order_by(history.c.seq)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name
