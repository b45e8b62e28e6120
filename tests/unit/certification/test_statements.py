"""CRT-43: the signed statement of an institution, as every verifier of badges reads it."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from services.certification.domain.recognition import Basis, Programme, Rule
from services.certification.domain.recognition_rules import ForeignRule, Ground, Ruling
from services.certification.domain.statement import Statement
from services.certification.formats.canonical import canonical_form
from services.certification.formats.general import reference_form
from services.certification.formats.proof import ProofError, verify_proof
from services.certification.formats.renderer import RenderingError, Seal
from services.certification.formats.statements import NO_ENTITLEMENT, signed_statement, statement_credential
from shared.annex1 import Institution, Learner
from tests.unit.certification.samples import BASE, ISSUER, KEY, LIST_URL, METHOD

ROOT = Path(__file__).parents[3]
REFERENCE = Path(os.environ.get("PASSERELLE_REFERENCE_DATA", ROOT / ".." / "shared" / "data"))
SCHEMA = REFERENCE / "openbadges" / "ob_v3p0_achievementcredential_schema.json"
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason=f"no reference data: {SCHEMA.name} is absent")

SEAL = Seal(METHOD, KEY.sign, KEY.public_key())
GROUNDS = (
    Ground("workload", "two credits of laboratory work\nare missing"),
    Ground("level", "first cycle: «βασικός κύκλος»"),
)
PARTLY = Statement(
    id="7c0e3f2a-7c59-4a55-9a5e-0c6f3a1f2b10",
    recognition_id="0d6f3a1f-7c59-5a55-9a5e-0c6f3a1f2b10",
    number=1,
    public_id="vwq7c0Yg2hXv1xH9Jb3kZp0aQ",
    institution=Institution("kuleuven.be", {"en": "KU Leuven"}, "BE", website="https://www.kuleuven.be"),
    learner=Learner("Ελένη", "Παπαδοπούλου", "1990-02-28"),
    programme=Programme(
        "kuleuven.be",
        {"en": "Master of Sustainable Development"},
        "5",
        ("lo-intro", "lo-climate"),
        {"lo-intro": {"en": "Explain planetary boundaries"}},
    ),
    rule=Rule(
        "una-europa",
        1,
        "2026-1",
        {"en": "Level, outcomes, workload and quality."},
        {"en": "To the appeals board within 30 days."},
        foreign=ForeignRule(("did:web:uu.nl",), 6, "10"),
    ),
    basis=Basis(
        "urn:uuid:5f0e3f2a-7c59-4a55-9a5e-0c6f3a1f2b10",
        "sha256:" + "ab" * 32,
        {"en": "Sustainability", "fi": "Kestävyys"},
        "University of Helsinki",
        "10",
        7,
        "5f0e3f2a-7c59-4a55-9a5e-0c6f3a1f2b10",
        "a9a1c9c0-1d5b-5a54-8c42-7f3f0f6d1a11",
    ),
    ruling=Ruling("partly_recognised", "Elective", "3.5", ("lo-intro", "lo-climate"), GROUNDS),
    decided_at="2026-11-03T09:30:00Z",
    issued_at="2026-11-03T09:30:01Z",
    issuer_did=ISSUER.replace("helsinki.fi", "kuleuven.be"),
    base_url=BASE,
    status_list_url=LIST_URL,
    status_index=7,
)
WHOLE = replace(PARTLY, ruling=Ruling("recognised", "Elective", "5", ("lo-intro",)))
REFUSED = replace(PARTLY, ruling=Ruling("refused", grounds=GROUNDS))
HOURS_ONLY = replace(PARTLY, ruling=Ruling("recognised", "Elective"))
BARE = replace(
    REFUSED,
    institution=Institution("kuleuven.be", {"en": "KU Leuven"}),
    learner=Learner("Ana", "", identifier="urn:schac:personalUniqueCode:int:esi:1"),
    rule=Rule("una-europa", 1, "2026-1"),
)
ALL = {"partly": PARTLY, "whole": WHOLE, "refused": REFUSED, "hours only": HOURS_ONLY, "bare": BARE}


def secured(statement: Statement) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(signed_statement(statement, SEAL))
    return document


@needs_schema
@pytest.mark.parametrize("name", ALL)
def test_the_strict_schema_of_badges_accepts_it(name: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = jsonschema_rs.validator_for(schema).iter_errors(secured(ALL[name]))
    assert [f"{error.instance_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("name", ALL)
def test_what_is_signed_is_what_everybody_else_computes(name: str) -> None:
    document = statement_credential(ALL[name])
    assert canonical_form(document) == reference_form(document)


@pytest.mark.parametrize("name", ALL)
def test_it_goes_to_json_and_back(name: str) -> None:
    stored = json.loads(json.dumps(ALL[name].to_json()))
    assert Statement.from_json(stored) == ALL[name]
    assert Statement.from_json(stored).digest == ALL[name].digest


def test_the_certificate_is_named_by_id_and_digest() -> None:
    (target,) = [
        alignment
        for alignment in secured(PARTLY)["credentialSubject"]["achievement"]["alignment"]
        if alignment["targetType"] == "ext:RecognisedCertificate"
    ]
    assert (target["targetUrl"], target["targetCode"]) == (PARTLY.basis.credential_id, PARTLY.basis.digest)


def test_it_says_what_was_decided_by_which_criteria_on_what_grounds_and_where_to_appeal() -> None:
    document = secured(PARTLY)
    narrative = document["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert document["credentialSubject"]["creditsEarned"] == 3.5
    for said in (
        "KU Leuven recognises in part the certificate 'Sustainability' of University of Helsinki",
        "as 'Elective' with 3.5 ECTS towards 'Master of Sustainable Development'.",
        "agreement una-europa, version 1",
        "criteria version 2026-1",
        "Ground: a substantial difference in workload. two credits of laboratory work",
        "Appeal: To the appeals board within 30 days.",
        NO_ENTITLEMENT,
    ):
        assert said in narrative


def test_a_refusal_earns_nothing_and_says_so() -> None:
    document = secured(REFUSED)
    assert "creditsEarned" not in document["credentialSubject"]
    assert "does not recognise" in document["credentialSubject"]["achievement"]["description"]


def test_the_same_statement_and_key_give_the_same_bytes() -> None:
    assert signed_statement(PARTLY, SEAL) == signed_statement(PARTLY, SEAL)


@pytest.mark.parametrize("change", ["credits", "digest", "holder"])
def test_a_changed_statement_does_not_verify(change: str) -> None:
    document = secured(PARTLY)
    subject = document["credentialSubject"]
    if change == "credits":
        subject["creditsEarned"] = 10
    elif change == "digest":
        subject["achievement"]["alignment"][0]["targetCode"] = "sha256:" + "00" * 32
    else:
        subject["identifier"][0]["identityHash"] = "Somebody Else"
    with pytest.raises(ProofError):
        verify_proof(document, lambda _method: KEY.public_key())


def test_what_would_not_be_signed_as_it_reads_is_not_signed() -> None:
    broken = replace(PARTLY, basis=replace(PARTLY.basis, title={"en": "rings a bell: \x07"}))
    with pytest.raises(RenderingError):
        signed_statement(broken, SEAL)
