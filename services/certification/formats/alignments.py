"""What Open Badges has no member for: alignments with `ext:` target types and the URIs of European vocabularies.

Elements 6 and 8 to 11, several awarding bodies, supervision (`certificate.md` section 1).
"""

from collections.abc import Iterator
from typing import Any

from services.certification.domain.snapshot import Snapshot, text_in
from shared.annex1 import ATTENDANCE, Elements, Institution, Level
from shared.annex1.vocabulary import (
    ACCREDITATION_SCHEME,
    ASSESSMENT_SCHEME,
    ASSESSMENT_TYPES,
    CYCLES_URL,
    EQF_LEVELS,
    EQF_SCHEME,
    ISCED_2011_URL,
    LEARNING_MODES,
    MODE_SCHEME,
    QF_EHEA_CYCLES,
    QUALITY_ASSURANCE_TYPES,
    SUPERVISION_SCHEME,
    isced_field,
    supervision_concept,
)
from shared.annex1.wording import decision_text

Node = dict[str, Any]
Target = tuple[str, str, str, Node]


def alignments(snapshot: Snapshot) -> Iterator[Node]:
    """The alignments of the achievement, numbered in the order of Annex I."""
    for number, (kind, name, target, extra) in enumerate(_targets(snapshot), start=1):
        yield {
            "id": f"{snapshot.offering_url}#alignment-{number}",
            "type": ["Alignment"],
            "targetType": f"ext:{kind}",
            "targetName": name,
            "targetUrl": target,
            **extra,
        }


def _targets(snapshot: Snapshot) -> Iterator[Target]:
    elements = snapshot.elements
    yield from _outcome_targets(snapshot)
    attended = elements.document_type == ATTENDANCE
    if attended or [body.id for body in elements.awarding_bodies] != [elements.issuer.id]:
        kind = "ConfirmingBody" if attended else "AwardingBody"
        for body in elements.awarding_bodies:
            yield kind, text_in(body.name, snapshot.language), _address_of(snapshot, body), {}
    yield from _level_targets(elements.level)
    for type_ in dict.fromkeys(assessment.type for assessment in elements.assessments):
        if concept := ASSESSMENT_TYPES.get(type_ or ""):
            yield "AssessmentType", concept.label, concept.uri, {"targetFramework": ASSESSMENT_SCHEME}
    if mode := LEARNING_MODES.get(elements.participation or ""):
        yield "LearningMode", mode.label, mode.uri, {"targetFramework": MODE_SCHEME}
    yield from _quality_targets(elements)


def _outcome_targets(snapshot: Snapshot) -> Iterator[Target]:
    for outcome in snapshot.elements.outcomes:
        title = text_in(outcome.title, snapshot.language)
        how = "recognised from prior learning" if outcome.state == "recognised" else "assessed"
        description = f"{outcome.kind}, {how}" if outcome.kind else how
        target = f"{snapshot.offering_url}#outcome-{outcome.id}"
        yield (
            "LearningOutcome",
            title,
            target,
            {"targetCode": outcome.id, "targetDescription": description},
        )
        for skill in outcome.esco:
            yield "ESCOSkill", title, skill, {"targetFramework": "ESCO"}


def _address_of(snapshot: Snapshot, body: Institution) -> str:
    return body.website or f"{snapshot.base_url}/certification/issuers/{body.id}/did.json"


def _level_targets(level: Level) -> Iterator[Target]:
    if level.not_applicable_reason is not None:
        yield "EQF", f"not applicable: {level.not_applicable_reason}", EQF_SCHEME, {}
    if level.eqf is not None:
        concept = EQF_LEVELS[level.eqf]
        yield "EQF", concept.label, concept.uri, {"targetFramework": "European Qualifications Framework"}
    if level.qf_ehea_cycle is not None:
        yield (
            "QFEHEA",
            QF_EHEA_CYCLES[level.qf_ehea_cycle],
            CYCLES_URL,
            {"targetCode": level.qf_ehea_cycle},
        )
    if level.isced_2011 is not None:
        code = str(level.isced_2011)
        yield "ISCED2011", f"ISCED 2011 level {code}", ISCED_2011_URL, {"targetCode": code}
    if level.isced_f is not None:
        field = isced_field(level.isced_f)
        yield "ISCEDF", field.label, field.uri, {"targetCode": level.isced_f}


def _quality_targets(elements: Elements) -> Iterator[Target]:
    decision = elements.quality_assurance
    if concept := QUALITY_ASSURANCE_TYPES.get(decision.type or ""):
        extra = {
            "targetFramework": ACCREDITATION_SCHEME,
            "targetDescription": decision_text(decision),
        }
        yield "QualityAssurance", concept.label, concept.uri, extra
    if elements.supervision is not None:
        concept = supervision_concept(
            elements.supervision.supervision, identity_verified=elements.supervision.identity_verified
        )
        yield "Supervision", concept.label, concept.uri, {"targetFramework": SUPERVISION_SCHEME}
