"""`passerelle keys`: the same rules for the same people as over REST (issue 4, section 3)."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.certification.store.tables import issuer_keys
from services.cli.keys import keys
from shared.domain import NotFoundError
from tests.integration.certification.test_keys import issue, method, verdict
from tests.integration.certification.workshop import Workshop


def command(workshop: Workshop, *arguments: str, subject: str = "ada", role: str = "administrator") -> Result:
    token = workshop.token(role, None, subject)
    variables = {"PASSERELLE_TOKEN": token}
    return CliRunner().invoke(keys, arguments, obj=workshop.settings, env=variables)


def listed(workshop: Workshop, algorithm: str = "EdDSA") -> list[dict[str, Any]]:
    done = command(workshop, "list", "helsinki.fi", "--json")
    assert done.exit_code == 0, done.output
    return [key for key in json.loads(done.output) if key["algorithm"] == algorithm]


@pytest.fixture
def old(workshop: Workshop) -> dict[str, Any]:
    """A credential signed with the first key, whose clock is that of this machine, as the command's is."""
    workshop.clock.moment = workshop.clock.moment.replace(year=2025)
    return issue(workshop)


def test_two_people_rotate_a_key_and_one_does_not(workshop: Workshop, old: dict[str, Any]) -> None:
    hasty = command(workshop, "rotate", "helsinki.fi", "--patience", "0")
    assert (hasty.exit_code, "worker" in hasty.output) == (1, True)
    prepare(workshop)
    proposed = command(workshop, "rotate", "helsinki.fi")
    assert (proposed.exit_code, "second administrator" in proposed.output) == (0, True)
    again = command(workshop, "rotate", "helsinki.fi")
    assert (again.exit_code, "second administrator" in str(again.exception)) == (1, True)
    assert [key["state"] for key in listed(workshop)] == ["active", "pending"]
    done = command(workshop, "rotate", "helsinki.fi", subject="bea")
    assert (done.exit_code, "active" in done.output) == (0, True)
    before, after = listed(workshop)
    assert (before["state"], after["proposed_by"], after["activated_by"]) == ("retired", "ada", "bea")
    assert method(old) == before["key"]
    assert verdict(workshop, old) == "valid"


def prepare(workshop: Workshop) -> None:
    """Let the worker do what the command asked for by the clock of this machine."""
    workshop.clock.moment = workshop.clock.moment.replace(year=2100)
    workshop.work()
    workshop.clock.moment = workshop.clock.moment.replace(year=2025)


def test_a_compromised_key_is_marked_at_once(workshop: Workshop, old: dict[str, Any]) -> None:
    key = method(old)
    for since in ("yesterday", "2025-11-03T22:00:00"):
        assert (
            command(workshop, "compromised", "--key", key, "--since", since, "--reason", "x").exit_code == 1
        )
    done = command(
        workshop, "compromised", "--key", key, "--since", "2025-11-03T22:30:00Z", "--reason", "stolen"
    )
    assert done.exit_code == 0, done.output
    assert "rotate" in done.output
    assert [key["state"] for key in listed(workshop)] == ["compromised"]
    assert verdict(workshop, old) == "not_valid"


def test_a_key_is_made_activated_and_retired_by_name(workshop: Workshop, old: dict[str, Any]) -> None:
    assert (
        command(workshop, "generate", "helsinki.fi", "--algorithm", "RS256", "--bits", "2048").exit_code == 0
    )
    prepare(workshop)
    (key,) = [each["key"] for each in listed(workshop, "RS256")]
    for subject in ("ada", "bea"):
        assert command(workshop, "activate", "--key", key, subject=subject).exit_code == 0
    assert command(workshop, "retire", "--key", key, "--reason", "back to ES256").exit_code == 0
    assert [each["state"] for each in listed(workshop, "RS256")] == ["retired"]


def test_only_administrators_change_keys(workshop: Workshop, old: dict[str, Any]) -> None:
    before = [row._mapping for row in workshop.rows(issuer_keys)]
    for arguments in (("rotate", "helsinki.fi"), ("compromised", "--key", method(old), "--reason", "x")):
        done = command(workshop, *arguments, role="learner")
        assert done.exit_code == 1
        assert "administrator" in done.output
    forged = CliRunner().invoke(
        keys, ["rotate", "helsinki.fi", "--token", "x"], obj=workshop.settings, env={}
    )
    assert "token is not valid" in str(forged.exception)
    assert CliRunner().invoke(keys, ["rotate", "helsinki.fi"], obj=workshop.settings, env={}).exit_code == 2
    assert [row._mapping for row in workshop.rows(issuer_keys)] == before


@pytest.mark.parametrize(
    "arguments", [("helsinki",), ("helsinki.fi", "--bits", "2048"), ("Helsinki.FI",), ("x" * 200 + ".fi",)]
)
def test_what_cannot_be_made_is_said(workshop: Workshop, arguments: tuple[str, ...]) -> None:
    done = command(workshop, "generate", *arguments)
    assert (done.exit_code, done.output.startswith("Error: ")) == (1, True)


def test_the_list_reads_well(workshop: Workshop, old: dict[str, Any]) -> None:
    shown = command(workshop, "list").output
    assert method(old) in shown
    assert "active" in shown
    assert "no keys yet" in command(workshop, "list", "nobody.example").output


def test_the_name_of_a_key_may_begin_with_a_hyphen(workshop: Workshop) -> None:
    done = command(workshop, "retire", "--key", "-hG90xy", "--reason", "x")
    assert isinstance(done.exception, NotFoundError), done.output
