"""The help of `passerelle` as somebody reads it who has never seen the system."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from services.cli import main


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in sorted(group.commands.items()):
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(main))


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> CliRunner:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path_factory.mktemp("home")))
    return CliRunner()


def shown(runner: CliRunner, *arguments: str) -> str:
    done = runner.invoke(main, [*arguments, "--help"])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "path", [(), *(path for path, each in COMMANDS.items() if isinstance(each, click.Group))]
)
def test_a_list_of_commands_cuts_no_sentence_off(runner: CliRunner, path: tuple[str, ...]) -> None:
    """On a terminal of eighty columns."""
    listed = shown(runner, *path).partition("Commands:\n")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_every_option_explains_itself(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help[0].isupper(), parameter.help
            assert parameter.help.endswith("."), parameter.help


def test_the_first_page_says_how_to_begin(runner: CliRunner) -> None:
    page = shown(runner)
    for word in ("passerelle up", "passerelle token --role", "passerelle check", "docs/operations.md"):
        assert word in page


def test_one_file_is_not_served_by_two_processes(runner: CliRunner) -> None:
    refused = runner.invoke(main, ["web", "admission", "--processes", "2"])
    assert refused.exit_code == 1
    assert "SQLite" in refused.output


@pytest.mark.parametrize("option", [["--hours", "0"], ["--role", "emperor"]])
def test_a_token_nobody_could_use_is_refused(runner: CliRunner, option: list[str]) -> None:
    assert runner.invoke(main, ["token", "--role", "learner", *option]).exit_code == 2
