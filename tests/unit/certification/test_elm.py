"""The European Digital Credential: the Commission's shapes accept it, every element is in it, nothing is invented."""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.certification.domain.attendance import ATTENDED_ONLY
from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot
from services.certification.formats.elm import credential
from services.certification.formats.elm_concepts import UnknownCodeError, country, language
from services.certification.formats.elm_display import UnshowableError
from services.certification.formats.elm_parties import LegalIdentifier
from shared.annex1 import ATTENDANCE, Grade, Institution, Learner, Workload
from shared.annex1.readers import elm
from shared.annex1.report import check_credential
from shared.annex1.vocabulary import ASSESSMENT_TYPES, LEARNING_MODES, QUALITY_ASSURANCE_TYPES
from tests.support.documents import offering
from tests.unit.certification.elm_shapes import SAMPLES, context, graph, needs_reference, violations
from tests.unit.certification.samples import ISSUER, elements, snapshot

LEGAL = LegalIdentifier("VATFI-03134717", "FI")
Document = dict[str, Any]


def attended() -> Snapshot:
    taken = snapshot()
    return replace(
        taken,
        elements=replace(
            taken.elements,
            document_type=ATTENDANCE,
            outcomes=(),
            assessments=(),
            grades=(),
            supervision=None,
            workload=Workload(None, 30),
        ),
    )


def recognised() -> Snapshot:
    taken = snapshot()
    first, *others = taken.elements.outcomes
    return replace(
        taken,
        elements=replace(taken.elements, outcomes=(replace(first, state="recognised"), *others)),
    )


NO_LEVEL = dict.fromkeys(("eqf", "qf_ehea_cycle", "isced_2011", "isced_f"))
VARIANTS: dict[str, Callable[[], Snapshot]] = {
    "usual": snapshot,
    "hours only": lambda: snapshot(elements=elements(document=offering(workload={"ects": None}))),
    "credits only": lambda: snapshot(
        elements=elements(document=offering(workload={"ects": "2.5", "hours": None}))
    ),
    "no level": lambda: snapshot(
        elements=elements(
            document=offering(level={**NO_LEVEL, "not_applicable_reason": "Outside the framework"})
        )
    ),
    "several bodies": lambda: snapshot(
        elements=elements(document=offering(awarding_bodies=["helsinki.fi", "kuleuven.be"]))
    ),
    "an identifier instead of a birth date": lambda: snapshot(
        elements=elements(Learner("Ona", "Žemaitytė", identifier="urn:schac:personalUniqueCode:int:esi:1"))
    ),
    "in Finnish": lambda: snapshot(elements=elements(document=offering(languages=["fi"]))),
    "part of a degree": lambda: snapshot(
        elements=elements(document=offering(origin="degree_module", stackability="integrated"))
    ),
    "an outcome recognised": recognised,
    "attendance": attended,
}


def made(name: str = "usual") -> Document:
    return credential(VARIANTS[name](), LEGAL)


@needs_reference
@pytest.mark.parametrize("name", VARIANTS)
def test_the_shapes_of_the_commission_find_nothing(name: str) -> None:
    assert violations(made(name)) == []


@needs_reference
def test_the_shapes_are_no_formality() -> None:
    document = copy.deepcopy(made())
    del document["issuer"]["eIDASIdentifier"]
    del document["displayParameter"]["individualDisplay"]
    assert len(violations(document)) >= 2
    unsigned = json.loads((SAMPLES / "Sample-MC-Annex1-unsigned.jsonld").read_text(encoding="utf-8"))
    assert len(violations(unsigned)) == 2


@needs_reference
@pytest.mark.parametrize("name", VARIANTS)
def test_no_term_is_ours_and_none_is_lost(name: str) -> None:
    """A verifier drops an undefined term without a word; a statement is lost with it."""
    document = made(name)
    known = {
        term
        for url in document["@context"]
        for term in _terms(context(url)["@context"])
        if not term.startswith("@")
    }
    assert {term for term in _terms(document, texts=False) if term != "@context"} <= known
    assert len(graph(document)) > 100


TEXTS = {"title", "description", "legalName", "prefLabel", "noteLiteral", "geographicName"}
NAMES = {"givenName", "familyName", "fullName"}


def _terms(value: Any, *, texts: bool = True) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _terms(item, texts=texts)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            if texts or name not in TEXTS | NAMES:
                yield from _terms(member, texts=texts)


