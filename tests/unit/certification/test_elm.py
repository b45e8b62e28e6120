"""The European Digital Credential: every element is in it, nothing is invented (CRT-01 to CRT-14)."""

import json
from dataclasses import replace

import pytest

from services.certification.domain.attendance import ATTENDED_ONLY
from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot
from services.certification.formats.elm import credential
from shared.annex1 import Grade
from shared.annex1.vocabulary import ASSESSMENT_TYPES, LEARNING_MODES, QUALITY_ASSURANCE_TYPES
from tests.support.documents import offering
from tests.unit.certification.elm_documents import LEGAL, claim, listed, made
from tests.unit.certification.samples import ISSUER, snapshot


def test_the_learner_stands_in_it_with_name_and_birth_date() -> None:
    """CRT-01."""
    subject = made()["credentialSubject"]
    assert subject["fullName"] == {"en": "Ελένη Παπαδοπούλου"}
    assert (subject["givenName"], subject["familyName"]) == ({"en": "Ελένη"}, {"en": "Παπαδοπούλου"})
    assert subject["dateOfBirth"] == "1990-02-28T00:00:00Z"
    assert "eleni@example.org" not in json.dumps(made(), ensure_ascii=False)


def test_an_identifier_stands_in_for_a_birth_date() -> None:
    subject = made("an identifier instead of a birth date")["credentialSubject"]
    assert subject["identifier"]["notation"] == "urn:schac:personalUniqueCode:int:esi:1"
    assert "dateOfBirth" not in subject


def test_issuer_country_and_legal_identifier_are_stated() -> None:
    """CRT-03."""
    issuer = made()["issuer"]
    assert issuer["id"] == ISSUER
    assert issuer["location"]["address"]["countryCode"]["id"].endswith("/country/FIN")
    assert issuer["eIDASIdentifier"]["notation"] == "VATFI-03134717"
    assert issuer["eIDASIdentifier"]["spatial"]["id"].endswith("/country/FIN")


def test_a_region_is_a_place_by_name_or_by_code() -> None:
    taken = snapshot()
    placed = {}
    for region in ("Uusimaa", "FI1B"):
        where = replace(taken.elements.issuer, region=region)
        document = credential(replace(taken, elements=replace(taken.elements, issuer=where)), LEGAL)
        placed[region] = document["issuer"]["location"]
    assert placed["Uusimaa"]["geographicName"] == {"en": "Uusimaa"}
    assert "spatialCode" not in placed["Uusimaa"]
    assert placed["FI1B"]["spatialCode"]["id"] == "http://data.europa.eu/nuts/code/FI1B"


def test_every_awarding_body_is_named_and_the_issuer_has_its_mandate() -> None:
    """CRT-40."""
    document = made("several bodies")
    bodies = claim(document)["awardedBy"]["awardingBody"]
    assert [body["identifier"]["notation"] for body in bodies] == ["helsinki.fi", "kuleuven.be"]
    assert [body["legalName"]["en"] for body in bodies] == ["University of Helsinki", "KU Leuven"]
    assert "University of Helsinki, KU Leuven" in document["evidence"]["evidenceStatement"]
    assert "evidence" not in made()


def test_the_dates_are_those_of_the_award_and_the_issue() -> None:
    """CRT-05."""
    document = made()
    moments = {document[name] for name in ("issued", "issuanceDate", "validFrom")}
    assert moments == {"2026-11-03T09:30:00Z"}
    assert claim(document)["awardedBy"]["awardingDate"] == "2026-11-03T09:29:59Z"


def test_outcomes_carry_their_esco_skills() -> None:
    """CRT-06."""
    outcomes = claim(made())["specifiedBy"]["learningOutcome"]
    wanted = offering()["outcomes"]
    assert [outcome["title"]["en"] for outcome in outcomes] == [each["title"]["en"] for each in wanted]
    assert [[skill["id"] for skill in listed(each.get("relatedESCOSkill", []))] for each in outcomes] == [
        each["esco"] for each in wanted
    ]
    assert [each["additionalNote"]["noteLiteral"]["en"] for each in outcomes] == [
        f"{each['kind']}, assessed" for each in wanted
    ]
    first = claim(made("an outcome recognised"))["specifiedBy"]["learningOutcome"][0]
    assert first["additionalNote"]["noteLiteral"]["en"].endswith("recognised from prior learning")


def test_workload_is_stated_in_credits_and_in_hours() -> None:
    """CRT-07."""
    usual, hours, points = (
        claim(made(name))["specifiedBy"] for name in ("usual", "hours only", "credits only")
    )
    assert (usual["volumeOfLearning"], usual["creditPoint"]["point"]) == ("PT270H", "10")
    assert (hours["volumeOfLearning"], "creditPoint" in hours) == ("PT270H", False)
    assert (points["creditPoint"]["point"], "volumeOfLearning" in points) == ("2.5", False)
    assert usual["creditPoint"]["framework"]["id"] == "http://data.europa.eu/snb/education-credit/6fcec5c5af"


def test_levels_are_concepts_and_their_absence_has_its_reason() -> None:
    """CRT-08."""
    usual, without = claim(made())["specifiedBy"], claim(made("no level"))["specifiedBy"]
    assert usual["eqfLevel"]["id"] == "http://data.europa.eu/snb/eqf/7"
    assert usual["thematicArea"]["id"] == "http://data.europa.eu/snb/isced-f/0521"
    assert [level["notation"] for level in usual["educationLevel"]] == ["second", "7"]
    assert not {"eqfLevel", "educationLevel", "thematicArea"} & set(without)
    reasons = [note["noteLiteral"]["en"] for note in without["additionalNote"]]
    assert "not applicable: Outside the framework" in reasons


