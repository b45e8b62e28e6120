"""The credential: the strict schema accepts it, every element is in it, a lost one is found (CRT-01 to CRT-11)."""

import copy
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot, text_in
from services.certification.formats import renderer
from services.certification.formats.openbadges import credential
from services.certification.formats.renderer import OPEN_BADGES, RENDERERS, RenderingError
from shared.annex1 import ELEMENT_NAMES, Institution, Learner
from shared.annex1.report import check_credential
from shared.annex1.vocabulary import ASSESSMENT_TYPES, LEARNING_MODES
from tests.support.documents import offering
from tests.unit.certification.samples import ISSUER, LIST_URL, elements, signed, snapshot

ROOT = Path(__file__).parents[3]
REFERENCE = Path(os.environ.get("PASSERELLE_REFERENCE_DATA", ROOT / ".." / "shared" / "data"))
SCHEMA = REFERENCE / "openbadges" / "ob_v3p0_achievementcredential_schema.json"
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason=f"no reference data: {SCHEMA.name} is absent")

VARIANTS: dict[str, Callable[[], Snapshot]] = {
    "usual": snapshot,
    "half credits": lambda: snapshot(elements=elements(document=offering(workload={"ects": "2.5"}))),
    "hours only": lambda: snapshot(elements=elements(document=offering(workload={"ects": None}))),
    "no level": lambda: snapshot(
        elements=elements(
            document=offering(
                level={
                    "eqf": None,
                    "qf_ehea_cycle": None,
                    "isced_2011": None,
                    "isced_f": None,
                    "not_applicable_reason": "Continuing education outside the framework",
                }
            )
        )
    ),
    "several bodies": lambda: snapshot(
        elements=elements(document=offering(awarding_bodies=["helsinki.fi", "kuleuven.be"]))
    ),
    "an identifier instead of a birth date": lambda: snapshot(
        elements=elements(Learner("Ona", "Žemaitytė", identifier="urn:schac:personalUniqueCode:int:esi:1"))
    ),
    "Finnish": lambda: snapshot(elements=elements(document=offering(languages=["fi"]))),
}


