"""Commands that start what runs, and what has to be there before."""

import signal
import threading
from datetime import timedelta
from typing import Final

import click

from services.cli.common import load, open_database, present, say, service_argument
from shared.messaging.envelope import topic_of
from shared.messaging.log import open_event_log
from shared.messaging.log.base import LogUnavailableError
from shared.migrations import migrate
from shared.server import serve
from shared.settings import SERVICES, Settings
from shared.web.callers import Role
from shared.web.development import DevelopmentIssuerRefusedError, create_development_issuer, mint_token
from shared.web.health import serve_worker_health

_PARTITIONS: Final = 6


def _create_topics(settings: Settings) -> None:
    log = open_event_log(settings)
    try:
        log.create_topics([topic_of(name) for name in SERVICES], _PARTITIONS)
    finally:
        log.close()


def _migrate(settings: Settings, names: list[str]) -> None:
    for name in names:
        with open_database(settings, name, create=True) as database:
            migrate(name, database)


@click.command()
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


@click.command()
@service_argument
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
    app = load(service, "app")
    if processes > 1 and settings.database_url(service).startswith("sqlite"):
        raise click.ClickException("SQLite is written by one process only: leave --processes out")
    serve(settings, lambda: app.create_app(settings), processes=processes)


@click.command()
@service_argument
@click.pass_obj
def worker(settings: Settings, service: str) -> None:
    """Run the event side of one service.

    It publishes the service's events, handles those of the others, and runs what is due at a time.
    """
    running = load(service, "worker").create_worker(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running.start()
    health = serve_worker_health(settings.worker_port, running) if settings.worker_port else None
    stop.wait()
    running.stop()
    if health is not None:
        health.close()


@click.command()
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


@click.command(name="migrate")
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.pass_obj
def migrate_command(settings: Settings, services: tuple[str, ...]) -> None:
    """Create databases, or bring them to this version.

    Of the named services, or of all that this installation holds. Safe to repeat.
    """
    names = list(services) or present()
    _migrate(settings, names)
    say(f"migrated: {', '.join(names)}")


@click.command()
@click.pass_obj
def topics(settings: Settings) -> None:
    """Create missing topics in the event log.

    Once before the first start of the distributed profile. Safe to repeat.
    """
    try:
        _create_topics(settings)
    except LogUnavailableError as error:
        raise click.ClickException(f"the event log cannot be reached: {error}") from error
    say("topics are there")


@click.command()
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
    say(minted)
