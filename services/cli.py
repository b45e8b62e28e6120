"""The command `passerelle`: starts, operates and inspects the services; loads one only when it is asked for."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from services.keys_cli import keys
from shared import __version__
from shared.annex1.files import check_file
from shared.backup import BackupError, backup, restore
from shared.clock import SystemClock
from shared.db import Database, is_transient
from shared.domain import DomainError
from shared.keyfiles import ExposedSecretError
from shared.logging import configure_logging
from shared.messaging import parking
from shared.messaging.envelope import topic_of
from shared.messaging.log import open_event_log
from shared.messaging.log.base import LogUnavailableError
from shared.messaging.status import read_status
from shared.messaging.unit_of_work import Transactions
from shared.migrations import migrate
from shared.server import serve
from shared.settings import SERVICES, Settings, load_settings
from shared.web.callers import Role
from shared.web.development import DevelopmentIssuerRefusedError, create_development_issuer, mint_token
from shared.web.health import serve_worker_health

_PARTITIONS: Final = 6
_UNDEFINED_TABLE: Final = "42P01"
_service = click.argument("service", type=click.Choice(SERVICES))


def _load(service: str, part: str) -> Any:
    if find_spec(f"services.{service}") is None:
        raise click.ClickException(f"this installation does not hold the service {service}")
    return import_module(f"services.{service}.{part}")


def _say(text: str) -> None:
    click.echo(text)


@contextmanager
def _database(settings: Settings, service: str) -> Iterator[Database]:
    database = Database(settings.database_url(service))
    try:
        yield database
    finally:
        database.dispose()


def _present() -> list[str]:
    """The services whose code this installation holds."""
    return [name for name in SERVICES if find_spec(f"services.{name}") is not None]


def _create_topics(settings: Settings) -> None:
    log = open_event_log(settings)
    try:
        log.create_topics([topic_of(name) for name in SERVICES], _PARTITIONS)
    finally:
        log.close()


def _migrate(settings: Settings, names: list[str]) -> None:
    for name in names:
        with _database(settings, name) as database:
            migrate(name, database)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="passerelle")
@click.pass_context
def main(context: click.Context) -> None:
    """Learner administration for European micro-credentials.

    \b
    To try it:       passerelle up
    Then, elsewhere: passerelle token --role admissions_officer --institution helsinki.fi
    Verify files:    passerelle check FILES, passerelle verify BUNDLE

    Settings are environment variables; docs/operations.md lists them. PASSERELLE_HOME says where files are kept.
    """  # noqa: D301 - click's own mark
    try:
        context.obj = load_settings()
    except ValueError as error:
        raise click.ClickException(f"settings: {error}") from error
    configure_logging(context.obj.log_level)


@main.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Serve everything in one process.

    All four services with their workers, on SQLite files under PASSERELLE_HOME, at BIND (127.0.0.1:8000 unless set).
    Databases are created and migrated first. Ctrl-C or SIGTERM ends it.
    """
    from services.embedded import Embedded

    if not settings.embedded:
        raise click.ClickException(
            "up is the embedded profile; EVENT_LOG_URL names a broker: use web and worker"
        )
    _migrate(settings, list(SERVICES))
    _create_topics(settings)
    system = Embedded(settings)
    serve(settings, system.application, started=system.start)


@main.command()
@_service
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes answer; more than one needs PostgreSQL.",
)
@click.pass_obj
def web(settings: Settings, service: str, processes: int) -> None:
    """Serve the REST side of one service.

    Needs its database, migrated before (passerelle migrate); its events are handled by passerelle worker.
    """
    app = _load(service, "app")
    if processes > 1 and settings.database_url(service).startswith("sqlite"):
        raise click.ClickException("SQLite is written by one process only: leave --processes out")
    serve(settings, lambda: app.create_app(settings), processes=processes)


