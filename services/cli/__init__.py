"""The command `passerelle`: starts, operates and inspects the services; loads one only when it is asked for."""

from typing import Final

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from services.cli import judging, keys, operating, running
from services.cli.common import reason_of
from shared import __version__
from shared.backup import BackupError
from shared.domain import DomainError
from shared.logging import configure_logging
from shared.messaging.log.base import LogUnavailableError
from shared.migrations import NewerDatabaseError
from shared.server import MENDABLE
from shared.settings import load_settings

_MENDABLE: Final = (*MENDABLE, BackupError, DomainError, LogUnavailableError, NewerDatabaseError)


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


for _command in (
    running.up,
    running.web,
    running.worker,
    running.issuer,
    running.migrate_command,
    running.topics,
    running.token,
    operating.status,
    operating.parked,
    operating.backup_command,
    operating.restore_command,
    judging.audit,
    judging.check,
    judging.verify,
    judging.transparency_log,
    keys.keys,
):
    main.add_command(_command)


def run() -> None:
    """Entry point: refusals become one line, not a traceback."""
    try:
        main(standalone_mode=True)
    except DBAPIError as error:
        if (reason := reason_of(error)) is None:
            raise
        raise SystemExit(f"passerelle: {reason}") from error
    except _MENDABLE as error:
        raise SystemExit(f"passerelle: {error}") from error
    except ArgumentError as error:
        raise SystemExit("passerelle: settings: a database's URL cannot be read") from error
