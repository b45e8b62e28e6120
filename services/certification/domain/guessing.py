"""How often a holder's name may be guessed: enough for everybody who was told it, too little to try a list of names."""

from datetime import datetime, timedelta
from typing import Final

LIMIT: Final = 10
WINDOW: Final = timedelta(minutes=15)


def seconds_left(started_at: datetime, now: datetime) -> int:
    """After how many seconds, at least one, a window that began at `started_at` is over."""
    left = (started_at + WINDOW - now).total_seconds()
    return max(1, int(-(-left // 1)))
