"""`passerelle check`: what the table and the JSON say, and the exit status a script can rely on."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.certification.formats.badge_image import baked_png, baked_svg
from services.cli import main
from shared.annex1 import ELEMENT_NAMES
from tests.unit.annex1.credentials import RENDERED, deleted, rendered, sd_jwt
from tests.unit.certification.samples import snapshot


@pytest.fixture
def check(tmp_path: Path) -> Any:
    def run(*arguments: str, **files: str | bytes) -> Result:
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(str(path))
        return CliRunner().invoke(main, ["check", *arguments, *paths], env={"PASSERELLE_HOME": str(tmp_path)})

    return run


@pytest.mark.parametrize("format_name", RENDERED)
def test_a_complete_credential_ends_with_status_zero(check: Any, format_name: str) -> None:
    done = check("--awarding-body", "helsinki.fi", credential=json.dumps(rendered(format_name)))
    assert done.exit_code == 0
    for number, name in ELEMENT_NAMES.items():
        assert any(line.split()[:1] == [str(number)] and name in line for line in done.output.splitlines())
    assert "missing" not in done.output


@pytest.mark.parametrize("bake", [baked_png, baked_svg])
def test_a_picture_is_checked_by_the_credential_that_is_baked_into_it(check: Any, bake: Any) -> None:
    assert check(picture=bake(snapshot(), json.dumps(rendered("open_badges_3")))).exit_code == 0
    done = check(picture=bake(snapshot(), json.dumps(deleted("open_badges_3", 9))))
    assert done.exit_code == 1
    assert "no type of assessment is stated" in done.output


def test_a_missing_element_ends_with_status_one_and_is_named(check: Any) -> None:
    done = check(credential=json.dumps(deleted("open_badges_3", 9)))
    assert done.exit_code == 1
    assert "no type of assessment is stated" in done.output
    assert "1 of its mandatory elements missing or malformed" in done.output


def test_a_body_of_the_agreement_that_is_not_named_counts(check: Any) -> None:
    done = check(
        "--awarding-body", "helsinki.fi", "--awarding-body", "KU Leuven", wallet=sd_jwt(rendered("sd_jwt_vc"))
    )
    assert done.exit_code == 1
    assert "KU Leuven awards by the agreement but is not named" in done.output


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", b"not a credential", b"{}", b""])
def test_what_cannot_be_read_ends_with_status_two(check: Any, content: bytes) -> None:
    done = check(picture=content, credential=json.dumps(rendered("sd_jwt_vc")))
    assert done.exit_code == 2
    assert "picture: unreadable: " in done.output
    assert "credential: SD-JWT VC learning credential, micro credential: complete" in done.output


def test_a_file_that_is_not_there_is_unreadable(check: Any, tmp_path: Path) -> None:
    done = check(str(tmp_path / "nowhere"))
    assert done.exit_code == 2
    assert "No such file" in done.output


def test_machines_get_one_report_for_each_file(check: Any) -> None:
    done = check("--json", good=json.dumps(rendered("elm_3")), bad=json.dumps(deleted("elm_3", 5)), ugly="?")
    told = json.loads(done.output)
    assert done.exit_code == 2
    assert [one["file"].rpartition("/")[2] for one in told] == ["good", "bad", "ugly"]
    assert [one.get("complete") for one in told] == [True, False, None]
    assert told[1]["missing"][0]["name"] == "date of issuing"
    assert "unreadable" in told[2]


def test_control_characters_of_a_credential_do_not_reach_the_terminal(check: Any) -> None:
    document = rendered("sd_jwt_vc") | {"issuing_authority": "\u001b[2JNobody"}
    done = check("--awarding-body", "helsinki.fi", credential=json.dumps(document))
    assert done.exit_code == 1
    assert "\u001b" not in done.output
