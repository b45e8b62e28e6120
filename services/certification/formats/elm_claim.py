"""What is claimed of the learner: an achievement with its proofs, or only an activity that was attended."""

from typing import Any

from services.certification.domain.attendance import ATTENDED_ONLY
from services.certification.domain.larger import PartReference
from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.formats.elm_concepts import Node, language, listed, node
from services.certification.formats.elm_parties import awarded_part, awarding, shown_languages, texts, worded
from services.certification.formats.elm_specification import accreditation, hours, mode, qualification
from shared.annex1 import ATTENDANCE, Assessment, Grade
from shared.annex1.vocabulary import (
    ASSESSMENT_SCHEME,
    ASSESSMENT_TYPES,
    LEARNING_MODES,
    MODE_SCHEME,
    SUPERVISION_LEVELS,
    SUPERVISION_SCHEME,
    scale_label,
    supervision_concept,
)


def claim(snapshot: Snapshot) -> Node:
    """The one claim of the credential.

    Raises:
        UnknownCodeError: a country or language is not on the European lists.
    """
    if snapshot.elements.document_type == ATTENDANCE:
        return _attendance(snapshot)
    return node(
        f"{snapshot.credential_id}#achievement",
        "LearningAchievement",
        title=texts(snapshot.elements.title),
        awardedBy=awarding(snapshot),
        provenBy=[_proof(snapshot, assessment) for assessment in snapshot.elements.assessments],
        influencedBy=_activity(snapshot, awarding(snapshot, "activity")),
        specifiedBy=qualification(snapshot),
        supplementaryDocument=_verification_page(snapshot),
        hasPart=[_part(snapshot, part) for part in snapshot.stack.parts]
        if snapshot.stack is not None
        else None,
    )


def _part(snapshot: Snapshot, part: PartReference) -> Node:
    """An achievement that a larger one is made of, by the number and the digest of its certificate."""
    base = f"{part.credential_id}#achievement"
    return node(
        base,
        "LearningAchievement",
        title=texts(part.title),
        identifier=[
            node(
                f"{base}-number",
                "Identifier",
                notation=part.certificate_id,
                schemeName="Certificate number",
            ),
            node(
                f"{base}-digest",
                "Identifier",
                notation=part.digest,
                schemeName="Digest of the signed credential",
            ),
        ],
        awardedBy=awarded_part(snapshot, part),
    )


def _attendance(snapshot: Snapshot) -> Node:
    """Attendance achieves nothing that is assessed, so its quality assurance is that of the confirming body."""
    note = node(
        f"{snapshot.credential_id}#not-assessed",
        "Note",
        noteLiteral={"en": ATTENDED_ONLY},
    )
    return _activity(
        snapshot,
        awarding(snapshot, accreditation=accreditation(snapshot)),
        workload=hours(snapshot),
        additionalNote=note,
        supplementaryDocument=_verification_page(snapshot),
    )


def _activity(snapshot: Snapshot, award: Node, **members: Any) -> Node:
    """Element 10: what the learner took part in, and in which form."""
    elements, shown = snapshot.elements, shown_languages(snapshot)
    specification = node(
        f"{snapshot.offering_url}#activity",
        "LearningActivitySpecification",
        title=texts(elements.title),
        mode=mode(snapshot),
        language=[language(code, shown) for code in elements.languages],
    )
    return node(
        f"{snapshot.credential_id}#activity",
        "LearningActivity",
        title=texts(elements.title),
        awardedBy=award,
        specifiedBy=specification,
        **members,
    )


def _proof(snapshot: Snapshot, assessment: Assessment) -> Node:
    """Element 9: one instrument with the mark on its own scale, supervision and identity check."""
    name = f"{snapshot.credential_id}#assessment-{assessment.instrument}"
    grades = _grades(snapshot, assessment)
    scale = next((grade.scale for grade in grades if grade.scale), None)
    title = texts(assessment.title) or {"en": assessment.instrument}
    specification = node(
        f"{snapshot.offering_url}#assessment-{assessment.instrument}",
        "LearningAssessmentSpecification",
        title=title,
        dcType=listed(
            ASSESSMENT_TYPES.get(assessment.type or ""),
            ASSESSMENT_SCHEME,
            worded(snapshot, f"type.{assessment.type}"),
        ),
        mode=listed(
            LEARNING_MODES.get(assessment.mode or ""),
            MODE_SCHEME,
            worded(snapshot, f"mode.{assessment.mode}"),
        ),
        gradingScheme=scale
        and node(f"{snapshot.offering_url}#scale-{scale}", "GradingScheme", title={"en": scale_label(scale)}),
    )
    return node(
        name,
        "LearningAssessment",
        title=title,
        description=_assessed_outcomes(snapshot, assessment),
        awardedBy=awarding(snapshot, assessment.instrument),
        grade=node(f"{name}-grade", "Note", noteLiteral=_marks(snapshot, grades)),
        idVerification=_supervision(snapshot),
        specifiedBy=specification,
    )


def _supervision(snapshot: Snapshot) -> Node | None:
    """The weakest supervision that counted stands for every assessment (CRT-13)."""
    how = snapshot.elements.supervision
    if how is None:
        return None
    known = supervision_concept(how.supervision, identity_verified=how.identity_verified)
    watched = "unwatched" if how.supervision == SUPERVISION_LEVELS[0] else "watched"
    key = f"{watched}.{'identified' if how.identity_verified else 'anonymous'}"
    return listed(known, SUPERVISION_SCHEME, worded(snapshot, key))


def _grades(snapshot: Snapshot, assessment: Assessment) -> list[Grade]:
    """The marks of this instrument; a mark without one belongs to the only instrument of its outcome, if to any."""
    proven = [outcome for each in snapshot.elements.assessments for outcome in each.outcomes]
    return [
        grade
        for grade in snapshot.elements.grades
        if grade.outcome in assessment.outcomes
        and (
            grade.instrument == assessment.instrument
            if grade.instrument
            else proven.count(grade.outcome) == 1
        )
    ]


def _marks(snapshot: Snapshot, grades: list[Grade]) -> dict[str, str]:
    values = dict.fromkeys(grade.value for grade in grades)
    if not values:
        return {"en": "passed"}
    if len(values) == 1:
        return dict.fromkeys(shown_languages(snapshot), next(iter(values)))
    return {
        shown: "; ".join(f"{_title(snapshot, grade.outcome, shown)}: {grade.value}" for grade in grades)
        for shown in shown_languages(snapshot)
    }


def _assessed_outcomes(snapshot: Snapshot, assessment: Assessment) -> dict[str, str]:
    return {
        shown: "; ".join(_title(snapshot, outcome, shown) for outcome in assessment.outcomes)
        for shown in shown_languages(snapshot)
    }


def _title(snapshot: Snapshot, outcome_id: str, shown: str) -> str:
    titles = (outcome.title for outcome in snapshot.elements.outcomes if outcome.id == outcome_id)
    return text_in(next(titles, {}), shown) or outcome_id


def _verification_page(snapshot: Snapshot) -> Node:
    """Where anybody sees whether the certificate still stands: the shapes leave no room for a status entry."""
    return node(
        snapshot.verify_url,
        "WebResource",
        title={"en": "Verification and present status of this certificate"},
        contentURL=snapshot.verify_url,
    )
