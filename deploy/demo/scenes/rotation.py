"""A signing key is replaced by two people; what the old one signed verifies without network, as it did before."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from deploy.demo.awards import CREDENTIAL, certificate_of, verified
from deploy.demo.client import Client, refused_with
from deploy.demo.expect import until
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.demo.system import ROOT

_OFFLINE: Final = """
import contextlib, io, json, socket, sys
def refuse(*_): raise OSError("there is no network here")
socket.socket.connect = socket.getaddrinfo = refuse
from services.cli import main
found = []
for bundle in sys.argv[2:]:
    said, status = io.StringIO(), 0
    with contextlib.redirect_stdout(said):
        try:
            main(["verify", bundle, "--log-key", sys.argv[1]], standalone_mode=False)
        except SystemExit as ended:
            status = ended.code
    found.append([status, said.getvalue().splitlines()[-1]])
print(json.dumps(found))
"""
"""`passerelle verify` for each bundle, in a process that cannot connect to anything."""


def play(story: Story) -> None:
    """Section 3: made, proposed by one administrator, activated by another; retired keys keep verifying."""
    journey = next(each for each in story.journeys if each.part.ending.certificate)
    story.scene("A key is rotated, and an old certificate verified without network")
    credential = json.loads(journey.client.raw(_path(journey), CREDENTIAL))
    institution = credential["issuer"]["id"].rpartition(":")[2]
    log_key = story.door.anybody().get("/certification/v1/log/checkpoint")["keys"][0]
    signed_with = credential["proof"][0]["verificationMethod"].partition("#")[2]
    before = _bundle(story, journey, "before", signed_with)
    old, new = _rotate(story, institution)
    story.expect_equal(
        signed_with, old, f"the certificate of {journey.person.name} was signed with the old one"
    )
    after = _bundle(story, journey, "after", new)
    told = {key["key"]: key["state"] for key in json.loads(after.read_bytes())["issuer"]["keys"]}
    story.expect_equal((told.get(old), told.get(new)), ("retired", "active"), "its bundle says so by now")
    forged = story.file("bundles", "forged.json")
    forged.write_bytes(after.read_bytes().replace(journey.person.family_name.encode(), b"Somebody Else"))
    found = _verified_offline(story.folder, log_key, [before, after, forged])
    story.expect_equal(
        found,
        [[0, "valid"], [0, "valid"], [1, "not valid"]],
        "without network `passerelle verify` accepts its bundles of before and after, and refuses a changed one",
    )
    verdict = verified(story.door, credential)["verdict"]
    story.expect_equal(verdict, "valid", "with network the certificate is as valid as before")


def _path(journey: Journey) -> str:
    return f"/certification/v1/certificates/{certificate_of(journey)['id']}"


def _bundle(story: Story, journey: Journey, when: str, key: str) -> Path:
    """The learner's bundle, as soon as the status list is signed with `key` and the log says whose that is."""
    path = f"{_path(journey)}/bundle"

    def complete(content: bytes) -> bool:
        bundle = json.loads(content)
        (proof,) = json.loads(bundle["status_list"])["proof"]
        activated = {each["subject"] for each in bundle["log"]["entries"] if each["kind"] == "key_activated"}
        return key in activated and bool(proof["verificationMethod"].endswith(f"#{key}"))

    file = story.file("bundles", f"{journey.person.key}-{when}.json")
    file.write_bytes(until(lambda: journey.client.raw(path, "application/json"), complete, file.stem))
    return file


def _rotate(story: Story, institution: str) -> tuple[str, str]:
    """The key before and the one after; one person alone changes nothing."""
    first = story.administrator
    second = story.door.caller("administrator", subject="administrator-2")
    path = f"/certification/v1/issuers/{institution}/keys"
    old = _key(first, path, "active")
    first.post(path, {"algorithm": "EdDSA"})
    new = until(lambda: _key(first, path, "pending"), bool, f"{institution} has a pending key")
    activation = f"/certification/v1/keys/{new}/activation"
    first.post(activation)
    alone = refused_with(lambda: first.post(activation))
    story.expect(
        alone == HTTPStatus.CONFLICT and _key(first, path, "active") == old,
        f"one administrator has a new key made for {institution} and proposes it; alone that changes nothing",
    )
    second.post(activation)
    story.expect_equal(_key(first, path, "active"), new, "the second one puts it in the place of the old one")
    return old, new


def _key(administrator: Client, path: str, state: str) -> str:
    keys: Any = administrator.get(path)["items"]
    return next((key["key"] for key in keys if (key["algorithm"], key["state"]) == ("EdDSA", state)), "")


def _verified_offline(home: Path, log_key: str, bundles: Sequence[Path]) -> Any:
    """Of each bundle the exit status and the last line of the command."""
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE, log_key, *map(str, bundles)],
        cwd=ROOT,
        env={**os.environ, "PASSERELLE_HOME": str(home / "nothing-is-here")},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr[-300:]
