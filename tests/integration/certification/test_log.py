"""The transparency log: what is in it, the proofs anybody may ask for, and every way of cheating it is seen."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.certification.domain.merkle import is_consistent, root_of_inclusion
from services.certification.domain.transparency import Checkpoint, parse_note, public_of
from services.certification.formats.multikey import public_key
from services.certification.handlers.log_audit import LogAudit, audit_log
from services.certification.store.tables import (
    certificates,
    issuer_keys,
    log_checkpoints,
    log_entries,
    log_nodes,
)
from tests.integration.certification.workshop import Workshop

LOG = "/certification/v1/log"


def audit(workshop: Workshop, **saved: str) -> LogAudit:
    with workshop.database.read() as connection:
        return audit_log(connection, workshop.settings, saved)


def filled(workshop: Workshop, learners: int = 3) -> None:
    """Some certificates, issued an hour apart; the first one suspended."""
    for number in range(1, learners + 1):
        workshop.deliver(*workshop.learner(number).usual())
        workshop.work()
        workshop.clock.advance(timedelta(hours=1))
    workshop.deliver(workshop.learner(1).completion("overturned"))
    workshop.work()


def change(workshop: Workshop, statement: Any) -> None:
    with workshop.database.write() as connection:
        assert connection.execute(statement).rowcount >= 1


def test_issuances_changes_and_keys_are_in_the_log_and_no_person(workshop: Workshop) -> None:
    filled(workshop)
    found = audit(workshop)
    assert (found.findings, found.waiting) == ((), 0)
    kinds = [row.kind for row in workshop.rows(log_entries)]
    assert sorted(kinds) == sorted(["issued"] * 3 + ["suspended"] + ["key_activated"] * 3)
    told = json.dumps([{**row._mapping, "at": str(row.at)} for row in workshop.rows(log_entries)])
    assert "eleni@example.org" not in told
    assert workshop.learner(1).learner_id not in told


def test_anybody_follows_the_proofs_from_a_leaf_to_a_signed_checkpoint(workshop: Workshop) -> None:
    filled(workshop, 1)
    first = workshop.get(f"{LOG}/checkpoint").get_json()
    workshop.deliver(*workshop.learner(2).usual())
    workshop.work()
    latest = workshop.get(f"{LOG}/checkpoint").get_json()
    checkpoint, _, signature = parse_note(latest["note"])
    public_key(_multikey(workshop)).verify(signature, checkpoint.text.encode())
    leaves = workshop.get(f"{LOG}/leaves?limit=200").get_json()["leaves"]
    assert len(leaves) == latest["size"] == checkpoint.size
    for index, leaf in enumerate(leaves):
        proof = workshop.get(f"{LOG}/inclusion-proofs?leaf={leaf}").get_json()
        path = [bytes.fromhex(hash_) for hash_ in proof["path"]]
        assert root_of_inclusion(bytes.fromhex(leaf), index, proof["size"], path) == checkpoint.root
    sizes = f"first={first['size']}&second={latest['size']}"
    grown = workshop.get(f"{LOG}/consistency-proofs?{sizes}").get_json()["path"]
    roots = bytes.fromhex(first["root"]), bytes.fromhex(latest["root"])
    assert is_consistent(first["size"], latest["size"], roots, [bytes.fromhex(hash_) for hash_ in grown])


def _multikey(workshop: Workshop) -> str:
    """The log's key, as its verifier key gives it."""
    (verifier,) = workshop.get(f"{LOG}/checkpoint").get_json()["keys"]
    raw = public_of(verifier)
    (key,) = [row.multikey for row in workshop.rows(issuer_keys) if row.institution == "transparency-log"]
    assert public_key(key).public_bytes_raw() == raw
    return str(key)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("inclusion-proofs?leaf=" + "0" * 64, 404),
        ("inclusion-proofs?leaf=zz", 422),
        ("consistency-proofs?first=2&second=1", 422),
        ("consistency-proofs?first=1&second=9999", 422),
    ],
)
def test_what_cannot_be_proven_is_said(workshop: Workshop, query: str, status: int) -> None:
    assert workshop.get(f"{LOG}/checkpoint").status_code == 404
    filled(workshop, 1)
    assert workshop.get(f"{LOG}/{query}").status_code == status


def test_an_entry_that_is_rolled_back_with_its_step_is_not_in_the_log(workshop: Workshop) -> None:
    filled(workshop, 1)
    before = len(workshop.rows(log_entries))
    (row,) = workshop.rows(certificates)
    answer = workshop.post(
        f"/certificates/{row.id}/suspension",
        {"reason_code": "identity_under_review", "reason": "again"},
        "registrar",
        "rita",
    )
    assert answer.status_code == 409
    assert len(workshop.rows(log_entries)) == before


def _last_issued(workshop: Workshop) -> Any:
    return [row for row in workshop.rows(log_entries) if row.kind == "issued"][-1]


def _latest(workshop: Workshop) -> Any:
    return max(workshop.rows(log_checkpoints), key=lambda row: row.size)


def remove_an_entry(workshop: Workshop) -> None:
    change(workshop, log_entries.delete().where(log_entries.c.position == 2))


def remove_and_close_the_gap(workshop: Workshop) -> None:
    """The tree and the positions are mended too; only what was signed before tells."""
    remove_an_entry(workshop)
    change(
        workshop,
        log_entries.update().where(log_entries.c.position > 2).values(position=-log_entries.c.position),
    )
    change(
        workshop,
        log_entries.update().where(log_entries.c.position < 0).values(position=-log_entries.c.position - 1),
    )


