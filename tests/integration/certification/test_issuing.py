"""From the completion to the certificate, and what it waits for (D7)."""

import json

import pytest

from services.certification.formats.multikey import public_key
from services.certification.formats.proof import verify_proof
from services.certification.store.tables import certificates, issuer_keys, renderings
from tests.integration.certification.issued import credential_of
from tests.integration.certification.workshop import OTHER, Workshop
from tests.support.documents import agreement, offering


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
