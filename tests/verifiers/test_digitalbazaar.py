"""@digitalbazaar/vc, of another author in another language, agrees: accepted, tampered refused, suspended seen."""

import copy
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.verifiers.judges import OFFERINGS, Document, Published

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "verify.mjs")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "passerelle" / "verifiers"


def installed() -> Path:
    """The folder with the verifier, installed once per lock file, outside the tree.

    A second process that installs at the same time loses the race for the name and uses the winner's.
    """
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = CACHE / digest
    if folder.exists():
        return folder
    draft = CACHE / f".{digest}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, draft)
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=draft,
        check=True,
        capture_output=True,
    )
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def verifier() -> Path:
    """The installed verifier; without Node.js, or a package registry to install from, the reason to skip."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("no Node.js: @digitalbazaar/vc cannot run")
    try:
        return installed()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot install @digitalbazaar/vc: {error.stderr.decode()[-200:]}")


def judge(verifier: Path, credential: Document, documents: dict[str, Document]) -> dict[str, Any]:
    ran = subprocess.run(
        ["node", "verify.mjs"],
        cwd=verifier,
        input=json.dumps({"credential": credential, "documents": documents}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    verdict: dict[str, Any] = json.loads(ran.stdout)
    return verdict


@pytest.mark.parametrize("published", OFFERINGS, indirect=True)
def test_it_accepts_what_is_published(verifier: Path, published: Published) -> None:
    verdict = judge(verifier, published.credential(), published.documents())
    assert verdict == {"verified": True, "status": [False], "errors": []}


@pytest.mark.parametrize("member", ["name", "validFrom"])
def test_it_refuses_a_tampered_copy(verifier: Path, published: Published, member: str) -> None:
    tampered = copy.deepcopy(published.credential())
    tampered[member] = {"name": "Brain surgery", "validFrom": "2020-01-01T00:00:00Z"}[member]
    verdict = judge(verifier, tampered, published.documents())
    assert not verdict["verified"]
    assert any("Invalid signature" in error for error in verdict["errors"]), verdict


def test_it_sees_that_a_copy_is_suspended(verifier: Path, published: Published) -> None:
    credential = published.credential()
    published.suspend()
    assert judge(verifier, credential, published.documents())["status"] == [True]


def test_it_refuses_a_forged_status_list(verifier: Path, published: Published) -> None:
    """A list that lost its bit after it was signed does not lift a suspension."""
    credential, before = published.credential(), published.documents()
    published.suspend()
    address = credential["credentialStatus"]["statusListCredential"]
    forged = {**published.documents()[address]}
    forged["credentialSubject"] = before[address]["credentialSubject"]
    verdict = judge(verifier, credential, {**before, address: forged})
    assert verdict["status"] != [False]
