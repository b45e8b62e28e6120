"""A larger certificate: exact sums, nothing of a part lost or hidden, its parts named in every format."""

import base64
import copy
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from services.certification.domain.award import STACKED, Award, Completion
from services.certification.domain.guard import enrolment_facts, missing_facts
from services.certification.domain.larger import PartReference, Said, StackReference, larger_elements
from services.certification.domain.snapshot import Snapshot, Version
from services.certification.formats.canonical import canonical_form
from services.certification.formats.elm import credential as european
from services.certification.formats.elm_parties import LegalIdentifier
from services.certification.formats.openbadges import credential as badge
from services.certification.formats.page import content
from services.certification.formats.pdf import certificate_pdf
from services.certification.formats.sd_jwt_claims import claims
from services.certification.formats.shelf import load_shelved
from services.certification.formats.wallet_metadata import CLAIM_NAMES
from shared.annex1 import Elements, Supervision, Workload, check
from shared.annex1.report import check_credential
from tests.support.documents import agreement, offering
from tests.support.stacking import rule
from tests.support.tagged_pdf import printed
from tests.support.three_texts import differences
from tests.unit.certification.elm_shapes import needs_reference, violations
from tests.unit.certification.samples import LEARNER, elements, signed, snapshot
from tests.unit.certification.test_openbadges import SCHEMA, needs_schema

LEGAL = LegalIdentifier("VATFI-03134717", "FI")
RULE = rule()
CLAUSE = {"issuer": "helsinki.fi", "awarding_bodies": ["helsinki.fi"]}
URBAN = offering(
    id="urban-climate",
    title={"en": "Urban climate", "nl": "Stadsklimaat"},
    languages=["en", "nl"],
    workload={"ects": "2.5", "hours": 65},
    issuer="kuleuven.be",
)
SAID = (Said("sustainability", elements()), Said("urban-climate", elements(document=URBAN)))


def part(said: Said, number: int) -> PartReference:
    issuer = said.elements.issuer
    return PartReference(
        certificate_id=f"5f0e3f2a-7c59-4a55-9a5e-0c6f3a1f2b{number:02}",
        offering_id=said.offering_id,
        offering_version=1,
        title=said.elements.title,
        issuer=issuer.id,
        issuer_name=issuer.name,
        issuer_country=issuer.country,
        ects=said.elements.workload.ects,
        digest="sha256:" + hashlib.sha256(bytes([number])).hexdigest(),
    )


STACK = StackReference(
    id="1d0b6c0e-6f0a-5d1b-9a55-3c0f7a1e2b44",
    criteria_version="1",
    criteria=RULE["criteria"]["text"],
    entails=RULE["entails"],
    granted_on="2026-11-03",
    parts=tuple(part(said, number) for number, said in enumerate(SAID, start=1)),
)


def whole(*parts: Said) -> Elements:
    return larger_elements(RULE, agreement(), LEARNER, parts or SAID, issued_on=date(2026, 11, 3))


def larger(**changes: Any) -> Snapshot:
    return snapshot(
        **{
            "elements": whole(),
            "stack": STACK,
            "offering": Version("green-transition", 1, "sha256:05"),
            **changes,
        }
    )


def test_the_gate_finds_all_eleven_elements() -> None:
    made = whole()
    assert check(made, CLAUSE) == ()
    assert (made.workload.ects, made.workload.hours) == ("12.5", 335)
    assert made.languages == ("en", "nl")
    assert [body.id for body in made.awarding_bodies] == ["helsinki.fi"]


def test_two_parts_with_the_same_ids_hide_nothing_of_each_other() -> None:
    made = whole()
    identifiers = [outcome.id for outcome in made.outcomes]
    assert len(identifiers) == len(set(identifiers)) == 10
    proven = {outcome for assessment in made.assessments for outcome in assessment.outcomes}
    assert proven == set(identifiers)
    assert {grade.outcome for grade in made.grades} == set(identifiers)


amounts = st.lists(
    st.one_of(st.none(), st.decimals("0.001", "999", places=3).map(str)), min_size=1, max_size=12
)


@given(amounts)
def test_credits_are_added_up_exactly_or_not_at_all(ects: list[str | None]) -> None:
    parts = [
        Said(f"part-{number}", replace(elements(), workload=Workload(each, None)))
        for number, each in enumerate(ects)
    ]
    stated = whole(*parts).workload.ects
    if None in ects:
        assert stated is None
    else:
        assert stated is not None
        assert Decimal(stated) == sum(Decimal(each) for each in ects if each is not None)


def test_a_part_that_does_not_say_its_supervision_leaves_it_open() -> None:
    weak = Supervision("unsupervised", identity_verified=False)
    first, second = SAID
    assert whole(first, Said("x", replace(second.elements, supervision=weak))).supervision == weak
    assert whole(first, Said("x", replace(second.elements, supervision=None))).supervision is None


