"""What the documents name exists: files, commands, settings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from services.cli import main
from shared import settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/adr", "services/*", "deploy/kafka-local", "tests/*")
    for path in ROOT.glob(f"{folder}/*.md")
)
LINK = re.compile(r"\]\(([^)#]+)")
COMMAND = re.compile(r"(?<![\w/.])passerelle ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def code_in(text: str) -> Iterator[str]:
    """What stands in a block or between backticks, on one line each."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL):
        yield from block.splitlines()
    yield from (
        each.replace("\n", " ")
        for each in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_and_their_options_exist(document: Path) -> None:
    assert wrong_commands(document.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("said", ["keys turn", "stats", "keys rotate --quickly", "backup --all"])
def test_negative_control_what_does_not_exist_is_found(said: str) -> None:
    assert wrong_commands(f"Say `passerelle {said}`.") == [f"passerelle {said}"]
    assert wrong_commands(f"```\npasserelle {said}\n```") == [f"passerelle {said}"]


def wrong_commands(text: str) -> list[str]:
    wrong = []
    for code in code_in(text):
        for match in COMMAND.finditer(code):
            command = found(match[1].split())
            options = OPTION.findall(code[match.end() :].partition("passerelle ")[0])
            if command is None or not set(options) <= {name for each in command.params for name in each.opts}:
                wrong.append(code)
    return wrong


def found(words: list[str]) -> click.Command | None:
    """The command of these words; after a group the next word is one of its own."""
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            return command
        command = command.commands.get(word)
    return command


def test_every_setting_is_documented_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """README: "docs/operations.md lists every setting"."""
    read: set[str] = set()

    class Recording(settings._Environment):
        def _get_value(self, env_key: str, default: Any) -> Any:
            read.add(env_key)
            return super()._get_value(env_key, default)

    monkeypatch.setattr(settings, "_Environment", Recording)
    settings.load_settings({})
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Seals")[0]
    names = {name for row in ROW.findall(table) for name in re.findall(r"`([^`]+)`", row)}
    documented = {
        name.replace("<SERVICE>", service.upper())
        for name in names
        for service in (settings.SERVICES if "<SERVICE>" in name else ("",))
    }
    assert documented == read
