"""European Digital Credentials (ELM v3, VC 1.1 JSON-LD): where the elements are (`certificate.md` section 1).

Nodes with the same identifier are read as one, since the Commission's own builder repeats and references them. All
claims of the subject count together.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL
from shared.annex1.readers.elm_parts import accreditations, codes, concepts, levels, notes
from shared.annex1.readers.nodes import Nodes, texts, words
from shared.annex1.reading import (
    ELM,
    Facts,
    Found,
    Reading,
    StatedBody,
    StatedOutcome,
)
from shared.annex1.wording import NOT_APPLICABLE, PARAGRAPHS, UNASSESSED

ECTS: Final = "http://data.europa.eu/snb/education-credit/6fcec5c5af"
_CLAIM: Final = "/credentialSubject/hasClaim"
_SPECIFICATION: Final = f"{_CLAIM}/specifiedBy"
_PLACES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "/credentialSubject",
        2: f"{_CLAIM}/title",
        3: "/issuer/location/address/countryCode",
        4: f"{_CLAIM}/awardedBy/awardingBody",
        5: "/issued",
        6: f"{_SPECIFICATION}/learningOutcome",
        7: f"{_SPECIFICATION}/creditPoint",
        8: f"{_SPECIFICATION}/eqfLevel",
        9: f"{_CLAIM}/provenBy/specifiedBy/dcType",
        10: f"{_SPECIFICATION}/mode",
        11: f"{_SPECIFICATION}/accreditation",
    }
)
_DURATION: Final = re.compile(
    r"P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_HOURS: Final = re.compile(r"PT(\d+)H")
_UNLEVELLED: Final = NOT_APPLICABLE.rstrip()
_NO_INFORMATION: Final = (_UNLEVELLED, PARAGRAPHS["stackability"])


def read(document: Mapping[str, Any]) -> Reading:
    """What the credential states; its signature, if it has one, has been taken off."""
    nodes = Nodes(document, linked=True)
    claims = nodes.at("credentialSubject", "hasClaim")
    specified = nodes.below(claims, "specifiedBy")
    bodies = nodes.below(claims, "awardedBy", "awardingBody")
    volumes = (*nodes.below(specified, "volumeOfLearning"), *nodes.below(claims, "workload"))
    hours, other_workload = _volumes(volumes)
    remarks = tuple(notes(nodes, nodes.below(specified, "additionalNote")))
    return Reading(
        format=ELM,
        places=_PLACES,
        document_type=_document_type(nodes, claims),
        names=_names(nodes),
        birth_dates=nodes.at("credentialSubject", "dateOfBirth"),
        identifiers=_identifiers(nodes),
        titles=texts(nodes.below(claims, "title")),
        countries=tuple(codes(nodes, nodes.at("issuer", "location", "address", "countryCode"))),
        regions=_regions(nodes),
        awarding_bodies=tuple(_bodies(nodes, bodies)),
        issued=_issued(nodes, claims),
        outcomes=tuple(_outcomes(nodes, nodes.below(specified, "learningOutcome"))),
        credits=_credits(
            nodes, (*nodes.below(specified, "creditPoint"), *nodes.below(claims, "creditReceived"))
        ),
        hours=hours,
        other_workload=other_workload,
        levels=tuple(levels(nodes, specified)),
        no_level=tuple(
            Found(note.value.removeprefix(_UNLEVELLED).strip(), note.pointer)
            for note in remarks
            if note.value.startswith(_UNLEVELLED)
        ),
        assessment_types=concepts(nodes, nodes.below(claims, "provenBy", "specifiedBy", "dcType")),
        participation=concepts(
            nodes,
            (*nodes.below(specified, "mode"), *nodes.below(claims, "influencedBy", "specifiedBy", "mode")),
        ),
        quality_assurance=tuple(accreditations(nodes, nodes.below((*specified, *bodies), "accreditation"))),
        prerequisites=tuple(notes(nodes, nodes.below(specified, "entryRequirement"))),
        supervision=concepts(nodes, nodes.below(claims, "provenBy", "idVerification")),
        grades=tuple(notes(nodes, nodes.below(claims, "provenBy", "grade"))),
        stackability=nodes.below(specified, "isPartialQualification"),
        further_information=tuple(note for note in remarks if not note.value.startswith(_NO_INFORMATION)),
        not_assessed=tuple(
            note for note in notes(nodes, nodes.below(claims, "additionalNote")) if UNASSESSED in note.value
        ),
    )


def _document_type(nodes: Nodes, claims: Facts) -> str:
    """A credential that claims activities only, and no achievement, is one of attendance."""
    kinds = set(words(nodes.below(claims, "type")))
    return ATTENDANCE if kinds == {"LearningActivity"} else MICRO_CREDENTIAL


def _names(nodes: Nodes) -> Facts:
    whole = texts(nodes.at("credentialSubject", "fullName"))
    parts = [texts(nodes.at("credentialSubject", member)) for member in ("givenName", "familyName")]
    return whole or tuple(name for part in parts for name in part)


def _identifiers(nodes: Nodes) -> Facts:
    numbers = (
        *nodes.at("credentialSubject", "identifier", "notation"),
        *nodes.at("credentialSubject", "nationalID", "notation"),
    )
    dids = tuple(one for one in nodes.at("credentialSubject", "id") if str(one.value).startswith("did:"))
    return (*numbers, *dids)


def _regions(nodes: Nodes) -> Facts:
    locations = nodes.at("issuer", "location")
    return (
        *codes(nodes, nodes.below(locations, "spatialCode")),
        *texts(nodes.below(locations, "geographicName")),
    )


def _bodies(nodes: Nodes, found: Facts) -> Iterator[StatedBody]:
    for one in found:
        legal, other = texts(nodes.below((one,), "legalName")), texts(nodes.below((one,), "prefLabel"))
        addresses = nodes.below((one,), "homepage", "contentURL")
        numbers = (*nodes.below((one,), "identifier", "notation"), *nodes.below((one,), "id"))
        names = tuple(name.value for name in (legal or other))
        yield StatedBody(names, words((*addresses, *numbers)), one.pointer)


def _issued(nodes: Nodes, claims: Facts) -> Facts:
    """Whichever moments are given: only the seal adds the first two, so a credential without one has the others."""
    dates = (*nodes.at("issued"), *nodes.at("issuanceDate"), *nodes.at("validFrom"))
    return (*dates, *nodes.below(claims, "awardedBy", "awardingDate"))


def _outcomes(nodes: Nodes, found: Facts) -> Iterator[StatedOutcome]:
    for one in found:
        titles = tuple(title.value for title in texts(nodes.below((one,), "title")))
        skills = nodes.below((one,), "relatedESCOSkill")
        addresses = (*words(skills), *words(nodes.below(skills, "id")))
        yield StatedOutcome(titles, addresses, one.pointer)


def _credits(nodes: Nodes, points: Facts) -> Facts:
    """Points of ECTS; those of another framework are no measure of workload."""
    return tuple(
        amount
        for one in points
        for framework in (nodes.below((one,), "framework"),)
        if not framework or ECTS in (*words(framework), *words(nodes.below(framework, "id")))
        for amount in nodes.below((one,), "point")
    )


def _volumes(volumes: Facts) -> tuple[Facts, Facts]:
    """The volumes of learning in whole hours, and all others (None where one is no ISO 8601 duration)."""
    hours, others = [], []
    for one in volumes:
        text = one.value if isinstance(one.value, str) else ""
        if found := _HOURS.fullmatch(text):
            hours.append(Found(found[1], one.pointer))
        else:
            others.append(Found(text if _DURATION.fullmatch(text) else None, one.pointer))
    return tuple(hours), tuple(others)
