"""A snapshot as the claims of an SD-JWT VC of type `urn:eu.europa.ec.eudi:learning:credential:1`, not yet signed.

The type has no claim for elements 9 and 10, for several awarding bodies and for levels beside that of the EQF: our own
claims stand in, described in `shared.annex1.readers.sd_jwt`. Texts are in the language of instruction. What belongs to
the act of signing (`iss`, `iat`, `exp`, `cnf`, `status`) is added by whoever signs.
"""

from collections.abc import Iterator
from typing import Any, Final

from services.certification.domain.larger import PartReference
from services.certification.domain.snapshot import Snapshot, text_in
from shared.annex1 import MICRO_CREDENTIAL, Level
from shared.annex1.readers.sd_jwt import TYPE
from shared.annex1.vocabulary import (
    ASSESSMENT_TYPES,
    LEARNING_MODES,
    QF_EHEA_CYCLES,
    QUALITY_ASSURANCE_TYPES,
    Concept,
    supervision_concept,
)
from shared.annex1.wording import NOT_APPLICABLE, decision_text, workload_text

Claim = tuple[str, Any]

PARTS: Final = "stacked_credentials"
"""The certificates that a larger one is made of, each by its id and digest."""

ALWAYS_OPEN: Final = frozenset(
    {
        "vct",
        "jti",
        "issuing_authority",
        "issuing_authority_id",
        "issuing_country",
        "issuing_region",
        "awarding_bodies",
        "date_of_issuance",
        "achievement_title",
        "achievement_description",
        "language_of_classes",
    }
)
"""The claims that are part of every presentation; each of the others is disclosed as a whole, or not."""


def claims(snapshot: Snapshot) -> dict[str, Any]:
    """The claims of the certificate: a function of the snapshot alone, without empty ones.

    Raises:
        ValueError: it certifies attendance, which this type of credential does not know.
    """
    if snapshot.elements.document_type != MICRO_CREDENTIAL:
        raise ValueError("attendance has no learning credential")
    made = {
        "vct": TYPE,
        "jti": snapshot.credential_id,
        **dict(_parties(snapshot)),
        **dict(_achievement(snapshot)),
        **dict(_levels(snapshot.elements.level)),
        **dict(_ways_of_learning(snapshot)),
        **dict(_optional(snapshot)),
    }
    return {name: value for name, value in made.items() if value is not None and value not in ("", [])}


def _parties(snapshot: Snapshot) -> Iterator[Claim]:
    """Elements 1, 3, 4 and 5. A person of one name has it as family name: the type asks for that one."""
    elements, learner, language = snapshot.elements, snapshot.elements.learner, snapshot.language
    yield "family_name", learner.family_name or learner.given_name
    yield "given_name", learner.given_name if learner.family_name else None
    yield "birthdate", learner.date_of_birth
    yield "learner_identification", learner.identifier or f"urn:uuid:{snapshot.enrolment_id}"
    yield "issuing_authority", text_in(elements.issuer.name, language)
    yield "issuing_authority_id", elements.issuer.id
    yield "issuing_country", elements.issuer.country
    yield "issuing_region", elements.issuer.region
    if [body.id for body in elements.awarding_bodies] != [elements.issuer.id]:
        bodies = [{"id": body.id, "name": text_in(body.name, language)} for body in elements.awarding_bodies]
        yield "awarding_bodies", bodies
    yield "date_of_issuance", elements.issued_on


def _achievement(snapshot: Snapshot) -> Iterator[Claim]:
    """Elements 2, 6 and 7."""
    elements, language = snapshot.elements, snapshot.language
    yield "achievement_title", text_in(elements.title, language)
    yield "achievement_description", text_in(elements.description, language)
    yield "language_of_classes", list(elements.languages)
    yield "learning_outcomes", [text_in(outcome.title, language) for outcome in elements.outcomes]
    yield (
        "esco_skills",
        [
            {"outcome": text_in(outcome.title, language), "skill": skill}
            for outcome in elements.outcomes
            for skill in outcome.esco
        ],
    )
    yield "expected_study_time", workload_text(elements.workload)


def _levels(level: Level) -> Iterator[Claim]:
    """Element 8. Where there is no EQF level, the type's own claim says the other one, or why none applies."""
    cycle = QF_EHEA_CYCLES.get(level.qf_ehea_cycle or "")
    isced = None if level.isced_2011 is None else f"ISCED 2011 level {level.isced_2011}"
    reason = level.not_applicable_reason
    unlevelled = None if reason is None else f"{NOT_APPLICABLE}{reason}"
    yield "level_of_learning_experience", level.eqf or unlevelled or cycle or isced
    yield "qf_ehea_cycle", level.qf_ehea_cycle
    yield "isced_2011", level.isced_2011
    yield "isced_f", level.isced_f


def _ways_of_learning(snapshot: Snapshot) -> Iterator[Claim]:
    """Elements 9, 10 and 11."""
    elements = snapshot.elements
    kinds = dict.fromkeys(assessment.type or "" for assessment in elements.assessments)
    yield (
        "types_of_assessment",
        [_concept(ASSESSMENT_TYPES[kind]) for kind in kinds if kind in ASSESSMENT_TYPES],
    )
    if mode := LEARNING_MODES.get(elements.participation or ""):
        yield "form_of_participation", _concept(mode)
    if kind := QUALITY_ASSURANCE_TYPES.get(elements.quality_assurance.type or ""):
        yield "types_of_quality_assurance", [f"{kind.label}: {decision_text(elements.quality_assurance)}"]


def _concept(concept: Concept) -> dict[str, str]:
    return {"id": concept.uri, "label": concept.label}


def _optional(snapshot: Snapshot) -> Iterator[Claim]:
    elements, language = snapshot.elements, snapshot.language
    prerequisites = text_in(elements.prerequisites, language)
    yield "prerequisites_to_enroll", [prerequisites] if prerequisites else None
    if how := elements.supervision:
        concept = supervision_concept(how.supervision, identity_verified=how.identity_verified)
        yield "supervision_and_identity_verification", _concept(concept)
    yield from _grades(snapshot)
    if elements.stackability is not None:
        yield "integration_stackability_options", elements.stackability == "integrated"
    yield "further_information", text_in(elements.further_information, language)
    if snapshot.stack is not None:
        yield PARTS, [_stacked(part, language) for part in snapshot.stack.parts]


def _stacked(part: PartReference, language: str) -> dict[str, str]:
    """A certificate that a larger one is made of."""
    title, issuer = text_in(part.title, language), text_in(part.issuer_name, language)
    return {"id": part.credential_id, "title": title, "issuer": issuer, "digest": part.digest}


def _grades(snapshot: Snapshot) -> Iterator[Claim]:
    """One line for people, and each mark with its outcome and its own scale (CRT-14)."""
    titles = {outcome.id: text_in(outcome.title, snapshot.language) for outcome in snapshot.elements.outcomes}
    grades = [
        {"outcome": titles.get(grade.outcome, grade.outcome), "grade": grade.value, "scale": grade.scale}
        for grade in snapshot.elements.grades
    ]
    values = list(dict.fromkeys(grade["grade"] for grade in grades))
    several = "; ".join(f"{grade['outcome']}: {grade['grade']}" for grade in grades)
    yield "assessment_grade", values[0] if len(values) == 1 else several
    yield "assessment_grades", grades