def claim(document: Document) -> Document:
    found: Document = document["credentialSubject"]["hasClaim"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


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


def test_concepts_have_labels_in_the_language_of_instruction_and_in_english() -> None:
    """Every one of the European lists that we have words for; others have a label in English."""
    document = made("in Finnish")
    specification, proof = claim(document)["specifiedBy"], claim(document)["provenBy"][0]
    for concept, finnish, english in (
        (specification["eqfLevel"], "EQF-taso 7", "EQF level 7"),
        (specification["mode"], "verkko-opetus", "online"),
        (
            specification["accreditation"]["dcType"],
            "organisaation laadunvarmistus",
            "institutional quality assurance",
        ),
        (specification["educationLevel"][0], "QF-EHEA:n toinen sykli", "second cycle of the QF-EHEA"),
        (proof["specifiedBy"]["dcType"], "kirjallinen koe", "written examination"),
        (
            proof["idVerification"],
            "valvomaton, henkilöllisyys tarkistettu",
            "unsupervised with identity verification",
        ),
    ):
        assert list(concept["prefLabel"].items()) == [("fi", finnish), ("en", english)]
    assert document["displayParameter"]["description"] == {
        "fi": "Pieni osaamiskokonaisuus",
        "en": "Micro-credential",
    }


def test_it_is_told_in_the_language_of_instruction_and_in_english() -> None:
    document = made("in Finnish")
    shown = document["displayParameter"]
    assert [entry["id"].rpartition("/")[2] for entry in shown["language"]] == ["FIN", "ENG"]
    assert shown["primaryLanguage"]["prefLabel"] == {"fi": "suomi", "en": "Finnish"}
    assert shown["title"] == {"en": "Sustainability", "fi": "Kestävyys"}
    assert len({_face(each) for each in shown["individualDisplay"]}) == 2
    assert claim(document)["title"]["fi"] == "Kestävyys"
    assert document["issuer"]["legalName"]["fi"] == "Helsingin yliopisto"
    assert claim(document)["specifiedBy"]["language"]["id"].endswith("/language/FIN")


def _face(shown: Document) -> bytes:
    image = shown["displayDetail"]["image"]
    assert image["contentType"]["id"].endswith("/file-type/PNG")
    content = base64.b64decode(image["content"], validate=True)
    assert content.startswith(b"\x89PNG")
    return content


def test_a_title_that_the_picture_cannot_show_is_reported() -> None:
    taken = snapshot()
    changed = replace(taken, elements=replace(taken.elements, title={"en": "漢字"}))
    with pytest.raises(UnshowableError):
        credential(changed, LEGAL)


def test_a_title_of_any_length_is_drawn_on_one_page() -> None:
    taken = snapshot()
    long = "Sustainability of everything in every region " * 40
    changed = replace(taken, elements=replace(taken.elements, title={"en": long}))
    assert _face(credential(changed, LEGAL)["displayParameter"]["individualDisplay"])


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


def test_a_country_that_the_european_list_lacks_is_reported() -> None:
    taken = snapshot()
    nowhere = Institution("nowhere.example", {"en": "Nowhere"}, "ZZ")
    with pytest.raises(UnknownCodeError, match="'ZZ'"):
        credential(replace(taken, elements=replace(taken.elements, issuer=nowhere)), LEGAL)


@pytest.mark.parametrize(("code", "entry"), [("GR", "GRC"), ("XK", "XKX"), ("CY", "CYP"), ("GB", "GBR")])
def test_countries_have_the_three_letters_of_the_european_list(code: str, entry: str) -> None:
    assert country(code)["id"] == f"http://publications.europa.eu/resource/authority/country/{entry}"


@pytest.mark.parametrize(
    ("code", "entry"),
    [("el", "ELL"), ("fi", "FIN"), ("de-AT", "DEU"), ("lt", "LIT"), ("sme", "SME"), ("tlh", None)],
)
def test_languages_have_the_three_letters_of_the_european_list(code: str, entry: str | None) -> None:
    if entry is None:
        with pytest.raises(UnknownCodeError, match=code):
            language(code)
    else:
        assert language(code)["id"].endswith(f"/language/{entry}")


def test_a_snapshot_of_an_earlier_version_keeps_its_digest() -> None:
    stored = json.loads(json.dumps(snapshot().to_json()))
    del stored["elements"]["origin"]
    for grade in stored["elements"]["grades"]:
        del grade["instrument"]
    assert json.loads(json.dumps(Snapshot.from_json(stored).to_json())) == stored


def at(document: Document, *path: str) -> list[Document]:
    """The nodes at the end of `path`, through lists."""
    found = [document]
    for member in path:
        found = [child for node in found for child in listed(node.get(member, []))]
    return found


def drop(*path: str) -> Callable[[Document], None]:
    """Delete the last member of `path` wherever the path leads."""

    def delete(document: Document) -> None:
        for node in at(document, *path[:-1]):
            node.pop(path[-1], None)

    return delete


CLAIM = ("credentialSubject", "hasClaim")
SPECIFIED = (*CLAIM, "specifiedBy")
DELETIONS: dict[int, list[Callable[[Document], None]]] = {
    1: [drop("credentialSubject", name) for name in ("fullName", "givenName", "familyName")],
    2: [drop(*CLAIM, "title")],
    3: [drop("issuer", "location")],
    4: [drop(*CLAIM, "awardedBy", "awardingBody")],
    5: [drop(name) for name in ("issued", "issuanceDate", "validFrom")]
    + [drop(*CLAIM, "awardedBy", "awardingDate")],
    6: [drop(*SPECIFIED, "learningOutcome")],
    7: [drop(*SPECIFIED, name) for name in ("creditPoint", "volumeOfLearning")],
    8: [drop(*SPECIFIED, name) for name in ("eqfLevel", "educationLevel")],
    9: [drop(*CLAIM, "provenBy", "specifiedBy", "dcType")],
    10: [drop(*SPECIFIED, "mode"), drop(*CLAIM, "influencedBy", "specifiedBy", "mode")],
    11: [drop(*SPECIFIED, "accreditation")],
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_gate_for_any_credential_finds_every_element(name: str) -> None:
    taken = VARIANTS[name]()
    report = check_credential(made(name), [body.id for body in taken.elements.awarding_bodies])
    assert (report.findings, report.document_type) == ((), taken.elements.document_type)


@pytest.mark.parametrize("number", DELETIONS)
def test_the_deletion_of_an_element_is_noticed_by_its_number(number: int) -> None:
    document = copy.deepcopy(made())
    for delete in DELETIONS[number]:
        delete(document)
    assert {finding.element for finding in check_credential(document).findings} == {number}


def test_a_body_that_is_not_named_is_noticed() -> None:
    document = made("several bodies")
    del claim(document)["awardedBy"]["awardingBody"][1]
    findings = check_credential(document, ["helsinki.fi", "kuleuven.be"]).findings
    assert [finding.element for finding in findings] == [4]


@pytest.mark.parametrize("name", VARIANTS)
def test_nothing_is_lost_on_the_way_through_the_document(name: str) -> None:
    """What the reader of strangers' credentials finds is what the snapshot says."""
    elements_, found = VARIANTS[name]().elements, elm.read(made(name))
    attended_only = elements_.document_type == ATTENDANCE

    def values(facts: Any) -> set[Any]:
        return {fact.value for fact in facts}

    assert values(found.names) == {elements_.learner.full_name}
    assert values(found.birth_dates) == (
        {f"{elements_.learner.date_of_birth}T00:00:00Z"} if elements_.learner.date_of_birth else set()
    )
    assert values(found.identifiers) == ({elements_.learner.identifier} - {None})
    assert values(found.titles) == set(elements_.title.values())
    assert values(found.countries) == {"FIN"}
    assert {body.id for body in elements_.awarding_bodies} <= {
        identifier for body in found.awarding_bodies for identifier in body.identifiers
    }
    assert [set(outcome.titles) for outcome in found.outcomes] == [
        set(outcome.title.values()) for outcome in elements_.outcomes
    ]
    assert [outcome.skills for outcome in found.outcomes] == [each.esco for each in elements_.outcomes]
    if not attended_only:
        assert values(found.credits) == {elements_.workload.ects} - {None}
        assert {(level.scheme, level.value) for level in found.levels} == {
            (scheme, value)
            for scheme in ("eqf", "qf_ehea_cycle", "isced_2011", "isced_f")
            if (value := getattr(elements_.level, scheme)) is not None
        }
        assert values(found.no_level) == {elements_.level.not_applicable_reason} - {None}
        assert values(found.prerequisites) == set(elements_.prerequisites.values())
    hours = elements_.workload.hours
    assert values(found.hours) == (set() if hours is None else {str(hours)})
    assert [kind.uri for kind in found.assessment_types] == list(
        dict.fromkeys(ASSESSMENT_TYPES[each.type or ""].uri for each in elements_.assessments)
    )
    assert {mode.uri for mode in found.participation} == {LEARNING_MODES[elements_.participation or ""].uri}
    assert {kind.uri for kind in found.quality_assurance} == {
        QUALITY_ASSURANCE_TYPES[elements_.quality_assurance.type or ""].uri
    }
