"""The import rules of the house hold, and each of them would notice its violation.

A skeleton with the rooms of the real services is linted with the real rules; then one forbidden import is planted.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("admission", "enrolment", "assessment", "certification")
ROOMS = ("app", "worker", "api", "pages", "handlers", "keys", "store", "formats", "domain")
SHARED = ("annex1", "clock", "db", "domain", "messaging", "rest", "settings", "web")


def contracts() -> dict[str, str]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {rule["id"]: rule["name"] for rule in configuration["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("skeleton")
    modules = [
        "services.__init__",
        "services.cli.__init__",
        "services.embedded",
        "shared.__init__",
    ]
    modules += [f"services.{service}.{room}" for service in SERVICES for room in ("__init__", *ROOMS)]
    modules += [f"shared.{room}" for room in SHARED]
    for module in modules:
        file = folder / Path(*module.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_skeleton_itself_keeps_every_rule(skeleton):
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in contracts().values():
        assert f"{name} KEPT" in done.stdout


PLANTED = [
    ("independence", "services/admission/handlers.py", "import services.enrolment"),
    ("independence", "services/certification/app.py", "from services.assessment.domain import plan"),
    ("shared", "shared/messaging.py", "def late():\n    import services.admission"),
    ("composition", "services/cli/__init__.py", "import services.certification.app"),
    ("composition", "services/embedded.py", "def start():\n    from services.assessment import worker"),
    ("composed", "services/enrolment/worker.py", "from services import embedded"),
    ("layers", "services/enrolment/domain.py", "from services.enrolment import store"),
    ("layers", "services/admission/store.py", "from services.admission import handlers"),
    ("layers", "services/assessment/handlers.py", "from services.assessment.api import schemas"),
    ("layers", "services/certification/api.py", "from services.certification import pages"),
    ("layers", "services/certification/keys.py", "from services.certification import handlers"),
    ("layers", "services/certification/store.py", "from services.certification import formats"),
    ("layers", "services/certification/api.py", "from services.certification import app"),
    ("layers", "services/certification/app.py", "from services.certification import worker"),
    ("layers", "services/admission/utilities.py", ""),
    ("purity", "services/admission/domain.py", "import sqlalchemy"),
    ("purity", "services/assessment/domain.py", "from shared import messaging"),
    ("purity", "services/certification/domain.py", "import shared.web"),
    ("purity", "services/enrolment/domain.py", "from shared.db import Database"),
    ("purity", "services/enrolment/domain.py", "from shared.clock import SystemClock"),
    ("purity", "shared/annex1.py", "import flask"),
    ("purity", "shared/domain.py", "import marshmallow"),
]


@pytest.mark.parametrize(("rule", "file", "line"), PLANTED)
def test_a_planted_violation_breaks_its_rule(skeleton, tmp_path, rule, file, line):
    folder = shutil.copytree(skeleton, tmp_path / "house")
    (folder / file).write_text(line + "\n", encoding="utf-8")
    done = lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contracts()[rule]} BROKEN" in done.stdout


def test_every_rule_has_a_planted_violation():
    assert {rule for rule, _, _ in PLANTED} == set(contracts())
