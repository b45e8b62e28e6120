"""From the completion to the certificate, in any order of events and through any crash (D7, R2)."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.multikey import public_key
from services.certification.formats.openbadges import credential
from services.certification.formats.proof import verify_proof
from services.certification.formats.statuslist import is_set
from services.certification.handlers import issuing
from services.certification.store.intent_tables import intents
from services.certification.store.tables import certificates, issuer_keys, renderings, status_lists
from shared.messaging.envelope import Event
from tests.integration.certification.workshop import OTHER, SAME, Learner, Workshop
from tests.support.documents import agreement, offering


def credential_of(workshop: Workshop, certificate_id: str) -> dict[str, Any]:
    (row,) = [
        row
        for row in workshop.rows(renderings)
        if (row.certificate_id, row.format) == (certificate_id, "open_badges_3")
    ]
    document: dict[str, Any] = json.loads(row.content)
    return document


def bit_of(workshop: Workshop, certificate_id: str) -> bool:
    """The bit that a verifier reads from the published list."""
    entry = credential_of(workshop, certificate_id)["credentialStatus"]
    (row,) = [row for row in workshop.rows(status_lists) if entry["statusListCredential"].endswith(row.id)]
    listed = json.loads(row.credential)
    verify_proof(listed, lambda method: public_key(method.partition("#")[2]))
    return is_set(listed["credentialSubject"]["encodedList"], int(entry["statusListIndex"]))


def test_a_completion_becomes_a_verified_certificate(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    workshop.work()
    assert workshop.names() == ["ready", "issued"]
    (row,) = workshop.rows(certificates)
    assert row.state == "issued"
    assert sorted(made.format for made in workshop.rows(renderings)) == [
        "open_badges_3",
        "open_badges_3_jwt",
        "pdf",
    ]
    (key,) = [
        key.multikey
        for key in workshop.rows(issuer_keys)
        if (key.institution, key.algorithm) == ("helsinki.fi", "EdDSA")
    ]
    credential = credential_of(workshop, row.id)
    assert verify_proof(credential, lambda _method: public_key(key))["verificationMethod"].endswith(f"#{key}")
    assert credential["id"] == f"urn:uuid:{row.id}"
    assert row.snapshot["public_id"] == row.public_id
    assert len(row.public_id) >= 24
    assert row.public_id not in json.dumps(workshop.events())


def test_the_date_of_issuing_is_the_day_at_the_issuer(workshop: Workshop) -> None:
    """22:30 UTC is half past midnight in Helsinki."""
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert row.snapshot["elements"]["issued_on"] == "2026-11-04"
    assert credential_of(workshop, row.id)["validFrom"] == "2026-11-03T22:30:00Z"


def test_events_carry_no_names_and_no_verification_address(workshop: Workshop) -> None:
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    published = json.dumps(workshop.events(""), ensure_ascii=False)
    assert "Παπαδοπούλου" not in published
    assert "eleni@example.org" not in published


def test_private_keys_are_never_stored_in_clear(workshop: Workshop) -> None:
    workshop.signers.prepare("helsinki.fi", "RS256", 2048)
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    rows = [row for row in workshop.rows(issuer_keys) if row.institution == "helsinki.fi"]
    assert {row.algorithm for row in rows} == {"EdDSA", "ES256", "RS256"}
    secrets = [workshop.encryption.unwrap(row.wrapped, f"{row.institution}|{row.multikey}") for row in rows]
    assert all(len(secret) >= 32 for secret in secrets)
    for row in rows:
        for value in row._mapping.values():
            stored = value if isinstance(value, bytes) else str(value).encode()
            assert not any(secret in stored or secret.hex().encode() in stored for secret in secrets)


def test_a_slow_registrar_delays_that_certificate_only_and_it_goes_on_by_itself(workshop: Workshop) -> None:
    """ENR-01: the registration at the awarding body is missing by name until its answer arrives."""
    slow, quick = workshop.learner(1), workshop.learner(2)
    workshop.deliver(*[event for event in slow.usual() if event.data.get("state") != "associated"])
    workshop.deliver(*quick.usual())
    workshop.work()
    states = {row.award_id: row.state for row in workshop.rows(certificates)}
    assert states == {slow.award_id: "incomplete", quick.award_id: "issued"}
    (blocked,) = [data for name, data in workshop.events() if name == "certificate.blocked"]
    assert blocked["missing"] == [
        {"element": None, "name": "registration at helsinki.fi", "from": "helsinki.fi"}
    ]
    workshop.deliver(slow.registration("helsinki.fi", "associated", "associated"))
    workshop.work()
    assert {row.state for row in workshop.rows(certificates)} == {"issued"}


def test_a_denied_registration_is_mended_by_a_new_one(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual()[:-3], learner.registration("helsinki.fi", "denied", "denied"))
    workshop.deliver(learner.completion("achieved"))
    workshop.work()
    assert workshop.states() == ["incomplete"]
    anew = learner.registration("helsinki.fi", "requested", "pending")
    for action, state in (("requested", "pending"), ("associated", "associated")):
        data = {**anew.data, "registration_id": "second", "state": state}
        workshop.deliver(workshop.event("enrolment", f"registration.{action}", data))
    workshop.work()
    assert workshop.states() == ["issued"]


def test_identity_data_that_arrive_later_complete_the_certificate(workshop: Workshop) -> None:
    """Element 1 is missing by name; learner.changed is what it waits for."""
    learner = workshop.learner()
    learner.known(given_name="", family_name="", date_of_birth=None)
    workshop.deliver(*learner.usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert {need["element"] for need in row.missing} == {1}
    assert {need["source"] for need in row.missing} == {"learner"}
    learner.known()
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    assert workshop.states() == ["issued"]


def test_a_lifted_suspension_lets_it_go_on(workshop: Workshop) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual()[:-2], learner.enrolment("suspended", "suspended"))
    workshop.deliver(learner.completion("achieved"))
    workshop.work()
    assert workshop.states() == ["incomplete"]
    workshop.deliver(learner.enrolment("resumed", "enrolled"))
    workshop.work()
    assert workshop.states() == ["issued"]


def test_a_condition_of_the_agreement_is_waited_for(workshop: Workshop) -> None:
    agreed = agreement(certificate_clause={"conditions": [{"kind": "supervised"}]})
    workshop.elsewhere.publish(offering(), agreed)
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert [need["name"] for need in row.missing] == ["condition of the agreement: supervised"]


def test_a_format_of_the_agreement_that_cannot_be_made_is_named(workshop: Workshop) -> None:
    workshop.elsewhere.publish(offering(), agreement(certificate_clause={"formats": ["papyrus"]}))
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert [need["name"] for need in row.missing] == ["format papyrus"]


def test_a_name_that_cannot_be_printed_is_reported_before_anything_is_signed(workshop: Workshop) -> None:
    learner = workshop.learner()
    learner.known(given_name="漢字")
    workshop.deliver(*learner.usual())
    workshop.work()
    assert workshop.names() == ["ready", "blocked"]
    (row,) = workshop.rows(certificates)
    assert [need["name"] for need in row.missing] == ["certificate that can be shown in full"]
    assert workshop.rows(renderings) == []
    learner.known(given_name="Kanji")
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    assert workshop.states() == ["issued"]


@pytest.mark.parametrize("service", ["admission", "assessment"])
def test_a_service_that_is_away_is_waited_for_without_blocking(workshop: Workshop, service: str) -> None:
    workshop.elsewhere.away.add(service)
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    assert workshop.states() == []
    workshop.elsewhere.away.clear()
    workshop.wait()
    assert workshop.states() == ["issued"]


def test_documents_are_fetched_once_and_kept(workshop: Workshop) -> None:
    workshop.deliver(workshop.published())
    workshop.work()
    for number in (1, 2, 3):
        workshop.deliver(*workshop.learner(number).usual())
        workshop.work()
    fetched = [path for path in workshop.elsewhere.asked if "versions" in path]
    assert sorted(fetched) == [
        "/admission/v1/agreements/una-europa/versions/1",
        "/admission/v1/offerings/sustainability/versions/1",
    ]


def test_results_of_another_completion_are_not_certified(workshop: Workshop) -> None:
    """The plan is one completion ahead of the event that this job knows."""
    learner = workshop.learner()
    learner.results(OTHER)
    workshop.deliver(*learner.usual())
    workshop.work()
    assert workshop.states() == []
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, OTHER))
    workshop.wait()
    assert workshop.states() == ["issued"]


def issued_certificate(workshop: Workshop) -> Learner:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    workshop.work()
    return learner


def test_an_overturned_result_suspends_and_the_same_results_reinstate(workshop: Workshop) -> None:
    learner = issued_certificate(workshop)
    (row,) = workshop.rows(certificates)
    assert not bit_of(workshop, row.id)
    workshop.deliver(learner.completion("overturned"))
    workshop.work()
    assert (workshop.states(), bit_of(workshop, row.id)) == (["suspended"], True)
    workshop.deliver(learner.completion("achieved", 2))
    workshop.work()
    assert (workshop.states(), bit_of(workshop, row.id)) == (["issued"], False)
    assert workshop.names() == ["ready", "issued", "suspended", "reinstated"]


def test_other_results_supersede_it_and_its_bit_stays_set(workshop: Workshop) -> None:
    learner = issued_certificate(workshop)
    learner.results(OTHER, mark="91")
    workshop.deliver(learner.completion("overturned"), learner.completion("achieved", 2, OTHER))
    workshop.work()
    assert workshop.states() == ["superseded", "issued"]
    old, new = sorted(workshop.rows(certificates), key=lambda row: row.ordinal)
    assert new.supersedes == old.id
    assert (bit_of(workshop, old.id), bit_of(workshop, new.id)) == (True, False)
    assert new.snapshot["elements"]["grades"][0]["value"] == "91"
    assert old.snapshot["elements"]["grades"][0]["value"] == "74"


def test_outcomes_no_longer_achieved_revoke_it_for_good(workshop: Workshop) -> None:
    learner = issued_certificate(workshop)
    workshop.deliver(learner.completion("overturned"), learner.completion("not_achieved", 2))
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert (workshop.states(), bit_of(workshop, row.id)) == (["revoked"], True)


@pytest.mark.parametrize("action", ["cancelled", "withdrawn"])
def test_called_off_before_issue_cancels(workshop: Workshop, action: str) -> None:
    learner = workshop.learner()
    workshop.deliver(*[event for event in learner.usual()[:-1] if event.data.get("required_for") != "award"])
    workshop.deliver(learner.registration("helsinki.fi", "requested", "pending"))
    workshop.work()
    assert workshop.states() == ["incomplete"]
    workshop.deliver(learner.enrolment(action, action))
    workshop.work()
    assert workshop.states() == ["cancelled"]
    workshop.deliver(learner.registration("helsinki.fi", "associated", "associated"))
    workshop.work()
    assert workshop.states() == ["cancelled"]


TOPICS = {"enrolment", "assessment"}


def histories() -> st.SearchStrategy[list[int]]:
    """Interleavings of the two topics, each in its own order, with redeliveries: indexes into the usual events."""
    enrolment, assessment = [0, 1, 2, 3, 4, 6], [5]

    def merged(draw: st.DrawFn) -> list[int]:
        left, right, order = list(enrolment), list(assessment), []
        while left or right:
            pick_left = left and (not right or draw(st.booleans()))
            order.append((left if pick_left else right).pop(0))
            if draw(st.integers(0, 3)) == 0:
                order.append(draw(st.sampled_from(order)))
        return order

    return st.composite(merged)()


@given(history=histories(), pauses=st.sets(st.integers(0, 15)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_exactly_one_certificate_under_redelivery_and_reordering(
    tmp_path_factory: pytest.TempPathFactory, history: list[int], pauses: set[int]
) -> None:
    """Event order holds within a topic only; every order and repetition ends with the same one certificate."""
    home: Path = tmp_path_factory.mktemp("history")
    workshop = Workshop(f"sqlite:///{home}/certification.sqlite", home)
    usual: list[Event] = workshop.learner().usual()
    for step, index in enumerate(history):
        workshop.deliver(usual[index])
        if step in pauses:
            workshop.work()
    workshop.work()
    assert workshop.states() == ["issued"]
    assert [name for name in workshop.names() if name == "issued"] == ["issued"]
    assert workshop.troubles() == []
    workshop.database.dispose()


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
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    made = _made(monkeypatch)
    with monkeypatch.context() as crashing:
        crashing.setattr(issuing, step, how(getattr(issuing, step)))
        workshop.work(rounds=1)
    workshop.wait()
    assert (workshop.states(), workshop.names(), workshop.troubles()) == (["issued"], ["ready", "issued"], [])
    stored = {bytes(row.content) for row in workshop.rows(renderings)}
    assert set(made) == stored
    assert len(stored) == 3


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
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    made = _made(monkeypatch)
    with monkeypatch.context() as crashing:
        crashing.setattr(issuing, step, how(getattr(issuing, step)))
        workshop.work(rounds=1)
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


def test_a_fact_that_turns_between_intent_and_signature_stops_the_certificate(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = workshop.learner()
    workshop.deliver(*learner.usual())
    original = issuing.render

    def overtaken(snapshot: Any, seal: Any) -> Any:
        made = original(snapshot, seal)
        workshop.deliver(learner.enrolment("suspended", "suspended"))
        return made

    monkeypatch.setattr(issuing, "render", overtaken)
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
    original = issuing.render

    def overtaken(snapshot: Any, seal: Any) -> Any:
        made = original(snapshot, seal)
        workshop.deliver(learner.completion("overturned"))
        return made

    monkeypatch.setattr(issuing, "render", overtaken)
    workshop.work()
    assert workshop.states() == ["cancelled"]
    assert workshop.rows(renderings) == []


def test_the_database_itself_refuses_a_second_live_certificate(workshop: Workshop) -> None:
    """The negative control of the decision: even a faulty decision cannot award twice."""
    issued_certificate(workshop)
    (row,) = workshop.rows(certificates)
    values = {**row._mapping, "id": "second", "ordinal": 2, "public_id": "other", "status_index": None}
    with pytest.raises(Exception, match=r"(?i)unique"), workshop.database.write() as connection:
        connection.execute(certificates.insert().values(**values))


def test_a_certificate_keeps_its_address_when_it_is_assembled_anew(workshop: Workshop) -> None:
    learner = workshop.learner()
    learner.known(given_name="漢字")
    workshop.deliver(*learner.usual())
    workshop.work()
    (blocked,) = workshop.rows(certificates)
    workshop.clock.advance(timedelta(days=3))
    learner.known()
    workshop.deliver(workshop.changed(learner))
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert (row.public_id, row.status_index) == (blocked.public_id, blocked.status_index)
    assert row.snapshot["elements"]["issued_on"] == "2026-11-07"


def test_any_step_on_one_learner_changes_nothing_of_another(workshop: Workshop) -> None:
    """Acceptance check 14 and issue 3, section 6.8."""
    issued_certificate(workshop)
    (before,) = workshop.rows(certificates)
    other = workshop.learner(2)
    for event in [*other.usual(), other.completion("overturned"), other.completion("not_achieved", 2)]:
        workshop.deliver(event)
        workshop.work()
    (after,) = [row for row in workshop.rows(certificates) if row.id == before.id]
    assert after == before
