"""Pages of a list in the order of a moment and an id, which places every row and skips none."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shared.db import UtcDateTime

Place = tuple[datetime, str]
"""Moment and id of the last row of the page before."""


def in_order(
    statement: sa.Select[Any], moment: sa.Column[Any], row_id: sa.Column[Any], after: Place | None, limit: int
) -> sa.Select[Any]:
    """Up to `limit` rows of `statement`, the earliest `moment` first, from behind `after` on."""
    ordered = statement.order_by(moment, row_id).limit(limit)
    if after is None:
        return ordered
    place = sa.tuple_(sa.literal(after[0], UtcDateTime), sa.literal(after[1]))
    return ordered.where(sa.tuple_(moment, row_id) > place)
