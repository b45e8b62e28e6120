"""Durations of a template, added to moments without ever leaving the calendar."""

from datetime import UTC, datetime
from typing import Final

from shared.durations import add_duration

NEVER: Final = datetime(2999, 12, 31, tzinfo=UTC)


def after(moment: datetime, duration: str) -> datetime:
    """`moment` plus an ISO 8601 `duration`; one that leads beyond the year 2999 ends there.

    A published template may say P9999Y for "no end"; that is no reason to refuse a learner.
    """
    try:
        return min(add_duration(moment, duration), NEVER)
    except ValueError:
        return NEVER
