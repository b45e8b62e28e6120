"""Open Badges 3.0: where an AchievementCredential keeps the elements (`certificate.md` section 1).

What the standard has no member for is an alignment: one with an `ext:` target type, or one whose address is that of a
European vocabulary. The members that the Dutch edubadges add to an achievement are read too.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL
from shared.annex1.readers.alignments import bodies, concepts, levels, no_level, outcomes
from shared.annex1.readers.nodes import Nodes, objects, texts, word, words
from shared.annex1.reading import (
    OPEN_BADGES,
    Facts,
    Found,
    Reading,
    StatedBody,
    StatedConcept,
)
from shared.annex1.wording import PARAGRAPHS

ATTENDANCE_TYPE: Final = "ext:CertificateOfAttendance"
"""The `achievementType` of a certificate of attendance."""

_SUBJECT: Final = "/credentialSubject"
_ALIGNMENT: Final = f"{_SUBJECT}/achievement/alignment"
_PLACES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: f"{_SUBJECT}/identifier",
        2: f"{_SUBJECT}/achievement/name",
        3: "/issuer/address/addressCountryCode",
        4: "/issuer/name",
        5: "/validFrom",
        6: _ALIGNMENT,
        7: f"{_SUBJECT}/creditsEarned",
        8: _ALIGNMENT,
        9: _ALIGNMENT,
        10: _ALIGNMENT,
        11: _ALIGNMENT,
    }
)
_NO_IDENTIFIERS: Final = frozenset({"name", "ext:dateOfBirth", "emailAddress"})
_HOURS: Final = "ext:WorkloadHours"


def read(document: Mapping[str, Any]) -> Reading:
    """What the credential states; whatever is no Open Badges member is passed over."""
    nodes = Nodes(document)
    alignments = objects(nodes.at("credentialSubject", "achievement", "alignment"))
    results, document_type = _results(nodes), _document_type(nodes)
    return Reading(
        format=OPEN_BADGES,
        places=_PLACES,
        document_type=document_type,
        names=_identities(nodes, "name"),
        birth_dates=_identities(nodes, "ext:dateOfBirth"),
        identifiers=_identifiers(nodes),
        titles=texts(nodes.at("credentialSubject", "achievement", "name")),
        countries=nodes.at("issuer", "address", "addressCountryCode"),
        country_names=texts(nodes.at("issuer", "address", "addressCountry")),
        regions=texts(nodes.at("issuer", "address", "addressRegion")),
        awarding_bodies=_bodies(nodes, alignments)
        if document_type != ATTENDANCE
        else tuple(bodies(alignments, "ext:ConfirmingBody")),
        issued=nodes.at("validFrom"),
        outcomes=tuple(outcomes(alignments)),
        credits=_credits(nodes),
        hours=(*results[0], *_added(nodes, "SBU", "TimeInvestment")),
        levels=tuple(levels(alignments)),
        no_level=tuple(no_level(alignments)),
        assessment_types=(
            *concepts(alignments, "ext:AssessmentType", "assessment"),
            *_labels(_added(nodes, "assessmentType", "AssessmentType")),
        ),
        participation=(
            *concepts(alignments, "ext:LearningMode", "learning-assessment"),
            *_labels(_added(nodes, "participationType", "ParticipationType")),
        ),
        quality_assurance=concepts(alignments, "ext:QualityAssurance", "accreditation"),
        prerequisites=_paragraph(nodes, "prerequisites"),
        supervision=(
            *concepts(alignments, "ext:Supervision", "supervision-verification"),
            *_labels(_added(nodes, "supervisionType", "SupervisionType")),
        ),
        grades=results[1],
        stackability=_paragraph(nodes, "stackability"),
        further_information=_paragraph(nodes, "further_information"),
        not_assessed=_paragraph(nodes, "not_assessed"),
    )


def _document_type(nodes: Nodes) -> str:
    kinds = words(nodes.at("credentialSubject", "achievement", "achievementType"))
    return ATTENDANCE if ATTENDANCE_TYPE in kinds else MICRO_CREDENTIAL


def _in_clear(nodes: Nodes) -> Iterator[Found]:
    for identity in objects(nodes.at("credentialSubject", "identifier")):
        if identity.value.get("hashed") is False:
            yield identity


def _identities(nodes: Nodes, kind: str) -> Facts:
    of_kind = tuple(one for one in _in_clear(nodes) if word(one, "identityType") == kind)
    return nodes.below(of_kind, "identityHash")


def _identifiers(nodes: Nodes) -> Facts:
    others = tuple(
        one for one in _in_clear(nodes) if (word(one, "identityType") or "name") not in _NO_IDENTIFIERS
    )
    dids = tuple(one for one in nodes.at("credentialSubject", "id") if str(one.value).startswith("did:"))
    return (*nodes.below(others, "identityHash"), *dids)


def _bodies(nodes: Nodes, alignments: Facts) -> tuple[StatedBody, ...]:
    """Every body of a joint award is an alignment; a single one is the achievement's creator or the issuer."""
    if several := tuple(bodies(alignments)):
        return several
    creators = objects(nodes.at("credentialSubject", "achievement", "creator"))
    for profile in (*(one for one in creators if "name" in one.value), *objects(nodes.at("issuer"))):
        if names := _values(nodes, profile, "name"):
            identifiers = (*nodes.below((profile,), "id"), *nodes.below((profile,), "url"))
            return (StatedBody(names, words(identifiers), f"{profile.pointer}/name"),)
    return ()


def _values(nodes: Nodes, one: Found, member: str) -> tuple[Any, ...]:
    return tuple(text.value for text in texts(nodes.below((one,), member)))


def _credits(nodes: Nodes) -> Facts:
    earned = nodes.at("credentialSubject", "creditsEarned")
    available = nodes.at("credentialSubject", "achievement", "creditsAvailable")
    numbers = (*(earned or available), *_added(nodes, "ECTS"))
    return tuple(one if not isinstance(one.value, str) else Found(None, one.pointer) for one in numbers)


def _added(nodes: Nodes, *members: str) -> Facts:
    achievement = nodes.at("credentialSubject", "achievement")
    return tuple(one for member in members for one in nodes.below(achievement, member))


def _labels(found: Facts) -> tuple[StatedConcept, ...]:
    return tuple(StatedConcept(None, (one.value,), one.pointer) for one in found)


def _results(nodes: Nodes) -> tuple[Facts, Facts]:
    """The results that are hours of workload, and all others."""
    described = objects(nodes.at("credentialSubject", "achievement", "resultDescription"))
    hours = {word(one, "id") for one in described if word(one, "resultType") == _HOURS} - {None}
    results = objects(nodes.at("credentialSubject", "result"))
    of_hours = tuple(one for one in results if word(one, "resultDescription") in hours)
    grades = tuple(one for one in results if one not in of_hours)
    return texts(nodes.below(of_hours, "value")), texts(nodes.below(grades, "value"))


_PARAGRAPH: Final = re.compile(r"\n\n+")


def _paragraph(nodes: Nodes, element: str) -> Facts:
    """What an optional element's paragraph of the criteria says after its first words."""
    beginning = PARAGRAPHS[element]
    return tuple(
        Found(paragraph.removeprefix(beginning), one.pointer)
        for one in texts(nodes.at("credentialSubject", "achievement", "criteria", "narrative"))
        if isinstance(one.value, str)
        for paragraph in _PARAGRAPH.split(one.value)
        if paragraph.startswith(beginning)
    )
