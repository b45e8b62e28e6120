"""The demonstration is a test of the whole: real processes, the public REST API only, and facts at every step.

Whatever is killed in the middle, the last page says the same: a worker by SIGKILL, the broker by SIGKILL. On a shared
machine the seconds a certificate takes are judged generously; what happens is judged to the letter.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.cast import cast
from deploy.demo.distributed import DistributedSystem
from deploy.demo.expect import Teller
from deploy.demo.play import play
from deploy.demo.story import ACCEPTING, ASSESSING, LAST_WORD, REGISTERING
from deploy.demo.system import ROOT, EmbeddedSystem

_PATIENT = "120"


def _outcome(home: Path) -> list[dict]:
    return json.loads((home / "outcome.json").read_text(encoding="utf-8"))


def _run_demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--home", home, "--within", _PATIENT, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> list[dict]:
    """What becomes of the small cast when nobody disturbs anything, on the embedded profile."""
    home = tmp_path_factory.mktemp("undisturbed")
    told: list[str] = []
    status = play(EmbeddedSystem(home / "system"), cast(small=True), home, Teller(told.append), within=None)
    assert status == 0, "\n".join(told)
    return _outcome(home)


def test_the_demonstration_is_as_expected_embedded(tmp_path):
    done = _run_demo(tmp_path / "home")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = _outcome(tmp_path / "home")
    assert len(rows) >= 30
    assert sum(row["certificate"] == "issued" and row["verified"] for row in rows) >= 20
    saved = {
        path.suffix
        for folder in ("certificates", "verification")
        for path in (tmp_path / "home" / folder).iterdir()
    }
    assert saved == {".json", ".jwt", ".pdf", ".png", ".html"}


@pytest.mark.usefixtures("postgres_server", "kafka_bootstrap")
def test_the_demonstration_is_as_expected_on_postgresql_and_kafka(tmp_path):
    done = _run_demo(tmp_path / "home", "--profile", "distributed")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(_outcome(tmp_path / "home")) >= 30


@pytest.fixture
def system(own_postgres, own_kafka, tmp_path) -> DistributedSystem:
    return DistributedSystem(tmp_path / "system", own_postgres, own_kafka)


def _kill(system: DistributedSystem, what: str) -> None:
    """SIGKILL, and a new start as a supervisor would make it."""
    if what == "broker":
        system.kafka.kill()
        system.kafka.start()
    else:
        system.kill_worker(what)
        system.start_worker(what)


@pytest.mark.parametrize(
    "killed",
    [
        pytest.param(
            {
                ACCEPTING: "admission",
                REGISTERING: "enrolment",
                ASSESSING: "assessment",
                LAST_WORD: "certification",
            },
            id="each worker in turn",
        ),
        pytest.param({ASSESSING: "broker"}, id="the broker"),
    ],
)
def test_what_is_killed_in_the_middle_changes_nothing_in_the_outcome(killed, system, undisturbed, tmp_path):
    to_come = dict(killed)

    def disturb(moment: str) -> None:
        if what := to_come.pop(moment, None):
            _kill(system, what)

    told: list[str] = []
    status = play(system, cast(small=True), tmp_path, Teller(told.append), within=None, moment=disturb)
    assert status == 0, "\n".join(told)
    assert not to_come
    assert _outcome(tmp_path) == undisturbed
