"""Through any crash, and with other facts meanwhile: one certificate and no signature astray (R2, section 7.3)."""

from collections.abc import Callable
from typing import Any

import pytest

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.openbadges import credential
from services.certification.handlers import issuing
from services.certification.store.intent_tables import intents
from services.certification.store.tables import certificates, renderings
from shared.messaging.envelope import Event
from tests.integration.certification.issued import credential_of
from tests.integration.certification.workshop import OTHER, SAME, Learner, Workshop


class CrashError(Exception):
    """The process dies here."""


def crash_before(step: Callable[..., Any]) -> Callable[..., Any]:
    def die(*_args: Any, **_kwargs: Any) -> Any:
        raise CrashError

    return die


def crash_after(step: Callable[..., Any]) -> Callable[..., Any]:
    def die(*args: Any, **kwargs: Any) -> Any:
        step(*args, **kwargs)
        raise CrashError

    return die


STEPS = ["gather", "assemble", "publish", "ensure_signed", "render", "store"]


@pytest.mark.parametrize("how", [crash_before, crash_after])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_and_a_retry_give_one_certificate_and_no_orphan_signature(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, step: str, how: Callable[..., Any]
) -> None:
    """R2: each step dies before it is done, and done but not heard of."""
    _, made = crashed(workshop, monkeypatch, step, how)
    workshop.wait()
    assert (workshop.states(), workshop.names(), workshop.troubles()) == (["issued"], ["ready", "issued"], [])
    stored = {bytes(row.content) for row in workshop.rows(renderings)}
    assert set(made) == stored
    assert len(stored) == 3


def crashed(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, step: str, how: Callable[..., Any]
) -> tuple[Learner, dict[bytes, tuple[str, str]]]:
    """A learner whose certificate was being issued when the process died at `step`, and what was made until then."""
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    made = _made(monkeypatch)
    with monkeypatch.context() as crashing:
        crashing.setattr(issuing, step, how(getattr(issuing, step)))
        workshop.work(rounds=1)
    assert any("CrashError" in trouble for trouble in workshop.troubles())
    return learner, made


def _made(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, tuple[str, str]]:
    """Everything that was signed or printed, however often, with its intent: a second run makes the same bytes."""
    made: dict[bytes, tuple[str, str]] = {}
    original = issuing.render

    def rendered(snapshot: Any, seal: Any) -> Any:
        results = original(snapshot, seal)
        made.update(
            dict.fromkeys((each.content for each in results), (snapshot.certificate_id, snapshot.digest))
        )
        return results

    monkeypatch.setattr(issuing, "render", rendered)
    return made


def another_name(learner: Learner) -> None:
    learner.known(given_name="Helena", version=2)
    learner.workshop.deliver(learner.workshop.changed(learner))


def other_results(learner: Learner) -> None:
    learner.results(OTHER, mark="91")
    learner.workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, OTHER))


def a_suspension(learner: Learner) -> None:
    """The job is run again while the suspension lasts, and signs nothing."""
    learner.workshop.deliver(learner.enrolment("suspended", "suspended"))
    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(issuing, "render", lambda *_: pytest.fail("signed during a suspension"))
        learner.workshop.wait()
    assert learner.workshop.states()[-1:] != ["ready"]
    learner.workshop.deliver(learner.enrolment("resumed", "completed"))


@pytest.mark.parametrize("change", [another_name, other_results, a_suspension])
@pytest.mark.parametrize("how", [crash_before, crash_after])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_and_a_retry_with_other_data_give_one_certificate(
    workshop: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    how: Callable[..., Any],
    change: Callable[[Learner], None],
) -> None:
    """Section 7.3: one live certificate, whose signature is over its intent; what was signed in vain was intended.

    Once the intent is stored, other data about the person change nothing in it, so that a second run signs the same
    bytes. Other results cancel it, a suspension has it made anew; no other signature is ever stored or published.
    """
    learner, made = crashed(workshop, monkeypatch, step, how)
    change(learner)
    workshop.wait()
    workshop.wait()
    rows = {f"urn:uuid:{row.id}": row for row in workshop.rows(certificates)}
    live = [row for row in rows.values() if row.state == "issued"]
    stored = {bytes(row.content): row.certificate_id for row in workshop.rows(renderings)}
    assert (len(live), workshop.troubles()) == (1, [])
    known = {(row.certificate_id, row.snapshot_digest) for row in workshop.rows(intents)}
    assert {intent for content, intent in made.items() if content not in stored} <= known
    for row in rows.values():
        told = {name for name, data in workshop.events() if data["certificate_id"] == row.id}
        signed = row.id in stored.values()
        assert told
        assert signed is (row.state in {"issued", "superseded"}) is ("certificate.issued" in told)
    snapshot = Snapshot.from_json(live[0].snapshot)
    assert snapshot.digest == live[0].snapshot_digest
    document = credential_of(workshop, live[0].id)
    assert document["credentialSubject"] == credential(snapshot)["credentialSubject"]
    assert snapshot.results_digest == (OTHER if change is other_results else SAME)


def overtaken_by(event: Event, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on `event` is heard of between the intent and the signature."""
    original = issuing.render

    def overtaken(snapshot: Any, seal: Any) -> Any:
        made = original(snapshot, seal)
        workshop.deliver(event)
        return made

    monkeypatch.setattr(issuing, "render", overtaken)


def test_a_fact_that_turns_between_intent_and_signature_stops_the_certificate(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    overtaken_by(learner.enrolment("suspended", "suspended"), workshop, monkeypatch)
    workshop.work()
    assert workshop.states() == ["incomplete"]
    assert workshop.rows(renderings) == []
    monkeypatch.undo()
    workshop.deliver(learner.enrolment("resumed", "completed"))
    workshop.work()
    assert workshop.states() == ["issued"]


def test_a_completion_overturned_between_intent_and_signature_cancels(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    overtaken_by(learner.completion("overturned"), workshop, monkeypatch)
    workshop.work()
    assert workshop.states() == ["cancelled"]
    assert workshop.rows(renderings) == []
