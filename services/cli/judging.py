"""Commands that check: decisions and certificates again, anybody's credentials, bundles, the transparency log."""

import json
import sys
from pathlib import Path

import click

from services.cli.common import load, open_database, say
from shared.annex1.files import check_file
from shared.clock import SystemClock
from shared.settings import Settings


@click.group()
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
    rerun = load("admission", "handlers.audit").audit_decisions
    with open_database(settings, "admission") as database, database.read() as connection:
        found = rerun(connection, seed=seed)
    for difference in found.differences:
        say(str(difference))
    say(f"{found.checked} decisions re-run, {len(found.differences)} differences")
    if found.differences:
        sys.exit(1)


@audit.command(name="certificates")
@click.pass_obj
def audit_certificates(settings: Settings) -> None:
    """Verify every signed certificate again.

    By other code than the one that issued it, about 100 a second. The exit status is 0 where all hold.
    """
    verify_all = load("certification", "handlers.certificate_audit").audit_certificates
    with open_database(settings, "certification") as database, database.read() as connection:
        found = verify_all(connection, SystemClock().now())
    for finding in found.findings:
        say(finding)
    say(f"{found.checked} signed forms verified again, {len(found.findings)} findings")
    if found.findings:
        sys.exit(1)


@click.command()
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
        say(json.dumps([one.to_json() for one in checked], indent=2, ensure_ascii=False))
    else:
        say("\n".join(line for one in checked for line in one.lines()))
    sys.exit(max(one.status for one in checked))


@click.command()
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
    offline = load("certification", "handlers.offline")
    found = offline.verify_bundle(content, SystemClock().now(), log_key)
    for check in found.checks:
        say(f"{check.outcome:<10}{check.name:<8}{check.detail}")
    if log_key is None:
        for key in found.log_keys:
            say(f"the log's key: {key}")
    say(found.verdict.replace("_", " "))
    if found.verdict not in {"valid", "valid_with_remark"}:
        sys.exit(1)


@click.group(name="log")
def transparency_log() -> None:
    """Look after the transparency log of certificates."""


@transparency_log.command(name="checkpoint")
@click.pass_obj
def log_checkpoint(settings: Settings) -> None:
    """Print the latest signed checkpoint.

    Kept elsewhere, it shows any later change of what it covers.
    """
    with open_database(settings, "certification") as database, database.read() as connection:
        latest = load("certification", "store.log").latest(connection)
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
    saved = {str(file): file.read_text(encoding="utf-8", errors="replace") for file in checkpoints}
    with open_database(settings, "certification") as database, database.read() as connection:
        found = load("certification", "handlers.log_audit").audit_log(connection, settings, saved)
    for finding in found.findings:
        say(finding)
    say(f"{found.size} entries, {found.waiting} waiting, root {found.root}, {len(found.findings)} findings")
    if found.findings:
        sys.exit(1)
