"""The European Digital Credential on the whole way: issued under the agreement, fetched in its forms, verified."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from services.certification.api.public import SEALS
from services.certification.formats.elm import PROFILE
from services.certification.formats.jades import seal
from services.certification.formats.jades_verification import verify_seal
from services.certification.keys.sealing import SealingFolder, certified
from services.certification.keys.seals import Seals
from services.certification.keys.time_stamps import TimeStampUnavailableError
from services.certification.store.tables import certificates
from shared.annex1.report import check_credential
from tests.integration.certification.workshop import Workshop
from tests.support.authority import Authority, name
from tests.support.documents import agreement, offering
from tests.unit.certification.elm_shapes import SAMPLES, needs_reference, violations

CLAUSE = {"formats": ["european_digital_credential", "open_badges_3", "pdf"]}
SEALED = "application/jose+json"
READABLE = f'application/ld+json; profile="{PROFILE}"'


def issue(workshop: Workshop, **changes: Any) -> str:
    """The id of a certificate under an agreement that provides for the format."""
    workshop.elsewhere.publish(offering(**changes), agreement(certificate_clause=CLAUSE))
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    identifier: str = workshop.rows(certificates)[0].id
    return identifier


def fetch(workshop: Workshop, certificate_id: str, accept: str) -> Any:
    token = workshop.token("registrar", "helsinki.fi")
    return workshop.get(f"/certification/v1/certificates/{certificate_id}", token, accept)


@needs_reference
def test_it_is_issued_sealed_and_complete(workshop: Workshop) -> None:
    certificate_id = issue(workshop)
    assert workshop.states() == ["issued"]
    sealed = fetch(workshop, certificate_id, SEALED)
    assert (sealed.status_code, sealed.content_type) == (200, SEALED)
    verified = verify_seal(json.loads(sealed.data), workshop.clock.now(), anchors=workshop.seals.anchors())
    assert verified.trusted
    document = verified.document()
    assert document["id"] == f"urn:uuid:{certificate_id}"
    assert violations(document) == []
    assert check_credential(sealed.get_data(as_text=True), ["helsinki.fi"]).complete


def test_its_readable_form_is_what_the_seal_covers(workshop: Workshop) -> None:
    certificate_id = issue(workshop)
    sealed = json.loads(fetch(workshop, certificate_id, SEALED).data)
    tags = set()
    for accept in (READABLE, READABLE.replace("; ", ";"), "application/vc+ld+json;profile=elm"):
        answer = fetch(workshop, certificate_id, accept)
        assert answer.status_code == 200
        assert "profile" in answer.content_type
        assert answer.get_data(as_text=True) == sealed["payload"]
        tags.add(answer.headers["ETag"])
    tags.add(fetch(workshop, certificate_id, SEALED).headers["ETag"])
    assert len(tags) == 2
    badge = json.loads(fetch(workshop, certificate_id, "application/ld+json").data)
    assert "OpenBadgeCredential" in badge["type"]
    listed = fetch(workshop, certificate_id, "application/json").get_json()["formats"]
    assert "european_digital_credential" in listed


def test_an_agreement_without_the_format_has_none(workshop: Workshop) -> None:
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    certificate_id = workshop.rows(certificates)[0].id
    for accept in (SEALED, READABLE):
        assert fetch(workshop, certificate_id, accept).status_code == 404


def test_an_institution_without_a_certificate_waits_for_its_operator(
    workshop: Workshop, tmp_path: Path
) -> None:
    usual = workshop.seals
    workshop.seals = Seals(SealingFolder(tmp_path / "empty"), None, (), (), None)
    issue(workshop)
    assert workshop.states() == ["ready"]
    assert any("no certificate for seals of helsinki.fi" in trouble for trouble in workshop.troubles())
    workshop.seals = usual
    workshop.wait()
    assert workshop.states() == ["issued"]


class _Away:
    def stamp(self, data: bytes) -> bytes:
        raise TimeStampUnavailableError("the time-stamp authority does not answer")


def test_a_time_stamp_authority_that_is_away_is_waited_for(workshop: Workshop) -> None:
    usual = workshop.seals
    workshop.seals = Seals(usual.sealers, _Away(), (), (), usual.authority)  # type: ignore[arg-type]
    issue(workshop)
    assert workshop.states() == ["ready"]
    workshop.seals = usual
    workshop.wait(15)
    assert workshop.states() == ["issued"]


def test_a_country_that_the_european_list_lacks_is_named_before_issuing(workshop: Workshop) -> None:
    partners = [
        {**partner, "country": "ZZ"} if partner["institution"] == "helsinki.fi" else partner
        for partner in agreement()["partners"]
    ]
    workshop.elsewhere.publish(offering(), agreement(certificate_clause=CLAUSE, partners=partners))
    workshop.deliver(*workshop.learner().usual())
    workshop.work()
    (row,) = workshop.rows(certificates)
    assert row.state == "incomplete"
    assert "'ZZ' is no country" in row.missing[0]["reason"]


def test_a_certificate_of_attendance_is_sealed_too(workshop: Workshop) -> None:
    workshop.elsewhere.publish(offering(), agreement(certificate_clause=CLAUSE))
    learner = workshop.learner()
    workshop.deliver(
        *[
            learner.registration("helsinki.fi", action, state)
            for action, state in (
                ("requested", "pending"),
                ("associated", "associated"),
            )
        ],
        learner.enrolment("activated", "enrolled", track="attendance"),
        workshop.event(
            "enrolment",
            "attendance.confirmed",
            {**learner.facts(), "institution": "helsinki.fi", "confirmed_on": "2026-11-02", "hours": 30},
        ),
        learner.enrolment("completed", "completed", track="attendance"),
    )
    workshop.work()
    assert workshop.states() == ["issued"], workshop.troubles()
    certificate_id = workshop.rows(certificates)[0].id
    report = check_credential(fetch(workshop, certificate_id, READABLE).get_data(as_text=True))
    assert (report.document_type, report.findings) == ("certificate_of_attendance", ())


@pytest.mark.parametrize("seconds", [0, 86_400])
def test_the_seal_is_dated_by_the_issue(workshop: Workshop, seconds: int) -> None:
    workshop.clock.advance(timedelta(seconds=seconds))
    certificate_id = issue(workshop)
    sealed = json.loads(fetch(workshop, certificate_id, SEALED).data)
    verified = verify_seal(sealed, workshop.clock.now())
    assert verified.document()["issued"] == verified.claimed_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def judged(workshop: Workshop, presented: Any) -> dict[str, Any]:
    """The public verdict, with the outcome of each check by its name."""
    answer = workshop.client.post("/certification/v1/verifications", json={"credential": presented})
    assert answer.status_code == 200, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    body["outcomes"] = {check["name"]: check["outcome"] for check in body["checks"]}
    return body


ALL_PASSED = dict.fromkeys(("format", "issuer", "proof", "status", "dates"), "passed")


def test_a_sealed_credential_of_ours_is_valid_until_it_is_suspended(workshop: Workshop) -> None:
    sealed = json.loads(fetch(workshop, issue(workshop), SEALED).data)
    verdict = judged(workshop, sealed)
    assert (verdict["verdict"], verdict["outcomes"]) == ("valid", ALL_PASSED)
    assert verdict["shown"]["title"] == "Sustainability"
    assert "Παπαδοπούλου" not in json.dumps(verdict, ensure_ascii=False)
    workshop.deliver(workshop.learner().completion("overturned"))
    after = judged(workshop, sealed)
    assert (after["verdict"], after["outcomes"]["status"]) == ("not_valid", "failed")


def test_a_tampered_one_is_not_valid_and_nothing_of_it_is_shown(workshop: Workshop) -> None:
    sealed = json.loads(fetch(workshop, issue(workshop), SEALED).data)
    sealed["payload"] = sealed["payload"].replace("Sustainability", "Brain surgery")
    verdict = judged(workshop, sealed)
    assert (verdict["verdict"], verdict["shown"]) == ("not_valid", None)
    assert "Brain surgery" not in json.dumps(verdict)


ROOT = Authority("A trusted authority")


def sealed_by(notation: str, payload: str, workshop: Workshop) -> dict[str, Any]:
    """`payload` under the seal of somebody whose certificate a trusted authority has issued."""
    key = ec.generate_private_key(ec.SECP256R1())
    sealer = certified(key, [ROOT.certify(key, name("Somebody", organisation=notation))])
    workshop.client.application.extensions[SEALS] = replace(workshop.seals, trusted=(ROOT.certificate,))
    return seal(payload, sealer, workshop.clock.now())


def test_whoever_seals_in_our_name_is_found_out(workshop: Workshop) -> None:
    """A trusted certificate does not make a credential of ours: the register does."""
    sealed = json.loads(fetch(workshop, issue(workshop), SEALED).data)
    forged = sealed["payload"].replace("Sustainability", "Brain surgery")
    verdict = judged(workshop, sealed_by("NTRFI-helsinki.fi", forged, workshop))
    assert (verdict["verdict"], verdict["outcomes"]["issuer"]) == ("not_valid", "failed")
    assert verdict["shown"] is None
    again = judged(workshop, sealed_by("NTRFI-helsinki.fi", sealed["payload"], workshop))
    assert again["verdict"] == "valid"


def foreign(**changes: Any) -> str:
    document = {
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": {"id": "urn:epass:org:1", "eIDASIdentifier": {"notation": "VATES-1"}},
        "validFrom": "2026-01-01T00:00:00Z",
        **changes,
    }
    return json.dumps(document)


def test_a_seal_of_another_issuer_is_judged_by_who_sealed(workshop: Workshop) -> None:
    verdict = judged(workshop, sealed_by("VATES-1", foreign(), workshop))
    assert verdict["verdict"] == "valid_with_remark"
    assert verdict["outcomes"] == {**ALL_PASSED, "status": "remark"}
    other = judged(workshop, sealed_by("VATES-2", foreign(), workshop))
    assert (other["verdict"], other["outcomes"]["issuer"]) == ("not_valid", "failed")
    late = judged(workshop, sealed_by("VATES-1", foreign(expirationDate="2026-02-01T00:00:00Z"), workshop))
    assert late["outcomes"]["dates"] == "remark"
    early = judged(workshop, sealed_by("VATES-1", foreign(validFrom="2027-01-01T00:00:00Z"), workshop))
    assert early["outcomes"]["dates"] == "failed"


def test_under_another_seal_the_identifier_of_ours_shows_nothing_of_ours(workshop: Workshop) -> None:
    """What is shown is what our register says, and a stranger may put any identifier on anything."""
    ours = json.loads(json.loads(fetch(workshop, issue(workshop), SEALED).data)["payload"])["id"]
    verdict = judged(workshop, sealed_by("VATES-1", foreign(id=ours), workshop))
    assert (verdict["outcomes"]["issuer"], verdict["shown"]) == ("passed", None)


@pytest.mark.parametrize(
    "payload",
    [
        "[]",
        "{}",
        "no JSON",
        '{"a":1,"a":2}',
        '{"id":"\\ud800"}',
        "[" * 5000,
        foreign(type="VerifiableCredential"),
        foreign(issuer="urn:epass:org:1"),
        foreign(issuer={"id": 5}),
        foreign(id=5),
        foreign(validFrom="yesterday"),
        foreign(validFrom="2026-01-01T00:00:00"),
        foreign(validUntil=5),
        foreign(
            id="urn:uuid:\u0000", issuer={"id": "did:web:certificates.example.org:certification:issuers:x.fi"}
        ),
    ],
)
def test_whatever_is_sealed_gets_a_verdict_and_no_error(workshop: Workshop, payload: str) -> None:
    verdict = judged(workshop, sealed_by("VATES-1", payload, workshop))
    assert verdict["verdict"] == "not_valid"
    assert verdict["shown"] is None


@needs_reference
def test_the_commissions_sample_is_valid_with_remarks(workshop: Workshop) -> None:
    sample = json.loads((SAMPLES / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8"))
    verdict = judged(workshop, sample)
    assert verdict["verdict"] == "valid_with_remark"
    assert verdict["outcomes"] == {**ALL_PASSED, "issuer": "remark", "proof": "remark", "status": "remark"}
    sample["payload"] = sample["payload"].replace("Andromeda", "Andromedb")
    assert judged(workshop, sample)["verdict"] == "not_valid"
