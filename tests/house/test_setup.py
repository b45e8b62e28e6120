"""`make setup` in another folder: what it makes, that it knows when there is nothing to do, and what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "build", "__pycache__", ".*_cache", ".hypothesis", "node_modules", "*.egg-info"
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT, tmp_path / "clone", ignore=LEFT_OUT)


def make_setup(clone: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    outside = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return subprocess.run(
        ["make", "setup"],
        cwd=clone,
        env={**outside, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def only(clone: Path, *names: str) -> None:
    """Leave only these packages in the clone's lock: enough to see the installer at work."""
    lock = clone / "requirements.txt"
    blocks = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    kept = [block for block in blocks if block.partition("==")[0] in names]
    assert len(kept) == len(names)
    lock.write_text("\n".join(kept) + "\n", encoding="utf-8")


def fake_python(folder: Path, refuses: str, version: str) -> str:
    """An interpreter like ours that says `version` and fails where its program contains `refuses`."""
    file = folder / "python-of-another-machine"
    file.write_text(
        f'#!/bin/sh\ncase "$*" in\n  --version) echo {version} ;;\n  *"{refuses}"*) exit 1 ;;\n'
        f'  *) exec {sys.executable} "$@" ;;\nesac\n',
        encoding="utf-8",
    )
    file.chmod(0o755)
    return str(file)


def test_a_fresh_clone_gets_the_command_and_the_second_time_there_is_nothing_to_do(clone):
    done = make_setup(clone)
    assert done.returncode == 0, done.stderr
    command = clone / ".venv" / "bin" / "passerelle"
    helped = subprocess.run(
        [command, "--help"], cwd=clone.parent, capture_output=True, text=True, check=False
    )
    assert helped.returncode == 0, helped.stderr
    assert "worker" in helped.stdout
    where = subprocess.run(
        [clone / ".venv" / "bin" / "python", "-c", "import shared; print(shared.__file__)"],
        cwd=clone.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()) == clone / "shared" / "__init__.py"

    before = command.stat().st_mtime_ns
    again = make_setup(clone)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert command.stat().st_mtime_ns == before


def test_a_changed_lock_and_a_moved_folder_are_noticed(clone):
    only(clone, "setuptools", "iniconfig")
    assert make_setup(clone).returncode == 0
    only(clone, "setuptools")
    assert "Installing" in make_setup(clone).stderr
    moved = clone.rename(clone.with_name("moved"))
    done = make_setup(moved)
    assert done.returncode == 0, done.stderr
    assert str(moved) in (moved / ".venv" / "bin" / "passerelle").read_text(encoding="utf-8").splitlines()[0]


def test_pip_does_it_from_the_same_lock_where_uv_cannot_be_had(clone):
    only(clone, "setuptools", "iniconfig")
    uv = clone / "deploy" / "uv.txt"
    uv.write_text(
        re.sub(r"sha256:\w+", "sha256:" + "0" * 64, uv.read_text(encoding="utf-8")), encoding="utf-8"
    )
    done = make_setup(clone)
    assert done.returncode == 0, done.stderr
    assert "going on with pip" in done.stderr
    assert not (clone / ".venv" / "bin" / "uv").exists()
    assert list((clone / ".venv" / "lib").glob("python3.*/site-packages/iniconfig"))


def test_a_file_that_is_not_the_locked_one_is_refused(clone):
    only(clone, "setuptools", "iniconfig")
    lock = clone / "requirements.txt"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(re.sub(r"sha256:\w+", "sha256:" + "0" * 64, text), encoding="utf-8")
    assert make_setup(clone).returncode != 0
    assert not (clone / ".venv" / ".passerelle").exists()


def test_without_ensurepip_it_says_what_to_install(clone, tmp_path):
    done = make_setup(clone, PYTHON=fake_python(tmp_path, "import ensurepip", "Python 3.11.2"))
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv").exists()


def test_with_an_old_python_it_says_which_is_needed(clone, tmp_path):
    done = make_setup(clone, PYTHON=fake_python(tmp_path, "version_info < (3, 11)", "Python 3.10.12"))
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.10.12" in done.stderr


def test_every_target_is_explained_and_sets_up_first():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    helped = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in phony.split():
        assert re.search(rf"^make {target} +\S", helped, re.MULTILINE), target
        if target not in ("help", "setup"):
            assert re.search(rf"^{target}: setup\b", text, re.MULTILINE), target
