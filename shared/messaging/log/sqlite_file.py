"""What producer and consumer of the SQLite log share: schema, form of headers, names of failures."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from shared.messaging.log.base import Headers, LogUnavailableError

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS partitions (
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        beginning INTEGER NOT NULL,
        following INTEGER NOT NULL,
        PRIMARY KEY (topic, partition)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS records (
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        key TEXT NOT NULL,
        headers TEXT NOT NULL,
        value BLOB NOT NULL,
        appended_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
        PRIMARY KEY (topic, partition, "offset")
    )""",
    """CREATE TABLE IF NOT EXISTS offsets (
        group_name TEXT NOT NULL,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        PRIMARY KEY (group_name, topic, partition)
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS members (
        group_name TEXT PRIMARY KEY,
        member TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        expires_at REAL NOT NULL
    ) WITHOUT ROWID""",
)


@contextmanager
def available() -> Iterator[None]:
    try:
        yield
    except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
        raise LogUnavailableError(f"the SQLite log: {error}") from error


def pack(headers: Headers) -> str:
    # Latin-1 maps every byte to one character and back: exact, and legible in the file.
    return json.dumps([(name, value.decode("latin-1")) for name, value in headers])


def unpack(text: str) -> Headers:
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text))
