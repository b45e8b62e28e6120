"""A snapshot as an Open Badges 3.0 AchievementCredential (W3C VC 2.0), without its proof.

No terms of our own: what Open Badges has no member for is an alignment with an `ext:` target type and the URI of
a European vocabulary, or a result description of type `ext:WorkloadHours` (`certificate.md` sections 1 and 2).
Every node has an identifier wherever the schema allows one, so that its canonical form is found at once.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot, text_in
from services.certification.formats.contexts import BADGE_CONTEXTS
from shared.annex1 import Elements, Institution, Level
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
    scale_label,
    supervision_concept,
)

Node = dict[str, Any]


def credential(snapshot: Snapshot) -> Node:
    """The unsigned credential: a function of the snapshot alone, the same on every call."""
    title = text_in(snapshot.elements.title, snapshot.language)
    return {
        "@context": list(BADGE_CONTEXTS),
        "id": snapshot.credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "issuer": _issuer(snapshot),
        "validFrom": snapshot.issued_at,
        "awardedDate": snapshot.awarded_at,
        "credentialSubject": _subject(snapshot, title),
        "credentialStatus": {
            "id": f"{snapshot.status_list_url}#{snapshot.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "suspension",
            "statusListIndex": str(snapshot.status_index),
            "statusListCredential": snapshot.status_list_url,
        },
    }


def _issuer(snapshot: Snapshot) -> Node:
    issuer = snapshot.elements.issuer
    address: Node = {
        "id": f"{snapshot.issuer_did}#address",
        "type": ["Address"],
        "addressCountryCode": issuer.country,
    }
    if issuer.region:
        address["addressRegion"] = issuer.region
    profile: Node = {
        "id": snapshot.issuer_did,
        "type": ["Profile"],
        "name": text_in(issuer.name, snapshot.language),
        "address": address,
    }
    if issuer.website:
        profile["url"] = issuer.website
    return profile


def _subject(snapshot: Snapshot, title: str) -> Node:
    elements = snapshot.elements
    results = list(_results(snapshot))
    subject: Node = {
        "type": ["AchievementSubject"],
        "identifier": list(_identities(snapshot)),
        "achievement": _achievement(snapshot, title, [description for description, _ in results]),
    }
    if elements.workload.ects is not None:
        subject["creditsEarned"] = _number(elements.workload.ects)
    if results:
        subject["result"] = [result for _, result in results]
    return subject


def _identities(snapshot: Snapshot) -> Iterator[Node]:
    learner = snapshot.elements.learner
    yield _identity("name", learner.full_name)
    if learner.date_of_birth:
        yield _identity("ext:dateOfBirth", learner.date_of_birth)
    if learner.identifier:
        yield _identity("identifier", learner.identifier)
    if learner.email:
        salted = hashlib.sha256((learner.email + snapshot.email_salt).encode()).hexdigest()
        yield {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": f"sha256${salted}",
            "identityType": "emailAddress",
            "salt": snapshot.email_salt,
        }


def _identity(kind: str, value: str) -> Node:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def _achievement(snapshot: Snapshot, title: str, descriptions: list[Node]) -> Node:
    elements, url = snapshot.elements, snapshot.offering_url
    achievement: Node = {
        "id": url,
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": title,
        "description": text_in(elements.description, snapshot.language) or title,
        "inLanguage": snapshot.language,
        "creator": {"id": snapshot.issuer_did, "type": ["Profile"]},
        "criteria": {"id": f"{url}#criteria", "narrative": _criteria(snapshot)},
        "alignment": list(_alignments(snapshot)),
    }
    if elements.workload.ects is not None:
        achievement["creditsAvailable"] = _number(elements.workload.ects)
    if descriptions:
        achievement["resultDescription"] = descriptions
    return achievement


def _criteria(snapshot: Snapshot) -> str:
    elements, language = snapshot.elements, snapshot.language
    bodies = ", ".join(text_in(body.name, language) for body in elements.awarding_bodies)
    parts = [
        "Learning outcomes:",
        *(f"- {text_in(outcome.title, language)}" for outcome in elements.outcomes),
        f"Awarded by: {bodies}.",
    ]
    if language != "en":
        parts.insert(0, f"Title in English: {text_in(elements.title, 'en')}.")
    if prerequisites := text_in(elements.prerequisites, language):
        parts.append(f"Prerequisites: {prerequisites}")
    if elements.stackability:
        parts.append(f"Stackability: {elements.stackability.replace('_', '-')}.")
    if further := text_in(elements.further_information, language):
        parts.append(f"Further information: {further}")
    return "\n\n".join([*parts, NOT_A_DEGREE])


def _alignments(snapshot: Snapshot) -> Iterator[Node]:
    for number, (kind, name, target, extra) in enumerate(_targets(snapshot), start=1):
        yield {
            "id": f"{snapshot.offering_url}#alignment-{number}",
            "type": ["Alignment"],
            "targetType": f"ext:{kind}",
            "targetName": name,
            "targetUrl": target,
            **extra,
        }


Target = tuple[str, str, str, Node]


def _targets(snapshot: Snapshot) -> Iterator[Target]:
    elements = snapshot.elements
    yield from _outcome_targets(snapshot)
    if len(elements.awarding_bodies) > 1:
        for body in elements.awarding_bodies:
            yield "AwardingBody", text_in(body.name, snapshot.language), _address_of(snapshot, body), {}
    yield from _level_targets(elements.level)
    for kind in dict.fromkeys(assessment.type for assessment in elements.assessments):
        if concept := ASSESSMENT_TYPES.get(kind or ""):
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
        until = f", valid until {decision.valid_until}" if decision.valid_until else ""
        timing = (decision.timing or "").replace("_", " ")
        text = f"{decision.process}, {timing}; decision of {decision.body} of {decision.date}{until}"
        extra = {"targetFramework": ACCREDITATION_SCHEME, "targetDescription": text}
        yield "QualityAssurance", concept.label, concept.uri, extra
    if elements.supervision is not None:
        concept = supervision_concept(
            elements.supervision.supervision, identity_verified=elements.supervision.identity_verified
        )
        yield "Supervision", concept.label, concept.uri, {"targetFramework": SUPERVISION_SCHEME}


def _results(snapshot: Snapshot) -> Iterator[tuple[Node, Node]]:
    """Pairs of a result description and the learner's result: hours of workload, and marks."""
    elements, url = snapshot.elements, snapshot.offering_url
    if elements.workload.hours is not None:
        yield _result(snapshot, f"{url}#hours", "Workload in hours", str(elements.workload.hours), "hours")
    titles = {outcome.id: text_in(outcome.title, snapshot.language) for outcome in elements.outcomes}
    for number, grade in enumerate(elements.grades, start=1):
        name = titles.get(grade.outcome, grade.outcome)
        scale = f" ({scale_label(grade.scale)})" if grade.scale else ""
        yield _result(snapshot, f"{url}#grade-{number}", f"{name}{scale}", grade.value, f"grade-{number}")


def _result(snapshot: Snapshot, about: str, name: str, value: str, fragment: str) -> tuple[Node, Node]:
    kind = "ext:WorkloadHours" if fragment == "hours" else "Result"
    description = {"id": about, "type": ["ResultDescription"], "name": name, "resultType": kind}
    result = {
        "id": f"{snapshot.credential_id}#{fragment}",
        "type": ["Result"],
        "resultDescription": about,
        "value": value,
    }
    return description, result


def _number(decimal: str) -> int | float:
    """Whole numbers stay whole: JSON processors in other languages write 10.0 as 10, and sign that."""
    value = Decimal(decimal)
    return int(value) if value == value.to_integral_value() else float(value)
