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
    found = re.search(r"<script>(.*)</script>", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    script = folder / "page.cjs"
    asked = f"verifyBundle({json.dumps(bundle)}, {json.dumps(key)})"
    tail = f"{asked}.catch((e) => ({{ error: e.message }})).then((v) => console.log(JSON.stringify(v)));"
    script.write_text(found[1] + tail, encoding="utf-8")
    run = subprocess.run([str(NODE), str(script)], capture_output=True, check=True, timeout=60)
    said: dict[str, Any] = json.loads(run.stdout)
    return said


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


def test_the_page_is_there_to_be_saved_and_loads_nothing(workshop: Workshop) -> None:
    answer = workshop.get("/verify/assets/offline.html")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = answer.get_data(as_text=True)
    assert page == PAGE.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|https?://|fetch\(|XMLHttpRequest|import\(", page)