@main.command()
@_service
@click.pass_obj
def worker(settings: Settings, service: str) -> None:
    """Run the event side of one service.

    It publishes the service's events, handles those of the others, and runs what is due at a time.
    """
    running = _load(service, "worker").create_worker(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running.start()
    health = serve_worker_health(settings.worker_port, running) if settings.worker_port else None
    stop.wait()
    running.stop()
    if health is not None:
        health.close()


@main.command()
@click.pass_obj
def issuer(settings: Settings) -> None:
    """Serve the issuer of development tokens alone.

    For the distributed profile on one's own machine; passerelle up brings it along. Refused in production.
    """
    try:
        app = create_development_issuer(settings)
    except DevelopmentIssuerRefusedError as error:
        raise click.ClickException(str(error)) from error
    serve(settings, lambda: app)


@main.command(name="migrate")
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.pass_obj
def migrate_command(settings: Settings, services: tuple[str, ...]) -> None:
    """Create databases, or bring them to this version.

    Of the named services, or of all that this installation holds. Safe to repeat.
    """
    names = list(services) or _present()
    _migrate(settings, names)
    _say(f"migrated: {', '.join(names)}")


@main.command()
@click.pass_obj
def topics(settings: Settings) -> None:
    """Create missing topics in the event log.

    Once before the first start of the distributed profile. Safe to repeat.
    """
    try:
        _create_topics(settings)
    except LogUnavailableError as error:
        raise click.ClickException(f"the event log cannot be reached: {error}") from error
    _say("topics are there")


@main.command()
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    required=True,
    help="May be given several times.",
)
@click.option("--institution", help="SCHAC code, such as helsinki.fi; most roles need one.")
@click.option(
    "--subject", help="Who it is for: the same word is the same person. Anew at random if left out."
)
@click.option(
    "--hours", type=click.IntRange(1, 8760), default=8, show_default=True, help="How long it is valid."
)
@click.pass_obj
def token(
    settings: Settings, roles: tuple[str, ...], institution: str | None, subject: str | None, hours: int
) -> None:
    """Print an access token for development.

    \b
    TOKEN=$(passerelle token --role registrar --institution helsinki.fi)
    curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/enrolment/v1/enrolments
    """  # noqa: D301 - click's own mark
    try:
        minted = mint_token(
            settings, roles, institution=institution, subject=subject, lifetime=timedelta(hours=hours)
        )
    except (DevelopmentIssuerRefusedError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    _say(minted)


@main.command()
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
    leases   which process relays and runs jobs
    """  # noqa: D301 - click's own mark
    found = {name: _status_of(settings, name) for name in _present()}
    if as_json:
        _say(json.dumps(found, default=str, indent=2))
        return
    _say(f"{'service':<15}{'backlog':>8}{'lag':>8}{'parked':>8}{'keys':>6}{'due':>6}{'failing':>9}  leases")
    for name, row in found.items():
        if "error" in row:
            _say(f"{name:<15}{row['error']}")
            continue
        held = ", ".join(f"{lease['name']} {lease['owner']}" for lease in row["leases"]) or "none"
        lag = "?" if row["lag"] is None else row["lag"]
        _say(
            f"{name:<15}{row['backlog']:>8}{lag:>8}{row['parked']:>8}{row['blocked_keys']:>6}"
            f"{row['jobs_due']:>6}{len(row['jobs_failing']):>9}  {held}"
        )
        for trouble in row["troubles"]:
            _say(f"{'':<15}{trouble['part']} of {trouble['owner']}: {trouble['text']}")
        for job in row["jobs_failing"]:
            _say(f"{'':<15}job {job['kind']} {job['key']}: {job['attempts']} failures, {job['last_error']}")


def _status_of(settings: Settings, name: str) -> dict[str, Any]:
    consumed = [topic_of(source) for source in _load(name, "worker").CONSUMES]
    log = open_event_log(settings)
    try:
        lag: int | None = log.backlog(f"passerelle.{name}", consumed)
    except LogUnavailableError:
        lag = None
    finally:
        log.close()
    try:
        with _database(settings, name) as database, database.read() as connection:
            return read_status(connection, SystemClock().now(), lag).as_dict()
    except Exception as error:  # noqa: BLE001 - one database that is away must not hide the others
        reason = _reason(error) if isinstance(error, DBAPIError) else None
        return {"error": f"cannot be read: {reason or type(error).__name__}"}


@main.group()
def parked() -> None:
    """Deal with events that could not be handled.

    Each holds up its own case only. docs/operations.md has the runbook.
    """


@parked.command(name="list")
@_service
@click.pass_obj
def parked_list(settings: Settings, service: str) -> None:
    """Show the parked events of a service.

    In the order in which they will be handled, with the reason of the first of each case.
    """
    with _database(settings, service) as database, database.read() as connection:
        found = parking.waiting(connection)
    for event in found:
        _say(
            f"{event.id:>6}  {event.parked_at:%Y-%m-%d %H:%M:%S}  {event.topic}/{event.partition}/{event.offset}"
            f"  {event.key}  {event.type or 'unreadable'}\n        {event.reason}"
        )
    _say(f"{len(found)} parked")


@parked.command(name="retry")
@_service
@click.argument("parked_id", type=int, required=False)
@click.pass_obj
def parked_retry(settings: Settings, service: str, parked_id: int | None) -> None:
    """Handle parked events again.

    All events of the case of PARKED_ID, in their order, or those of all cases. The worker does it.
    """
    with _database(settings, service) as database, Transactions(service, database).begin() as unit_of_work:
        keys = parking.request_retry(unit_of_work.connection, parked_id)
    _say(f"{keys} keys marked; the worker handles them now")


@parked.command(name="discard")
@_service
@click.argument("parked_id", type=int)
@click.option("--reason", required=True, help="Why this event will never be handled; it is kept.")
@click.pass_obj
def parked_discard(settings: Settings, service: str, parked_id: int, reason: str) -> None:
    """Give one parked event up for good.

    The rest of its case is handled then.
    """
    with _database(settings, service) as database, Transactions(service, database).begin() as unit_of_work:
        parking.discard(unit_of_work.connection, parked_id, reason, unit_of_work.now)
    _say("discarded; the rest of its key is handled now")


@main.command(name="backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup_command(settings: Settings, target: Path) -> None:
    """Write a backup of the embedded system to TARGET.

    Databases, event log and keys as of one moment, while the system runs. Keep the archive like a secret.
    """
    _say(f"written: {backup(settings, target.resolve())}")


@main.command(name="restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore_command(settings: Settings, source: Path) -> None:
    """Put a backup into an empty PASSERELLE_HOME.

    SOURCE was written by passerelle backup; the system must not be running.
    """
    restore(settings, source)
    _say(f"restored into {settings.home}")


@main.group()
def audit() -> None:
    """Repeat decisions and compare them."""


@audit.command(name="decisions")
@click.option("--seed", type=int, default=None, help="Draws the order of the re-run; random if left out.")
@click.pass_obj
def audit_decisions(settings: Settings, seed: int | None) -> None:
    """Re-run every eligibility decision.

    In shuffled order, by the rules and inputs that were stored with it, and print what comes out differently. The exit
    status is 0 where nothing does.
    """
    rerun = _load("admission", "handlers.audit").audit_decisions
    with _database(settings, "admission") as database, database.read() as connection:
        found = rerun(connection, seed=seed)
    for difference in found.differences:
        _say(str(difference))
    _say(f"{found.checked} decisions re-run, {len(found.differences)} differences")
    if found.differences:
        sys.exit(1)


@audit.command(name="certificates")
@click.pass_obj
def audit_certificates(settings: Settings) -> None:
    """Verify every signed certificate again, by other code than the one that issued it (about 100 a second)."""
    verify_all = _load("certification", "handlers.certificate_audit").audit_certificates
    with _database(settings, "certification") as database, database.read() as connection:
        found = verify_all(connection, SystemClock().now())
    for finding in found.findings:
        _say(finding)
    _say(f"{found.checked} signed forms verified again, {len(found.findings)} findings")
    if found.findings:
        sys.exit(1)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
@click.option(
    "--awarding-body",
    "awarding_bodies",
    multiple=True,
    help="An awarding body that the agreement names, by its name or id; may be given several times.",
)
def check(files: tuple[Path, ...], awarding_bodies: tuple[str, ...], *, as_json: bool) -> None:
    """Name what credentials lack of the EU's eleven elements.

    FILES are credentials of any issuer: Open Badges 3.0, European Digital Credentials (ELM) and SD-JWT VCs, plain,
    signed, or baked into a picture. For each, the mandatory elements of a micro-credential (Annex I of the Council
    Recommendation of 2022) that are missing or malformed are named, and the optional ones that are there. Signatures
    are not verified: passerelle verify does that for bundles, and /certification/v1/verifications for credentials.

    The exit status is 0 where all are complete, 1 where something is missing or malformed, 2 where a file holds no
    credential.
    """
    checked = [check_file(file, awarding_bodies) for file in files]
    if as_json:
        _say(json.dumps([one.to_json() for one in checked], indent=2, ensure_ascii=False))
    else:
        _say("\n".join(line for one in checked for line in one.lines()))
    sys.exit(max(one.status for one in checked))


@main.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--log-key",
    help="Verifier key of the issuer's transparency log, as you know it from elsewhere than the BUNDLE.",
)
def verify(bundle: Path, log_key: str | None) -> None:
    """Verify a certificate's offline bundle, without network.

    BUNDLE is the file that a holder downloads: the credential, its issuer's keys, its status and its place in the
    transparency log. The exit status is 0 where it is valid. Without --log-key it is shown which key the log has;
    compare it with what the issuer publishes.
    """
    try:
        content = json.loads(bundle.read_bytes())
    except (ValueError, RecursionError):
        content = None
    offline = _load("certification", "handlers.offline")
    found = offline.verify_bundle(content, SystemClock().now(), log_key)
    for check in found.checks:
        _say(f"{check.outcome:<10}{check.name:<8}{check.detail}")
    if log_key is None:
        for key in found.log_keys:
            _say(f"the log's key: {key}")
    _say(found.verdict.replace("_", " "))
    if found.verdict not in {"valid", "valid_with_remark"}:
        sys.exit(1)


@main.group(name="log")
def transparency_log() -> None:
    """Look after the transparency log of certificates."""


@transparency_log.command(name="checkpoint")
@click.pass_obj
def log_checkpoint(settings: Settings) -> None:
    """Print the latest signed checkpoint.

    Kept elsewhere, it shows any later change of what it covers.
    """
    with _database(settings, "certification") as database, database.read() as connection:
        latest = _load("certification", "store.log").latest(connection)
    if latest is None:
        raise click.ClickException("nothing stands in the log yet")
    click.echo(latest.note, nl=False)


@transparency_log.command(name="verify")
@click.argument("checkpoints", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def log_verify(settings: Settings, checkpoints: tuple[Path, ...]) -> None:
    """Compute the log again and compare it.

    With the register of certificates, and with CHECKPOINTS that were saved before. The exit status is 0 where nothing
    differs.
    """
    saved = {str(file): file.read_text(encoding="utf-8") for file in checkpoints}
    with _database(settings, "certification") as database, database.read() as connection:
        found = _load("certification", "handlers.log_audit").audit_log(connection, settings, saved)
    for finding in found.findings:
        _say(finding)
    _say(f"{found.size} entries, {found.waiting} waiting, root {found.root}, {len(found.findings)} findings")
    if found.findings:
        sys.exit(1)


main.add_command(keys)


def run() -> None:
    """Entry point: refusals become one line, not a traceback."""
    try:
        main(standalone_mode=True)
    except DBAPIError as error:
        if (reason := _reason(error)) is None:
            raise
        raise SystemExit(f"passerelle: {reason}") from error
    except (BackupError, DomainError, ExposedSecretError, LogUnavailableError, OSError, ValueError) as error:
        raise SystemExit(f"passerelle: {error}") from error
    except ArgumentError as error:
        raise SystemExit("passerelle: settings: a database's URL cannot be read") from error


def _reason(error: DBAPIError) -> str | None:
    """What an operator can do about a database that cannot be used; None where it is a defect of ours."""
    said = str(error.orig).partition("\n")[0]
    if "no such table" in said or getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
        return "a database is not migrated: passerelle migrate"
    return f"a database cannot be used: {said}" if is_transient(error) else None


if __name__ == "__main__":
    run()
