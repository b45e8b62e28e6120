"""SD-JWT VC of type `urn:eu.europa.ec.eudi:learning:credential:1`, with our own claims for what the type lacks.

Own claims: `birthdate` (element 1), `issuing_region` (3), `issuing_authority_id` and, where there are several bodies,
`awarding_bodies` (4), `esco_skills` (6), `qf_ehea_cycle`, `isced_2011`, `isced_f` (8), `types_of_assessment` (9),
`form_of_participation` (10), and of the optional elements `supervision_and_identity_verification`,
`assessment_grades` and `further_information`. A claim that its holder has not disclosed is missing in what was
presented.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.elements import Workload
from shared.annex1.readers.levels import cycle_of, eqf_of, isced_of
from shared.annex1.readers.nodes import Nodes, texts, word, words
from shared.annex1.reading import (
    SD_JWT_VC,
    Facts,
    Found,
    Reading,
    StatedBody,
    StatedConcept,
    StatedLevel,
    StatedOutcome,
)
from shared.annex1.wording import NOT_APPLICABLE, workload_from

TYPE: Final = "urn:eu.europa.ec.eudi:learning:credential:1"
_PLACES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "/family_name",
        2: "/achievement_title",
        3: "/issuing_country",
        4: "/issuing_authority",
        5: "/date_of_issuance",
        6: "/learning_outcomes",
        7: "/expected_study_time",
        8: "/level_of_learning_experience",
        9: "/types_of_assessment",
        10: "/form_of_participation",
        11: "/types_of_quality_assurance",
    }
)


def read(claims: Mapping[str, Any]) -> Reading:
    """What the disclosed claims state."""
    nodes = Nodes(claims)
    amounts = _workload(nodes)
    return Reading(
        format=SD_JWT_VC,
        places=_PLACES,
        names=_names(nodes),
        birth_dates=nodes.at("birthdate"),
        identifiers=nodes.at("learner_identification"),
        titles=texts(nodes.at("achievement_title")),
        countries=nodes.at("issuing_country"),
        regions=nodes.at("issuing_region"),
        awarding_bodies=tuple(_bodies(nodes)),
        issued=nodes.at("date_of_issuance"),
        outcomes=tuple(_outcomes(nodes)),
        credits=amounts[0],
        hours=amounts[1],
        other_workload=amounts[2],
        levels=tuple(_levels(nodes)),
        no_level=tuple(
            Found(one.value.removeprefix(_UNLEVELLED).strip(), one.pointer)
            for one in nodes.at("level_of_learning_experience")
            if _is_unlevelled(one)
        ),
        assessment_types=_concepts(nodes.at("types_of_assessment")),
        participation=_concepts(nodes.at("form_of_participation")),
        quality_assurance=tuple(_quality(nodes)),
        prerequisites=nodes.at("prerequisites_to_enroll"),
        supervision=_concepts(nodes.at("supervision_and_identity_verification")),
        grades=nodes.at("assessment_grades", "grade") or nodes.at("assessment_grade"),
        stackability=nodes.at("integration_stackability_options"),
        further_information=nodes.at("further_information"),
    )


def _names(nodes: Nodes) -> Facts:
    """The type has no full name; a family name is mandatory in it, a given name is not."""
    given = " ".join(words(nodes.at("given_name")))
    return tuple(
        Found(f"{given} {one.value}".strip() if str(one.value).strip() else "", one.pointer)
        if isinstance(one.value, str)
        else one
        for one in nodes.at("family_name")
    )


def _bodies(nodes: Nodes) -> Iterator[StatedBody]:
    several = nodes.at("awarding_bodies")
    for one in several:
        names = (word(one, "name"),) if isinstance(one.value, dict) else (one.value,)
        yield StatedBody(names, words(nodes.below((one,), "id")), one.pointer)
    for one in () if several else nodes.at("issuing_authority"):
        identifiers = (*nodes.at("issuing_authority_id"), *nodes.at("iss"))
        yield StatedBody((one.value,), words(identifiers), one.pointer)


def _outcomes(nodes: Nodes) -> Iterator[StatedOutcome]:
    skills = nodes.at("esco_skills")
    for one in nodes.at("learning_outcomes"):
        same = [skill for skill in skills if word(skill, "outcome") == one.value]
        addresses = tuple(word(skill, "skill") or "" for skill in same)
        yield StatedOutcome((one.value,), addresses, one.pointer)


def _workload(nodes: Nodes) -> tuple[Facts, Facts, Facts]:
    """Credits, hours, and whatever else the one claim for both says."""
    points, hours, others = [], [], []
    for one in nodes.at("expected_study_time"):
        amount = workload_from(one.value if isinstance(one.value, str) else "")
        if amount.ects is not None:
            points.append(Found(amount.ects, one.pointer))
        if amount.hours is not None:
            hours.append(Found(amount.hours, one.pointer))
        if amount == Workload():
            others.append(one)
    return tuple(points), tuple(hours), tuple(others)


_UNLEVELLED: Final = NOT_APPLICABLE.rstrip()


def _is_unlevelled(one: Found) -> bool:
    return isinstance(one.value, str) and one.value.startswith(_UNLEVELLED)


def _levels(nodes: Nodes) -> Iterator[StatedLevel]:
    for one in nodes.at("level_of_learning_experience"):
        if not _is_unlevelled(one):
            yield _level(one)
    for one in nodes.at("qf_ehea_cycle"):
        yield StatedLevel("qf_ehea_cycle", cycle_of(one.value), one.pointer)
    for one in nodes.at("isced_2011"):
        yield StatedLevel("isced_2011", isced_of(one.value), one.pointer)
    for one in nodes.at("isced_f"):
        yield StatedLevel("isced_f", one.value, one.pointer)


def _level(one: Found) -> StatedLevel:
    """The type means a level of the EQF; where there is none, the claim says the level of another scheme in words."""
    if cycle := cycle_of(one.value):
        return StatedLevel("qf_ehea_cycle", cycle, one.pointer)
    if isinstance(one.value, str) and one.value.startswith("ISCED 2011"):
        return StatedLevel("isced_2011", isced_of(one.value), one.pointer)
    return StatedLevel("eqf", eqf_of(None, one.value), one.pointer)


def _concepts(found: Facts) -> tuple[StatedConcept, ...]:
    return tuple(
        StatedConcept(word(one, "id"), (word(one, "label"),), one.pointer)
        if isinstance(one.value, dict)
        else StatedConcept(None, (one.value,), one.pointer)
        for one in found
    )


def _quality(nodes: Nodes) -> Iterator[StatedConcept]:
    for one in nodes.at("types_of_quality_assurance"):
        label, _, details = one.value.partition(": ") if isinstance(one.value, str) else (None, "", "")
        yield StatedConcept(None, (label,), one.pointer, details or None)
