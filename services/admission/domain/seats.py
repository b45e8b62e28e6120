"""Who gets the next seat: by rank, then by time (D1 'Seats'). The count itself is one guarded UPDATE in the store."""

from decimal import Decimal
from typing import Final

_MILLI: Final = 1000


def rank_of(ranking: str, score: str | None) -> int:
    """The place in the queue of an application: lower comes first.

    `first_come` ranks everybody alike, so that time decides; `score` puts the higher score first and whoever has
    none last.
    """
    if ranking == "first_come":
        return 0
    return 0 if score is None else -int(Decimal(score) * _MILLI)
