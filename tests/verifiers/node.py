"""Programs of others in Node.js: installed once per lock file, outside the tree, and run with their input on stdin."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "passerelle" / "verifiers"
_PACKAGES: Final = ("package.json", "package-lock.json")


class NodeMissingError(Exception):
    """There is no Node.js, or no package registry to install from; the message says which."""


def installed(home: Path = HERE) -> Path:
    """The folder with the packages that `home` locks and with its scripts as they are now.

    A second process that installs at the same time loses the race for the name and uses the winner's.

    Raises:
        NodeMissingError: it cannot be installed.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        raise NodeMissingError("no Node.js")
    digest = hashlib.sha256(b"".join((home / name).read_bytes() for name in _PACKAGES)).hexdigest()[:16]
    folder = CACHE / digest
    if not folder.exists():
        _install(home, folder)
    for script in home.glob("*.mjs"):
        copy = folder / script.name
        if not copy.exists() or copy.read_bytes() != script.read_bytes():
            draft = folder / f".{script.name}.{os.getpid()}"
            shutil.copy(script, draft)
            draft.rename(copy)
    return folder


def _install(home: Path, folder: Path) -> None:
    draft = CACHE / f".{folder.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in _PACKAGES:
        shutil.copy(home / name, draft)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=draft, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NodeMissingError(f"npm cannot install the verifiers: {done.stderr[-200:]}")
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)


def run(folder: Path, script: str, given: Any) -> Any:
    """What `script` answers to `given`, both JSON."""
    ran = subprocess.run(
        ["node", script], cwd=folder, input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout)
