"""Commands for those who operate the system: how it is doing, parked events, backups."""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from services.cli.common import load, open_database, present, reason_of, say, service_argument
from shared.backup import backup, restore
from shared.clock import SystemClock
from shared.messaging import parking
from shared.messaging.envelope import topic_of
from shared.messaging.log import open_event_log
from shared.messaging.log.base import LogUnavailableError
from shared.messaging.status import read_status
from shared.messaging.unit_of_work import Transactions
from shared.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> None:
    """Show how each service is doing.

    \b
    backlog  events that are not published yet
    lag      events of others that are not handled yet (? where the log is away)
    parked   events that could not be handled, and wait for a person
    keys     cases that wait behind a parked event
    due      jobs whose time has come
    failing  jobs that failed three times or more; each is told below
    leases   which process relays and runs jobs; none where no worker runs
    """  # noqa: D301 - click's own mark
    found = {name: _status_of(settings, name) for name in present()}
    if as_json:
        say(json.dumps(found, default=str, indent=2))
        return
    say(f"{'service':<15}{'backlog':>8}{'lag':>8}{'parked':>8}{'keys':>6}{'due':>6}{'failing':>9}  leases")
    for name, row in found.items():
        if "error" in row:
            say(f"{name:<15}{row['error']}")
            continue
        held = ", ".join(f"{lease['name']} {lease['owner']}" for lease in row["leases"]) or "none"
        lag = "?" if row["lag"] is None else row["lag"]
        say(
            f"{name:<15}{row['backlog']:>8}{lag:>8}{row['parked']:>8}{row['blocked_keys']:>6}"
            f"{row['jobs_due']:>6}{len(row['jobs_failing']):>9}  {held}"
        )
        for trouble in row["troubles"]:
            say(f"{'':<15}{trouble['part']} of {trouble['owner']}: {trouble['text']}")
        for job in row["jobs_failing"]:
            say(f"{'':<15}job {job['kind']} {job['key']}: {job['attempts']} failures, {job['last_error']}")


def _status_of(settings: Settings, name: str) -> dict[str, Any]:
    try:
        with open_database(settings, name) as database:
            lag = _lag(settings, name)
            with database.read() as connection:
                return read_status(connection, SystemClock().now(), lag).as_dict()
    except click.ClickException as error:
        return {"error": f"cannot be read: {error.message}"}
    except Exception as error:  # noqa: BLE001 - one database that is away must not hide the others
        reason = reason_of(error) if isinstance(error, DBAPIError) else None
        return {"error": f"cannot be read: {reason or type(error).__name__}"}


def _lag(settings: Settings, name: str) -> int | None:
    consumed = [topic_of(source) for source in load(name, "worker").CONSUMES]
    log = open_event_log(settings)
    try:
        return log.backlog(f"passerelle.{name}", consumed)
    except LogUnavailableError:
        return None
    finally:
        log.close()


@click.group()
def parked() -> None:
    """Deal with events that could not be handled.

    Each holds up its own case only. docs/operations.md has the runbook.
    """


@parked.command(name="list")
@service_argument
@click.pass_obj
def parked_list(settings: Settings, service: str) -> None:
    """Show the parked events of a service.

    In the order in which they will be handled, with the reason of the first of each case. The correlation id finds
    what caused them in the logs of all services.
    """
    with open_database(settings, service) as database, database.read() as connection:
        found = parking.waiting(connection)
    for event in found:
        say(
            f"{event.id:>6}  {event.parked_at:%Y-%m-%d %H:%M:%S}  {event.topic}/{event.partition}/{event.offset}"
            f"  {event.key}  {event.type or 'unreadable'}\n        {event.reason}"
        )
        if event.correlation_id:
            say(f"        correlation_id {event.correlation_id}")
    say(f"{len(found)} parked")


@parked.command(name="retry")
@service_argument
@click.argument("parked_id", type=int, required=False)
@click.pass_obj
def parked_retry(settings: Settings, service: str, parked_id: int | None) -> None:
    """Handle parked events again.

    All events of the case of PARKED_ID, in their order, or those of all cases. The worker does it.
    """
    with (
        open_database(settings, service) as database,
        Transactions(service, database).begin() as unit_of_work,
    ):
        keys = parking.request_retry(unit_of_work.connection, parked_id)
    say(f"{keys} keys marked; the worker handles them now")


@parked.command(name="discard")
@service_argument
@click.argument("parked_id", type=int)
@click.option("--reason", required=True, help="Why this event will never be handled; it is kept.")
@click.pass_obj
def parked_discard(settings: Settings, service: str, parked_id: int, reason: str) -> None:
    """Give one parked event up for good.

    The rest of its case is handled then.
    """
    with (
        open_database(settings, service) as database,
        Transactions(service, database).begin() as unit_of_work,
    ):
        parking.discard(unit_of_work.connection, parked_id, reason, unit_of_work.now)
    say("discarded; the rest of its key is handled now")


@click.command(name="backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup_command(settings: Settings, target: Path) -> None:
    """Write a backup of the embedded system to TARGET.

    Databases, event log and keys as of one moment, while the system runs. Keep the archive like a secret.
    """
    say(f"written: {backup(settings, target.resolve())}")


@click.command(name="restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore_command(settings: Settings, source: Path) -> None:
    """Put a backup into an empty PASSERELLE_HOME.

    SOURCE was written by passerelle backup; the system must not be running.
    """
    restore(settings, source)
    say(f"restored into {settings.home}")