def alignments(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["credentialSubject"]["achievement"]["alignment"]
    return [alignment for alignment in found if alignment["targetType"] == f"ext:{kind}"]


@needs_schema
@pytest.mark.parametrize("name", VARIANTS)
def test_the_strict_schema_of_1edtech_accepts_it(name: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = jsonschema_rs.validator_for(schema).iter_errors(signed(VARIANTS[name]()))
    assert [f"{list(error.instance_path)}: {error.message}" for error in errors] == []


@needs_schema
def test_the_schema_is_no_formality() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document = signed()
    del document["credentialSubject"]["achievement"]["criteria"]
    assert not jsonschema_rs.validator_for(schema).is_valid(document)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_mandatory_element_is_in_it(name: str) -> None:
    taken = VARIANTS[name]()
    bodies = [text_in(body.name, taken.language) for body in taken.elements.awarding_bodies]
    assert check_credential(credential(taken), bodies).findings == ()


def without(kind: str) -> Callable[[dict[str, Any]], None]:
    def remove(document: dict[str, Any]) -> None:
        achievement = document["credentialSubject"]["achievement"]
        achievement["alignment"] = [a for a in achievement["alignment"] if a["targetType"] != f"ext:{kind}"]

    return remove


def no_learner(document: dict[str, Any]) -> None:
    document["credentialSubject"]["identifier"] = []


def no_workload(document: dict[str, Any]) -> None:
    del document["credentialSubject"]["creditsEarned"]
    document["credentialSubject"]["achievement"]["resultDescription"] = []
    document["credentialSubject"]["achievement"].pop("creditsAvailable", None)


def no_level(document: dict[str, Any]) -> None:
    for kind in ("EQF", "QFEHEA", "ISCED2011"):
        without(kind)(document)


DELETIONS: dict[int, Callable[[dict[str, Any]], Any]] = {
    1: no_learner,
    2: lambda document: document["credentialSubject"]["achievement"].pop("name"),
    3: lambda document: document["issuer"].pop("address"),
    4: lambda document: document["issuer"].pop("name"),
    5: lambda document: document.pop("validFrom"),
    6: without("LearningOutcome"),
    7: no_workload,
    8: no_level,
    9: without("AssessmentType"),
    10: without("LearningMode"),
    11: without("QualityAssurance"),
}


@pytest.mark.parametrize("number", DELETIONS)
def test_a_rendering_that_lost_an_element_is_found_by_its_number(number: int) -> None:
    document = copy.deepcopy(credential(snapshot()))
    DELETIONS[number](document)
    assert {finding.element for finding in check_credential(document).findings} == {number}


@pytest.mark.parametrize("number", DELETIONS)
def test_it_is_not_signed_and_the_reason_names_the_element(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = copy.deepcopy(credential(snapshot()))
    DELETIONS[number](document)
    monkeypatch.setattr(renderer, "credential", lambda _: document)
    with pytest.raises(RenderingError, match=ELEMENT_NAMES[number]):
        RENDERERS[OPEN_BADGES].check(snapshot())


def test_one_awarding_body_that_is_not_the_issuer_is_named() -> None:
    """CRT-17: an issuer on behalf of others is no awarding body by that."""
    body = Institution("kuleuven.be", {"en": "KU Leuven"}, "BE", may_award=True)
    taken = snapshot(elements=replace(elements(), awarding_bodies=(body,)))
    (named,) = alignments(credential(taken), "AwardingBody")
    assert named["targetName"] == "KU Leuven"
    RENDERERS[OPEN_BADGES].check(taken)


def test_the_name_stands_in_clear_and_the_address_salted_and_hashed() -> None:
    identities = {
        identity["identityType"]: identity
        for identity in credential(snapshot())["credentialSubject"]["identifier"]
    }
    assert identities["name"]["identityHash"] == "Ελένη Παπαδοπούλου"
    assert identities["ext:dateOfBirth"]["identityHash"] == "1990-02-28"
    mail = identities["emailAddress"]
    expected = hashlib.sha256(f"eleni@example.org{mail['salt']}".encode()).hexdigest()
    assert (mail["hashed"], mail["identityHash"]) == (True, f"sha256${expected}")
    assert "eleni@example.org" not in json.dumps(credential(snapshot()), ensure_ascii=False)


def test_there_is_one_status_entry_of_purpose_suspension() -> None:
    assert credential(snapshot())["credentialStatus"] == {
        "id": f"{LIST_URL}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": "94567",
        "statusListCredential": LIST_URL,
    }


def test_proof_and_nested_types_are_arrays() -> None:
    document = signed()
    assert isinstance(document["proof"], list)
    assert document["issuer"]["type"] == ["Profile"]
    assert document["credentialSubject"]["type"] == ["AchievementSubject"]
    assert document["credentialSubject"]["achievement"]["achievementType"] == "MicroCredential"


def test_european_vocabularies_stand_behind_the_alignments() -> None:
    document = credential(snapshot())
    kinds = [alignment["targetUrl"] for alignment in alignments(document, "AssessmentType")]
    assert kinds == [
        ASSESSMENT_TYPES[name].uri for name in ("written_examination", "oral_examination", "project")
    ]
    (mode,) = alignments(document, "LearningMode")
    assert mode["targetUrl"] == LEARNING_MODES["online"].uri
    (quality,) = alignments(document, "QualityAssurance")
    assert "FINEEC" in quality["targetDescription"]
    assert [alignment["targetCode"] for alignment in alignments(document, "LearningOutcome")] == [
        outcome["id"] for outcome in offering()["outcomes"]
    ]
    assert len(alignments(document, "ESCOSkill")) == 1


def test_every_awarding_body_of_a_joint_award_is_named() -> None:
    """CRT-40: one issuer, every body an alignment and in the criteria."""
    document = credential(VARIANTS["several bodies"]())
    names = [alignment["targetName"] for alignment in alignments(document, "AwardingBody")]
    assert names == ["University of Helsinki", "KU Leuven"]
    assert (
        "University of Helsinki, KU Leuven"
        in document["credentialSubject"]["achievement"]["criteria"]["narrative"]
    )
    assert document["credentialSubject"]["achievement"]["creator"]["id"] == ISSUER


def test_it_says_that_it_is_not_a_degree() -> None:
    assert NOT_A_DEGREE in credential(snapshot())["credentialSubject"]["achievement"]["criteria"]["narrative"]


def test_its_language_is_that_of_instruction_with_the_english_title() -> None:
    document = credential(VARIANTS["Finnish"]())
    achievement = document["credentialSubject"]["achievement"]
    assert (achievement["inLanguage"], achievement["name"]) == ("fi", "Kestävyys")
    assert "Title in English: Sustainability." in achievement["criteria"]["narrative"]


def test_hours_are_a_result_where_there_are_no_credits() -> None:
    subject = credential(VARIANTS["hours only"]())["credentialSubject"]
    assert "creditsEarned" not in subject
    (hours,) = [
        d for d in subject["achievement"]["resultDescription"] if d["resultType"] == "ext:WorkloadHours"
    ]
    (result,) = [r for r in subject["result"] if r["resultDescription"] == hours["id"]]
    assert result["value"] == "270"


def test_whole_credits_stay_whole_numbers() -> None:
    assert json.dumps(credential(snapshot())["credentialSubject"]["creditsEarned"]) == "10"
    assert credential(VARIANTS["half credits"]())["credentialSubject"]["creditsEarned"] == 2.5


def test_a_recognised_outcome_says_so() -> None:
    taken = snapshot()
    first, *others = taken.elements.outcomes
    changed = replace(
        taken, elements=replace(taken.elements, outcomes=(replace(first, state="recognised"), *others))
    )
    described = alignments(credential(changed), "LearningOutcome")[0]["targetDescription"]
    assert described == "knowledge, recognised from prior learning"


def test_a_snapshot_survives_json_and_its_digest_tells_any_other_apart() -> None:
    taken = snapshot()
    again = Snapshot.from_json(json.loads(json.dumps(taken.to_json())))
    assert (again, again.digest) == (taken, taken.digest)
    assert snapshot(status_index=1).digest != taken.digest
