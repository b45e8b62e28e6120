"""What does not work in a worker: known in its process, and told to operators through the database."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.clock import Clock
from shared.db import Database
from shared.messaging.tables import worker_troubles
from shared.sqlite_writer import WriteLockTimeoutError

_REPEAT_SECONDS: Final = 30.0
_STALE: Final = timedelta(minutes=2)
_PATIENCE: Final = 1.0


class Troubles:
    """The troubles of one worker by part, at this moment.

    Each is written down once and then every half minute, so that one whose process was killed is forgotten by itself.
    Writing fails silently: it is the telling, never the work.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._now: dict[str, str] = {}
        self._written: dict[str, tuple[str, float]] = {}

    def current(self) -> Mapping[str, str]:
        return dict(self._now)

    def note(self, part: str, text: str, cause: Exception | None = None) -> None:
        """`part` is in trouble; where `cause` is the database itself, nothing is written there."""
        self._now[part] = text
        told, at = self._written.get(part, ("", 0.0))
        if (told == text and time.monotonic() - at < _REPEAT_SECONDS) or isinstance(cause, DBAPIError):
            return
        self._written[part] = (text, time.monotonic())
        self._write(part, text)

    def clear(self, part: str) -> None:
        """`part` works again."""
        self._now.pop(part, None)
        if self._written.pop(part, None) is not None:
            self._write(part, None)

    def _write(self, part: str, text: str | None) -> None:
        owner, now, table = f"{socket.gethostname()}:{os.getpid()}", self._clock.now(), worker_troubles.c
        mine = (table.owner == owner) & (table.part == part)
        with (
            suppress(SQLAlchemyError, WriteLockTimeoutError),
            self._database.write(patience=_PATIENCE) as connection,
        ):
            connection.execute(worker_troubles.delete().where(mine | (table.at < now - _STALE)))
            if text is not None:
                connection.execute(worker_troubles.insert().values(owner=owner, part=part, text=text, at=now))


def told(connection: sa.Connection, now: datetime) -> list[dict[str, Any]]:
    """The troubles that workers have told of lately, the parts in order."""
    table = worker_troubles.c
    rows = connection.execute(
        worker_troubles.select().where(table.at >= now - _STALE).order_by(table.part, table.owner)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name
