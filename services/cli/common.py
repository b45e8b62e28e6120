"""What the commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.db import Database, is_transient
from shared.settings import SERVICES, Settings

_UNDEFINED_TABLE: Final = "42P01"
_NOT_MIGRATED: Final = "a database is not migrated: passerelle migrate"
service_argument = click.argument("service", type=click.Choice(SERVICES))


def load(service: str, part: str) -> Any:
    """The module `part` of a service, imported now.

    Raises:
        ClickException: this installation does not hold the service.
    """
    if find_spec(f"services.{service}") is None:
        raise click.ClickException(f"this installation does not hold the service {service}")
    return import_module(f"services.{service}.{part}")


def say(text: str) -> None:
    click.echo(text)


@contextmanager
def open_database(settings: Settings, service: str, *, create: bool = False) -> Iterator[Database]:
    """The database of a service, for as long as the block lasts.

    With `create` a file that is not there is made, in a folder of its owner's.

    Raises:
        ClickException: it is a file that is not there, and `create` was not asked for: a command that looks leaves
            nothing behind that a backup would take for a system.
    """
    url = make_url(settings.database_url(service))
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if create:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif not file.exists():
            raise click.ClickException(_NOT_MIGRATED)
    database = Database(settings.database_url(service))
    try:
        yield database
    finally:
        database.dispose()


def present() -> list[str]:
    """The services whose code this installation holds."""
    return [name for name in SERVICES if find_spec(f"services.{name}") is not None]


def reason_of(error: DBAPIError) -> str | None:
    """What an operator can do about a database that cannot be used; None where it is a defect of ours."""
    said = str(error.orig).partition("\n")[0]
    if "no such table" in said or getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
        return _NOT_MIGRATED
    return f"a database cannot be used: {said}" if is_transient(error) else None
