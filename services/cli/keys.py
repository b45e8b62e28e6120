"""`passerelle keys`: the life of signing keys for operators, by the same commands and for the same people as over REST.

Whoever changes something shows an administrator's access token, so that two people are two people on every way in.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import click

from services.cli.common import load, open_database
from shared.domain import Actor
from shared.messaging.unit_of_work import Transactions, UnitOfWork
from shared.settings import Settings
from shared.web.callers import INSTITUTION, Role
from shared.web.tokens import verifier_for

_SERVICE: Final = "certification"
_LOOK_EVERY: Final = 0.2

_institution = click.argument("institution")
# An option, because names of keys may begin with a hyphen, as an option does.
_key = click.option("--key", required=True, help="The key's name, as passerelle keys list shows it.")
_algorithm = click.option(
    "--algorithm",
    type=click.Choice(("EdDSA", "ES256", "RS256")),
    default="EdDSA",
    show_default=True,
    help="What the key signs with.",
)
_token = click.option(
    "--token",
    envvar="PASSERELLE_TOKEN",
    required=True,
    help="An administrator's access token; better in the environment as PASSERELLE_TOKEN.",
)
_reason = click.option("--reason", required=True, help="Why; it stays in the key's history.")


def _administrator(settings: Settings, token: str) -> Actor:
    caller = verifier_for(settings).caller(f"Bearer {token}")
    if Role.ADMINISTRATOR not in caller.roles:
        raise click.ClickException("the token is not an administrator's")
    return replace(caller, role=Role.ADMINISTRATOR).actor


def _change(settings: Settings, token: str, step: Callable[[UnitOfWork], Any]) -> Any:
    actor = _administrator(settings, token)
    with open_database(settings, _SERVICE) as database:
        return Transactions(_SERVICE, database).run(step, actor=actor)


def _history(settings: Settings, institution: str) -> list[Any]:
    store = load(_SERVICE, "store.issuer_keys")
    with open_database(settings, _SERVICE) as database, database.read() as connection:
        found: list[Any] = (
            store.history(connection, institution) if institution else store.everyone(connection)
        )
    return found


def _say(key: Any) -> None:
    dates = {"made": key.created_at, "active": key.activated_at, "retired": key.retired_at}
    told = ", ".join(f"{what} {moment:%Y-%m-%d %H:%M}" for what, moment in dates.items() if moment)
    since = f", compromised since {key.compromised_from:%Y-%m-%d %H:%M} UTC" if key.compromised_from else ""
    who = f", proposed by {key.proposed_by}" if key.state == "pending" and key.proposed_by else ""
    click.echo(f"{key.institution:<24}{key.algorithm:<7}{key.state:<12}{key.multikey}  {told}{since}{who}")


@click.group(name="keys")
def keys() -> None:
    """Look after the signing keys of awarding bodies.

    docs/operations.md tells their life.
    """


@keys.command(name="list")
@click.argument("institution", required=False, default="")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
@click.pass_obj
def list_keys(settings: Settings, institution: str, *, as_json: bool) -> None:
    """Show the keys of an institution.

    Those of INSTITUTION, or of everybody, oldest first.
    """
    found = _history(settings, institution)
    if as_json:
        schema = load(_SERVICE, "api.keys").KeySchema(many=True)
        click.echo(json.dumps(schema.dump(found), indent=2))
        return
    for key in found:
        _say(key)
    if not found:
        click.echo("no keys yet: an institution's first one is made when it first signs")


@keys.command()
@_institution
@_algorithm
@click.option("--bits", type=click.Choice(("2048", "3072")), help="Length of an RSA key; 3072 unless told.")
@_token
@click.pass_obj
def generate(settings: Settings, institution: str, algorithm: str, bits: str | None, token: str) -> None:
    """Have the worker make a pending key.

    For INSTITUTION, a code such as helsinki.fi. Nothing signs with it until it is activated.
    """
    _request(settings, institution, algorithm, bits, token)
    click.echo("asked for; the worker makes it now")


def _request(settings: Settings, institution: str, algorithm: str, bits: str | None, token: str) -> None:
    if INSTITUTION.fullmatch(institution) is None or "." not in institution:
        raise click.ClickException("this is no institution; give a code such as helsinki.fi")
    if bits and algorithm != "RS256":
        raise click.ClickException("only RSA keys have a length")
    request, length = load(_SERVICE, "handlers.issuer_keys").request, int(bits) if bits else None
    _change(settings, token, lambda uow: request(uow, institution, algorithm, length))


@keys.command()
@_key
@_token
@click.pass_obj
def activate(settings: Settings, key: str, token: str) -> None:
    """Put a pending key in the place of the active one.

    Two administrators say the same of KEY, one after the other: the first proposes, the second activates.
    """
    _activate(settings, key, token)


def _activate(settings: Settings, key: str, token: str) -> None:
    command = load(_SERVICE, "handlers.issuer_keys").activate
    found = _change(settings, token, lambda uow: command(uow, key))
    _say(found)
    if found.state == "pending":
        click.echo("proposed; a second administrator has to say the same")


@keys.command()
@_institution
@_algorithm
@click.option(
    "--patience",
    type=click.FloatRange(0, 600),
    default=30.0,
    show_default=True,
    help="Seconds to wait for the worker's new key.",
)
@_token
@click.pass_obj
def rotate(settings: Settings, institution: str, algorithm: str, patience: float, token: str) -> None:
    """Make a new key and put it in the active one's place.

    Two administrators say the same, one after the other.

    The first has a key made, where none waits, and proposes it; the second activates it.
    """
    waiting = _pending(settings, institution, algorithm)
    if waiting is None:
        _request(settings, institution, algorithm, None, token)
        waiting = _made(settings, institution, algorithm, patience)
    _activate(settings, waiting, token)


def _made(settings: Settings, institution: str, algorithm: str, patience: float) -> str:
    """The pending key, as soon as it is there: another process makes it, of which only the database tells."""
    until = time.monotonic() + patience
    while (made := _pending(settings, institution, algorithm)) is None:
        if time.monotonic() >= until:
            raise click.ClickException("no key was made in time: does the worker of certification run?")
        time.sleep(_LOOK_EVERY)
    return made


def _pending(settings: Settings, institution: str, algorithm: str) -> str | None:
    for key in _history(settings, institution):
        if (key.state, key.algorithm) == ("pending", algorithm):
            return str(key.multikey)
    return None


@keys.command()
@_key
@_reason
@_token
@click.pass_obj
def retire(settings: Settings, key: str, reason: str, token: str) -> None:
    """Retire a key.

    The pending KEY, or an active one for RS256.
    """
    command = load(_SERVICE, "handlers.issuer_keys").discard
    _say(_change(settings, token, lambda uow: command(uow, key, reason)))


@keys.command()
@_key
@click.option(
    "--since", help="When others may first have had it, such as 2026-11-03T22:00:00Z; now unless told."
)
@_reason
@_token
@click.pass_obj
def compromised(settings: Settings, key: str, since: str | None, reason: str, token: str) -> None:
    """Mark a key as compromised, at once.

    Nothing that KEY signs from then on is valid.
    """
    moment = _moment(since) if since else None
    command = load(_SERVICE, "handlers.issuer_keys").compromise
    _say(_change(settings, token, lambda uow: command(uow, key, moment or uow.now, reason)))
    click.echo("now: passerelle keys rotate, then replace the certificates that it signed")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.ClickException("--since is a moment such as 2026-11-03T22:00:00Z") from error
    if moment.tzinfo is None:
        raise click.ClickException("--since needs its offset; Z is UTC")
    return moment
