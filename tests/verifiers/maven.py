"""Judges written in Java: their jars are fetched once by Maven and kept in a cache outside the tree."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "passerelle"


def jars(pom: Path) -> Path:
    """The folder with what `pom` depends on; the reason to skip where that cannot be fetched."""
    name = pom.parent.name
    folder = CACHE / f"{name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:16]}"
    maven = shutil.which("mvn")
    if folder.is_dir():
        return folder
    if not maven:
        pytest.skip(f"no Maven: {name} cannot be fetched")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(maven, pom, folder)
    return folder


def _fetch(maven: str, pom: Path, folder: Path) -> None:
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    command = [maven, "-B", "-q", "-f", str(pom), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={draft}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"Maven cannot fetch {pom.parent.name}: {done.stdout[-200:]}")
    draft.rename(folder)
