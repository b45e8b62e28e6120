"""What was to be learnt, as a Qualification: the one class with levels and accreditation (elements 6 to 8, 10, 11)."""

from collections.abc import Iterator
from typing import Final

from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot
from services.certification.formats.elm_concepts import (
    ESCO_SKILLS,
    Node,
    concept,
    language,
    listed,
    node,
    vocabulary_concept,
)
from services.certification.formats.elm_parties import location, shown_languages, texts, worded
from shared.annex1 import Outcome, Text
from shared.annex1.vocabulary import (
    ACCREDITATION_SCHEME,
    CYCLES_URL,
    EQF_LEVELS,
    EQF_SCHEME,
    ISCED_2011_URL,
    ISCED_F_SCHEME,
    LEARNING_MODES,
    MODE_SCHEME,
    QF_EHEA_CYCLES,
    QUALITY_ASSURANCE_TYPES,
    isced_field,
)

_SETTINGS: Final = {
    "degree_module": ("6fd4685715", "formal learning"),
    "stand_alone": ("e207a81fc7", "non-formal learning"),
}
_PARTIAL: Final = {"stand_alone": False, "integrated": True}


def qualification(snapshot: Snapshot) -> Node:
    """The specification behind the achievement, under the public address of the offering version.

    Raises:
        UnknownCodeError: a country or language is not on the European lists.
    """
    elements, url, level = snapshot.elements, snapshot.offering_url, snapshot.elements.level
    return node(
        url,
        "Qualification",
        title=texts(elements.title),
        description=texts(elements.description),
        language=[language(code, shown_languages(snapshot)) for code in elements.languages],
        learningOutcome=[_outcome(snapshot, outcome) for outcome in elements.outcomes],
        volumeOfLearning=hours(snapshot),
        creditPoint=credit_points(snapshot),
        eqfLevel=eqf_level(snapshot),
        educationLevel=list(_education_levels(snapshot)),
        thematicArea=listed(isced_field(level.isced_f) if level.isced_f else None, ISCED_F_SCHEME),
        mode=mode(snapshot),
        learningSetting=_setting(snapshot),
        accreditation=accreditation(snapshot),
        entryRequirement=_note(f"{url}#prerequisites", elements.prerequisites),
        additionalNote=list(_notes(snapshot)),
        isPartialQualification=_PARTIAL.get(elements.stackability or ""),
    )


def hours(snapshot: Snapshot) -> str | None:
    """Element 7 in hours, as an ISO 8601 duration."""
    count = snapshot.elements.workload.hours
    return None if count is None else f"PT{count}H"


def credit_points(snapshot: Snapshot) -> Node | None:
    """Element 7 in ECTS credits."""
    points = snapshot.elements.workload.ects
    if points is None:
        return None
    return node(
        f"{snapshot.offering_url}#credits",
        "CreditPoint",
        framework=vocabulary_concept("education-credit", "6fcec5c5af", "European Credit Transfer System"),
        point=points,
    )


def mode(snapshot: Snapshot) -> Node | None:
    """Element 10."""
    code = snapshot.elements.participation or ""
    return listed(LEARNING_MODES.get(code), MODE_SCHEME, worded(snapshot, f"mode.{code}"))


def eqf_level(snapshot: Snapshot) -> Node | None:
    """The level that element 8 states in the European Qualifications Framework."""
    level = snapshot.elements.level.eqf or 0
    return listed(EQF_LEVELS.get(level), EQF_SCHEME, worded(snapshot, "eqf", number=level))


def accreditation(snapshot: Snapshot) -> Node | None:
    """Element 11. The model asks where the accrediting agent is; the record says only in whose system it decided."""
    decision, base = snapshot.elements.quality_assurance, f"{snapshot.offering_url}#quality-assurance"
    kind = QUALITY_ASSURANCE_TYPES.get(decision.type or "")
    if kind is None or not decision.body:
        return None
    agent = node(
        f"{base}-body",
        "Organisation",
        legalName={"en": decision.body},
        location=location(snapshot, f"{base}-body", snapshot.elements.issuer.country),
    )
    page = decision.url and node(f"{base}-page", "WebResource", contentURL=decision.url)
    how = [word.replace("_", " ") for word in (decision.process, decision.timing) if word]
    return node(
        base,
        "Accreditation",
        title={"en": kind.label},
        description=texts({"en": ", ".join(how)}),
        dcType=listed(kind, ACCREDITATION_SCHEME, worded(snapshot, f"kind.{decision.type}")),
        accreditingAgent=agent,
        dateIssued=decision.date and f"{decision.date}T00:00:00Z",
        expiryDate=decision.valid_until and f"{decision.valid_until}T00:00:00Z",
        landingPage=page,
    )


def _outcome(snapshot: Snapshot, outcome: Outcome) -> Node:
    base = f"{snapshot.offering_url}#outcome-{outcome.id}"
    how = "recognised from prior learning" if outcome.state == "recognised" else "assessed"
    return node(
        base,
        "LearningOutcome",
        title=texts(outcome.title),
        identifier=node(
            f"{base}-identifier", "Identifier", notation=outcome.id, schemeName="Learning outcome"
        ),
        relatedESCOSkill=[concept(skill, ESCO_SKILLS) for skill in outcome.esco],
        additionalNote=_note(f"{base}-note", {"en": f"{outcome.kind}, {how}" if outcome.kind else how}),
    )


def _education_levels(snapshot: Snapshot) -> Iterator[Node]:
    level = snapshot.elements.level
    if cycle := QF_EHEA_CYCLES.get(level.qf_ehea_cycle or ""):
        said = {**worded(snapshot, f"cycle.{level.qf_ehea_cycle}"), "en": cycle}
        yield concept(f"{CYCLES_URL}#{level.qf_ehea_cycle}", CYCLES_URL, said, str(level.qf_ehea_cycle))
    if level.isced_2011 is not None:
        english = {"en": f"ISCED 2011 level {level.isced_2011}"}
        label = {**worded(snapshot, "isced_2011", number=level.isced_2011), **english}
        yield concept(f"{ISCED_2011_URL}#{level.isced_2011}", ISCED_2011_URL, label, str(level.isced_2011))


def _setting(snapshot: Snapshot) -> Node | None:
    known = _SETTINGS.get(snapshot.elements.origin or "")
    return known and vocabulary_concept("learning-setting", *known)


def _notes(snapshot: Snapshot) -> Iterator[Node]:
    elements, url = snapshot.elements, snapshot.offering_url
    yield from filter(None, [_note(f"{url}#further-information", elements.further_information)])
    if elements.stackability:
        said = elements.stackability.replace("_", "-")
        yield node(f"{url}#stackability", "Note", noteLiteral={"en": f"Stackability: {said}."})
    if reason := elements.level.not_applicable_reason:
        yield node(
            f"{url}#level",
            "Note",
            noteLiteral={"en": f"not applicable: {reason}"},
            subject=concept(EQF_SCHEME, EQF_SCHEME, {"en": "EQF level"}),
        )
    yield node(f"{url}#not-a-degree", "Note", noteLiteral={"en": NOT_A_DEGREE})


def _note(identifier: str, text: Text) -> Node | None:
    said = texts(text)
    return node(identifier, "Note", noteLiteral=said) if said else None