def test_an_element_that_a_part_lacks_stays_missing_by_name() -> None:
    empty = Said("x", replace(elements(), outcomes=()))
    assert [missing.element for missing in check(whole(empty), CLAUSE)] == [6]


def test_a_larger_award_needs_no_enrolment_and_every_other_one_does() -> None:
    proof = Completion(1, "achieved", "sha256:a", datetime(2026, 11, 3, tzinfo=UTC))
    award = Award("award-1", "stack-1", "learner-1", "green-transition", 1, STACKED, completion=proof)
    assert award.due
    assert enrolment_facts(award) == ()
    assert missing_facts(award, whole(), {**CLAUSE, "conditions": []}) == ()
    assert enrolment_facts(replace(award, track="assessed")) != ()


def test_the_snapshot_survives_json_and_earlier_ones_keep_their_digest() -> None:
    taken = larger()
    assert Snapshot.from_json(json.loads(json.dumps(taken.to_json()))) == taken
    assert "stack" not in snapshot().to_json()
    fewer = replace(STACK, parts=STACK.parts[:1])
    assert larger(stack=fewer).digest != taken.digest


# In every format


@needs_schema
def test_the_strict_schema_of_1edtech_accepts_it() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = jsonschema_rs.validator_for(schema).iter_errors(signed(larger()))
    assert [f"{list(error.instance_path)}: {error.message}" for error in errors] == []


def test_the_badge_names_each_part_by_id_and_digest() -> None:
    document = badge(larger())
    assert check_credential(document, ["helsinki.fi"]).complete
    found = {each["id"]: each["digestSRI"] for each in document["relatedResource"]}
    wanted = {
        each.credential_id: "sha256-" + base64.b64encode(bytes.fromhex(each.digest[7:])).decode()
        for each in STACK.parts
    }
    assert found == wanted
    related = document["credentialSubject"]["achievement"]["related"]
    assert [each["id"] for each in related] == [
        "https://certificates.example.org/admission/v1/offerings/sustainability/versions/1",
        "https://certificates.example.org/admission/v1/offerings/urban-climate/versions/1",
    ]
    assert document["credentialSubject"]["achievement"]["id"] == (
        "https://certificates.example.org/admission/v1/agreements/una-europa/versions/1"
        "/stacking-rules/green-transition"
    )


def test_its_canonical_form_is_that_of_everybody_and_holds_the_digests() -> None:
    document = badge(larger())
    options = {
        "documentLoader": load_shelved,
        "base": None,
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
    }
    form = canonical_form(document)
    assert form == jsonld.normalize(copy.deepcopy(document), options)
    for each in document["relatedResource"]:
        assert each["digestSRI"] in form
    document["relatedResource"][0]["digestSRI"] = "sha256-" + "A" * 43 + "="
    assert canonical_form(document) != form


@needs_reference
def test_the_shapes_of_the_commission_find_nothing() -> None:
    assert violations(european(larger(), LEGAL)) == []


def test_the_european_credential_names_each_part_by_number_and_digest() -> None:
    document = european(larger(), LEGAL)
    assert check_credential(document, ["helsinki.fi"]).complete
    parts = document["credentialSubject"]["hasClaim"]["hasPart"]
    found = [tuple(identifier["notation"] for identifier in each["identifier"]) for each in parts]
    assert found == [(each.certificate_id, each.digest) for each in STACK.parts]


def test_the_wallet_s_credential_and_the_printed_page_name_them_too() -> None:
    made = claims(larger())
    assert made.keys() - {"vct", "jti"} <= CLAIM_NAMES.keys(), "a wallet can show each by a name"
    assert check_credential(made, ["helsinki.fi"]).complete
    assert [each["digest"] for each in made["stacked_credentials"]] == [each.digest for each in STACK.parts]
    (row,) = [row for row in content(larger())["rows"] if row["label"][0]["text"] == "Made of"]
    said = [item[0]["text"].replace(" ", "") for item in row["items"]]
    for each, text in zip(STACK.parts, said, strict=True):
        assert each.digest.removeprefix("sha256:") in text
        assert each.certificate_id in text


@pytest.mark.parametrize("make", [badge, lambda taken: european(taken, LEGAL), claims, content])
def test_a_certificate_that_is_made_of_nothing_else_says_nothing_of_parts(make: Any) -> None:
    said = json.dumps(make(snapshot()))
    for word in ("relatedResource", "hasPart", "stacked_credentials", "Made of", '"related"'):
        assert word not in said


def test_paper_badge_and_european_credential_say_the_same_of_every_element() -> None:
    taken = larger()
    documents = (json.loads(json.dumps(made)) for made in (badge(taken), european(taken, LEGAL)))
    assert set(differences(printed(certificate_pdf(taken, ())), *documents)) == set()
