"""The static page's script, run by Node.js without a document: the same bundles, the same answers."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.certification import pages
from tests.integration.certification.test_bundles import Bundle, bundle, made
from tests.integration.certification.workshop import Workshop

__all__ = ["bundle"]

PAGE = Path(pages.__file__).parent / "offline.html"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not here")


def by_the_page(bundle: Bundle, key: str, folder: Path) -> dict[str, Any]:
    """What the page's own function says of a bundle; the member `error` where it refuses."""
    asked = f"verifyBundle({json.dumps(bundle)}, {json.dumps(key)})"
    said: dict[str, Any] = run(f"{asked}.catch((e) => ({{ error: e.message }}))", folder)
    return said


def told(text: str, key: str, folder: Path, *, before: str = "") -> list[Any]:
    """What a reader of the page reads: the sentence, and the lines below it."""
    said: list[Any] = run(f"verdictOn({json.dumps(text)}, {json.dumps(key)})", folder, before=before)
    return said


def run(asked: str, folder: Path, *, before: str = "") -> Any:
    found = re.search(r"<script>(.*)</script>", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    script = folder / "page.cjs"
    script.write_text(f"{found[1]}{before}{asked}.then((v) => console.log(JSON.stringify(v)));", "utf-8")
    done = subprocess.run([str(NODE), str(script)], capture_output=True, check=True, timeout=300)
    return json.loads(done.stdout)


def test_the_page_confirms_what_was_issued(workshop: Workshop, bundle: Bundle, tmp_path: Path) -> None:
    found = by_the_page(bundle, bundle["log"]["keys"][0], tmp_path)
    assert (found.get("error"), found.get("stands"), found.get("issuer")) == (None, True, "helsinki.fi")
    workshop.deliver(workshop.learner().completion("overturned"))
    workshop.work()
    later = made(workshop)
    assert by_the_page(later, later["log"]["keys"][0], tmp_path)["stands"] is False


def test_the_page_refuses_what_was_changed(bundle: Bundle, tmp_path: Path) -> None:
    key = bundle["log"]["keys"][0]
    changed = {**bundle, "credential": bundle["credential"].replace("Sustainability", "Alchemy", 1)}
    assert "does not know" in by_the_page(changed, key, tmp_path)["error"]
    log = json.loads(json.dumps(bundle["log"]))
    log["entries"][0]["subject"] = "another"
    assert "not in the log" in by_the_page({**bundle, "log": log}, key, tmp_path)["error"]
    resigned = {**log, "entries": [], "checkpoint": log["checkpoint"].replace("at 2026", "at 2027")}
    assert "signature" in by_the_page({**bundle, "log": resigned}, key, tmp_path)["error"]


def test_it_says_not_valid_only_where_something_stands_against_the_document(
    bundle: Bundle, tmp_path: Path
) -> None:
    """A slip of the reader, another file or an old browser leaves open whether the certificate is genuine."""
    key, text = bundle["log"]["keys"][0], json.dumps(bundle)
    forged = json.dumps(
        {**bundle, "credential": bundle["credential"].replace("Sustainability", "Alchemy", 1)}
    )
    assert told(text, key, tmp_path)[0] == "This certificate was issued as it is."
    assert told(forged, key, tmp_path)[0] == "This certificate is not valid."
    unclear = "This certificate could not be checked."
    for typed in (key[:-6], "the key", f"{key}é"):
        assert told(text, typed, tmp_path) == [unclear, ["What was typed is not the key of a log."]]
    for other in ("%PDF-1.7", "[]", "{}", '{"log": {}}', bundle["credential"]):
        assert told(other, key, tmp_path) == [
            unclear,
            ["This file is not a bundle in the form issued here."],
        ], other
    for lacking in (
        'crypto.subtle.importKey = () => Promise.reject(new Error("NotSupportedError"));',
        'Object.defineProperty(globalThis, "crypto", { value: undefined });',
    ):
        said = told(text, key, tmp_path, before=lacking)
        assert (said[0], "newer" in said[1][0]) == (unclear, True)


def test_the_page_is_there_to_be_saved_and_loads_nothing(workshop: Workshop) -> None:
    answer = workshop.get("/verify/assets/offline.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = answer.get_data(as_text=True)
    assert page == PAGE.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|https?://|fetch\(|XMLHttpRequest|import\(", page)
