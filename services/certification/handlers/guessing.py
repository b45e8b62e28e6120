"""Compare a typed name with the holder's, a limited number of times (security.md, API6)."""

from datetime import datetime

from services.certification.domain import guessing
from services.certification.handlers.verification import is_holder
from services.certification.store import guesses
from shared.db import Database


class TooManyGuessesError(Exception):
    """The names that may be tried in this window have been; `seconds` says after how long it is over."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again after {seconds} seconds")
        self.seconds = seconds


def guess_name(database: Database, public_id: str, name: str, now: datetime) -> bool:
    """Whether `name` is the holder's; each comparison counts, the right one too, and survives a restart.

    Nobody is locked out for good: the count begins anew when its window is over.

    Raises:
        TooManyGuessesError: nothing was compared.
    """
    with database.write() as connection:
        taken = guesses.take(
            connection, public_id, now, window_from=now - guessing.WINDOW, limit=guessing.LIMIT
        )
        if not taken:
            raise TooManyGuessesError(guessing.seconds_left(guesses.started_at(connection, public_id), now))
    with database.read() as connection:
        return is_holder(connection, public_id, name)