def test_each_assessment_has_type_mode_mark_and_supervision() -> None:
    """CRT-09, CRT-13, CRT-14."""
    proofs = claim(made())["provenBy"]
    instruments = offering()["assessment"]["instruments"]
    assert [proof["specifiedBy"]["dcType"]["id"] for proof in proofs] == [
        ASSESSMENT_TYPES[instrument["type"]].uri for instrument in instruments
    ]
    assert {proof["specifiedBy"]["mode"]["id"] for proof in proofs} <= {
        LEARNING_MODES[name].uri for name in ("online", "on_site")
    }
    assert {proof["grade"]["noteLiteral"]["en"] for proof in proofs} == {"74"}
    assert {proof["specifiedBy"]["gradingScheme"]["title"]["en"] for proof in proofs} == {"scale 0 to 100"}
    assert {proof["idVerification"]["id"].rpartition("/")[2] for proof in proofs} == {"df2880c5cb"}


def test_a_mark_belongs_to_the_instrument_in_which_it_was_given() -> None:
    taken = snapshot()
    one, other = taken.elements.assessments[:2]
    both = replace(other, outcomes=one.outcomes)
    outcome = one.outcomes[0]
    grades = (Grade(outcome, "61", None, other.instrument), Grade(outcome, "88", None, one.instrument))
    changed = replace(taken.elements, assessments=(one, both), grades=grades)
    marks = _marks(replace(taken, elements=changed))
    assert marks == ["88", "61"]
    unknown = tuple(replace(grade, instrument=None) for grade in grades)
    assert _marks(replace(taken, elements=replace(changed, grades=unknown))) == ["passed", "passed"]
    alone = replace(changed, assessments=(one,), grades=unknown[:1])
    assert _marks(replace(taken, elements=alone)) == ["61"]


def _marks(taken: Snapshot) -> list[str]:
    proofs = listed(claim(credential(taken, LEGAL))["provenBy"])
    return [proof["grade"]["noteLiteral"]["en"] for proof in proofs]


def test_different_marks_name_their_outcomes() -> None:
    taken = snapshot()
    first, second = taken.elements.outcomes[:2]
    one = replace(taken.elements.assessments[0], outcomes=(first.id, second.id))
    grades = (Grade(first.id, "61", None, one.instrument), Grade(second.id, "88", None, one.instrument))
    changed = replace(taken, elements=replace(taken.elements, assessments=(one,), grades=grades))
    assert _marks(changed) == [f"{first.title['en']}: 61; {second.title['en']}: 88"]


def test_participation_is_stated_of_the_offering_and_of_the_activity() -> None:
    """CRT-10."""
    achieved = claim(made())
    modes = (achieved["specifiedBy"]["mode"], achieved["influencedBy"]["specifiedBy"]["mode"])
    assert {mode["id"] for mode in modes} == {LEARNING_MODES["online"].uri}


def test_quality_assurance_is_an_accreditation_with_its_agent() -> None:
    """CRT-11."""
    decision = claim(made())["specifiedBy"]["accreditation"]
    assert decision["dcType"]["id"] == QUALITY_ASSURANCE_TYPES["institutional"].uri
    assert decision["accreditingAgent"]["legalName"] == {"en": "FINEEC"}
    assert decision["description"] == {"en": "external, ex post"}
    assert decision["dateIssued"] == "2025-05-01T00:00:00Z"


@pytest.mark.parametrize(("name", "entry"), [("usual", "e207a81fc7"), ("part of a degree", "6fd4685715")])
def test_the_learning_setting_follows_from_where_the_offering_comes_from(name: str, entry: str) -> None:
    specification = claim(made(name))["specifiedBy"]
    assert specification["learningSetting"]["id"].endswith(f"/learning-setting/{entry}")
    assert specification["isPartialQualification"] is (name == "part of a degree")


def test_it_says_where_its_status_is_and_that_it_is_no_degree() -> None:
    document = made()
    assert claim(document)["supplementaryDocument"]["contentURL"] == snapshot().verify_url
    notes = [note["noteLiteral"]["en"] for note in listed(claim(document)["specifiedBy"]["additionalNote"])]
    assert NOT_A_DEGREE in notes


def test_attendance_claims_an_activity_and_nothing_that_was_assessed() -> None:
    document = made("attendance")
    activity = claim(document)
    assert activity["type"] == "LearningActivity"
    assert activity["workload"] == "PT30H"
    assert activity["additionalNote"]["noteLiteral"]["en"] == ATTENDED_ONLY
    assert activity["awardedBy"]["awardingBody"]["accreditation"]["accreditingAgent"]["legalName"]
    assert document["displayParameter"]["description"] == {"en": "Certificate of attendance"}
    text = json.dumps(document, ensure_ascii=False)
    assert "icro-credential" not in text
    assert "provenBy" not in text


def test_the_same_snapshot_gives_the_same_document() -> None:
    assert json.dumps(made()) == json.dumps(made())


def test_a_snapshot_of_an_earlier_version_keeps_its_digest() -> None:
    stored = json.loads(json.dumps(snapshot().to_json()))
    del stored["elements"]["origin"]
    for grade in stored["elements"]["grades"]:
        del grade["instrument"]
    assert json.loads(json.dumps(Snapshot.from_json(stored).to_json())) == stored
