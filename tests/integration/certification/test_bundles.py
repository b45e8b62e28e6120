"""A bundle verifies without network and after a rotation; nothing in it can be changed."""

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.certification.handlers.offline import verify_bundle
from services.certification.store.tables import certificates
from services.cli import main
from tests.integration.certification.test_keys import post, rotate
from tests.integration.certification.workshop import Workshop

Bundle = dict[str, Any]


def made(workshop: Workshop) -> Bundle:
    (row,) = workshop.rows(certificates)
    answer = workshop.get(f"/certification/v1/certificates/{row.id}/bundle", workshop.token("service"))
    assert answer.status_code == 200, answer.get_json()
    found: Bundle = answer.get_json()
    return found


@pytest.fixture
def bundle(workshop: Workshop) -> Bundle:
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    return made(workshop)


def verdict(workshop: Workshop, bundle: Any, trusted: str | None = "") -> str:
    """By the log's key of the bundle, unless another one, or none, is trusted."""
    known = bundle["log"]["keys"][0] if trusted == "" else trusted
    return verify_bundle(bundle, workshop.clock.now(), known).verdict


def test_a_bundle_is_valid_without_network(
    workshop: Workshop, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection"))
    assert verdict(workshop, bundle) == "valid"
    assert verdict(workshop, bundle, None) == "valid_with_remark"


def test_an_old_bundle_and_a_new_one_are_valid_after_a_rotation(workshop: Workshop, bundle: Bundle) -> None:
    workshop.clock.advance(timedelta(days=400))
    rotate(workshop)
    assert verdict(workshop, bundle) == verdict(workshop, made(workshop)) == "valid"


def test_a_bundle_of_a_suspended_certificate_is_not_valid(workshop: Workshop, bundle: Bundle) -> None:
    workshop.deliver(workshop.learner().completion("overturned"))
    workshop.work()
    assert verdict(workshop, made(workshop)) == "not_valid"
    assert verdict(workshop, bundle) == "valid", "it says how things stood"


def test_a_compromise_later_is_a_remark(workshop: Workshop, bundle: Bundle) -> None:
    workshop.clock.advance(timedelta(days=2))
    key = bundle["issuer"]["keys"][0]["key"]
    signing = next(each["key"] for each in bundle["issuer"]["keys"] if each["algorithm"] == "EdDSA")
    for each in (key, signing):
        body = {"since": workshop.clock.now().isoformat(), "reason": "stolen"}
        post(workshop, f"/keys/{each}/compromise", body, "ada")
    workshop.work()
    assert verdict(workshop, made(workshop)) == "valid_with_remark"


def test_a_stranger_s_log_proves_nothing(workshop: Workshop, bundle: Bundle) -> None:
    other = "certificates.example.org/certification/log+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert verdict(workshop, bundle, other) == "not_valid"


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all texts of a bundle."""
    if isinstance(value, dict):
        return [place for name, each in value.items() for place in leaves(each, (*path, name))]
    if isinstance(value, list):
        return [place for number, each in enumerate(value) for place in leaves(each, (*path, number))]
    return [path] if isinstance(value, str) and value else []


def test_no_text_that_counts_can_be_changed(workshop: Workshop, bundle: Bundle) -> None:
    """Every text of the bundle is tried; only what the log proves otherwise, or nothing rests on, may differ."""
    known = bundle["log"]["keys"][0]
    accepted = set()
    for path in leaves(bundle):
        changed = copy.deepcopy(bundle)
        *way, last = path
        at: Any = changed
        for step in way:
            at = at[step]
        middle = len(at[last]) // 2
        at[last] = at[last][:middle] + ("0" if at[last][middle] != "0" else "1") + at[last][middle + 1 :]
        if verify_bundle(changed, workshop.clock.now(), known).verdict != "not_valid":
            accepted.add(path[:2] if path[0] == "log" else path[-1])
    assert accepted <= {"algorithm", "key", "state", "created_at", "activated_at", ("log", "keys")}
    assert verify_bundle(bundle, workshop.clock.now(), known).verdict == "valid"


@pytest.mark.parametrize("nonsense", [None, [], {}, "x", {"type": "PasserelleBundle/1", "log": {"keys": []}}])
def test_nonsense_is_refused_and_does_not_crash(workshop: Workshop, nonsense: Any) -> None:
    assert verdict(workshop, nonsense, None) == "not_valid"


def test_the_command_verifies_a_file(
    workshop: Workshop, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cli.judging.SystemClock", lambda: workshop.clock)
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    key = bundle["log"]["keys"][0]
    found = CliRunner().invoke(main, ["verify", str(file), "--log-key", key])
    assert (found.exit_code, "valid" in found.output) == (0, True), found.output
    bundle["credential"] = bundle["credential"].replace("Sustainability", "Alchemy", 1)
    file.write_text(json.dumps(bundle), encoding="utf-8")
    found = CliRunner().invoke(main, ["verify", str(file), "--log-key", key])
    assert (found.exit_code, "not valid" in found.output) == (1, True)