def change_an_entry(workshop: Workshop) -> None:
    change(workshop, log_entries.update().where(log_entries.c.position == 1).values(kind="revoked"))


def change_the_tree(workshop: Workshop) -> None:
    at = (log_nodes.c.level == 0) & (log_nodes.c.index == _latest(workshop).size - 1)
    change(workshop, log_nodes.update().where(at).values(hash="0" * 64))


def back_date_a_certificate(workshop: Workshop) -> None:
    """The register and the log are told the same earlier day; the checkpoints around it are not."""
    workshop.clock.advance(timedelta(days=-30))
    workshop.deliver(*workshop.learner(7).usual())
    workshop.work()
    workshop.clock.advance(timedelta(days=30))


def reinstate_beside_the_log(workshop: Workshop) -> None:
    change(workshop, certificates.update().where(certificates.c.state == "suspended").values(state="issued"))


def issue_beside_the_log(workshop: Workshop) -> None:
    change(workshop, log_entries.delete().where(log_entries.c.id == _last_issued(workshop).id))


def forget_a_certificate(workshop: Workshop) -> None:
    change(
        workshop,
        log_entries.update().where(log_entries.c.id == _last_issued(workshop).id).values(subject="another"),
    )


@pytest.mark.parametrize(
    ("cheat", "seen"),
    [
        (remove_an_entry, "entry 2 is gone"),
        (remove_and_close_the_gap, "and had"),
        (remove_and_close_the_gap, "another history"),
        (change_an_entry, "says something else"),
        (change_an_entry, "another history"),
        (change_the_tree, "stored tree"),
        (back_date_a_certificate, "back-dated"),
        (reinstate_beside_the_log, "which the log does not say"),
        (issue_beside_the_log, "issued 0 times"),
        (forget_a_certificate, "has it no more"),
    ],
)
def test_every_way_of_cheating_is_seen(
    workshop: Workshop, cheat: Callable[[Workshop], None], seen: str
) -> None:
    filled(workshop)
    assert audit(workshop).findings == ()
    cheat(workshop)
    assert any(seen in finding for finding in audit(workshop).findings), audit(workshop).findings


def test_a_split_view_is_seen_by_a_checkpoint_saved_elsewhere(workshop: Workshop) -> None:
    """The log shows one reader a history with another last entry, well signed; the database keeps to its own."""
    filled(workshop)
    latest = _latest(workshop)
    signer = workshop.signers.active("transparency-log")
    shown = Checkpoint("certificates.example.org/certification/log", latest.size, b"\1" * 32, latest.at)
    note = shown.note(public_key(signer.key).public_bytes_raw(), signer.sign(shown.text.encode()))
    assert audit(workshop, alice=latest.note).findings == ()
    (finding,) = audit(workshop, bob=note).findings
    assert finding.startswith("bob: signed for another history")


def test_a_log_that_was_rebuilt_without_an_entry_does_not_fit_what_was_saved(workshop: Workshop) -> None:
    filled(workshop)
    saved = _latest(workshop).note
    with workshop.database.write() as connection:
        connection.execute(sa.delete(log_checkpoints))
        connection.execute(sa.delete(log_entries).where(log_entries.c.kind == "suspended"))
    assert any("and had" in finding for finding in audit(workshop, alice=saved).findings)


def test_a_checkpoint_that_nobody_here_signed_is_refused(workshop: Workshop) -> None:
    filled(workshop, 1)
    latest = _latest(workshop)
    text, signature = latest.note.rsplit(" ", 1)
    forged = f"{text} {'A' * 8}{signature[8:]}"
    assert "not signed by a key" in audit(workshop, forged=forged).findings[0]
    assert audit(workshop, nonsense="nonsense").findings


def test_a_rotation_of_the_logs_key_keeps_old_checkpoints_good(workshop: Workshop) -> None:
    filled(workshop, 1)
    workshop.signers.prepare("transparency-log")
    (key,) = [row.multikey for row in workshop.rows(issuer_keys) if row.state == "pending"]
    for subject in ("ada", "bea"):
        answer = workshop.post(f"/keys/{key}/activation", None, "administrator", subject, None)
        assert answer.status_code == 201
    workshop.work()
    workshop.deliver(*workshop.learner(2).usual())
    workshop.work()
    assert audit(workshop).findings == ()
    assert len(workshop.get(f"{LOG}/checkpoint").get_json()["keys"]) == 2


def test_the_command_says_what_it_found(workshop: Workshop, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from services.cli import main

    filled(workshop)
    saved = tmp_path / "checkpoint.txt"
    environment = {
        "PASSERELLE_HOME": str(workshop.settings.home),
        "CERTIFICATION_DATABASE_URL": workshop.settings.database_url("certification"),
        "PUBLIC_HOST": "certificates.example.org",
    }
    note = CliRunner().invoke(main, ["log", "checkpoint"], env=environment)
    assert note.exit_code == 0, note.output
    saved.write_text(note.stdout, encoding="utf-8")
    verified = CliRunner().invoke(main, ["log", "verify", str(saved)], env=environment)
    assert (verified.exit_code, "0 findings" in verified.output) == (0, True), verified.output
    change_an_entry(workshop)
    verified = CliRunner().invoke(main, ["log", "verify", str(saved)], env=environment)
    assert (verified.exit_code, "another history" in verified.output) == (1, True)
    saved.write_bytes(b"\xff\x00no text")
    verified = CliRunner().invoke(main, ["log", "verify", str(saved)], env=environment)
    assert (verified.exit_code, "not a checkpoint" in verified.output) == (1, True)
