"""European documents of ours before the gate for any credential: complete, each gap noticed, nothing lost."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from shared.annex1 import ATTENDANCE
from shared.annex1.readers import elm
from shared.annex1.report import check_credential
from shared.annex1.vocabulary import ASSESSMENT_TYPES, LEARNING_MODES, QUALITY_ASSURANCE_TYPES
from tests.unit.certification.elm_documents import VARIANTS, Document, claim, listed, made


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
