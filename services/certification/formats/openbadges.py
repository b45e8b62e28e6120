"""A snapshot as an Open Badges 3.0 AchievementCredential (W3C VC 2.0), without its proof.

No terms of our own: what Open Badges has no member for is an alignment with an `ext:` target type and the URI of
a European vocabulary, or a result description of type `ext:WorkloadHours` (`certificate.md` sections 1 and 2).
Every node has an identifier wherever the schema allows one, so that its canonical form is found at once.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Final

from services.certification.domain.attendance import ATTENDED_ONLY, NOT_ASSESSED
from services.certification.domain.larger import StackReference
from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot, text_in
from services.certification.formats.alignments import alignments
from services.certification.formats.badge_parts import Node, identities, json_number, profile, status_entry
from services.certification.formats.contexts import BADGE_CONTEXTS
from shared.annex1 import ATTENDANCE
from shared.annex1.vocabulary import scale_label

ATTENDANCE_TYPE: Final = "ext:CertificateOfAttendance"
"""The `achievementType` of what is not assessed; the vocabulary has none for it."""


def credential(snapshot: Snapshot) -> Node:
    """The unsigned credential: a function of the snapshot alone, the same on every call."""
    title = text_in(snapshot.elements.title, snapshot.language)
    parts = {"relatedResource": _parts(snapshot)} if snapshot.stack is not None else {}
    return {
        "@context": list(BADGE_CONTEXTS),
        "id": snapshot.credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "issuer": profile(snapshot.issuer_did, snapshot.elements.issuer, snapshot.language),
        "validFrom": snapshot.issued_at,
        "awardedDate": snapshot.awarded_at,
        "credentialSubject": _subject(snapshot, title),
        "credentialStatus": status_entry(snapshot.status_list_url, snapshot.status_index),
        **parts,
    }


def _parts(snapshot: Snapshot) -> list[Node]:
    """The credentials that a larger one is made of: whoever has a copy can compare its digest."""
    found = snapshot.stack.parts if snapshot.stack is not None else ()
    return [
        {
            "id": part.credential_id,
            "digestSRI": f"sha256-{base64.b64encode(bytes.fromhex(part.digest.removeprefix('sha256:'))).decode()}",
            "mediaType": "application/vc+ld+json",
        }
        for part in found
    ]


def _subject(snapshot: Snapshot, title: str) -> Node:
    elements = snapshot.elements
    results = list(_results(snapshot))
    subject: Node = {
        "type": ["AchievementSubject"],
        "identifier": list(_identities(snapshot)),
        "achievement": _achievement(snapshot, title, [description for description, _ in results]),
    }
    if elements.workload.ects is not None:
        subject["creditsEarned"] = json_number(elements.workload.ects)
    if results:
        subject["result"] = [result for _, result in results]
    return subject


def _identities(snapshot: Snapshot) -> Iterator[Node]:
    learner = snapshot.elements.learner
    yield from identities(learner)
    if learner.email:
        salted = hashlib.sha256((learner.email + snapshot.email_salt).encode()).hexdigest()
        yield {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": f"sha256${salted}",
            "identityType": "emailAddress",
            "salt": snapshot.email_salt,
        }


def _achievement(snapshot: Snapshot, title: str, descriptions: list[Node]) -> Node:
    elements, url = snapshot.elements, snapshot.offering_url
    achievement: Node = {
        "id": f"{url}#attendance" if _attended(snapshot) else url,
        "type": ["Achievement"],
        "achievementType": ATTENDANCE_TYPE if _attended(snapshot) else "MicroCredential",
        "name": title,
        "description": text_in(elements.description, snapshot.language) or title,
        "inLanguage": snapshot.language,
        "creator": {"id": snapshot.issuer_did, "type": ["Profile"]},
        "criteria": {"id": f"{url}#criteria", "narrative": _criteria(snapshot)},
        "alignment": list(alignments(snapshot)),
    }
    if elements.workload.ects is not None:
        achievement["creditsAvailable"] = json_number(elements.workload.ects)
    if descriptions:
        achievement["resultDescription"] = descriptions
    if snapshot.stack is not None:
        achievement["related"] = [
            {"id": snapshot.address_of(part), "type": ["Related"]} for part in snapshot.stack.parts
        ]
    return achievement


def _criteria(snapshot: Snapshot) -> str:
    elements, language = snapshot.elements, snapshot.language
    bodies = ", ".join(text_in(body.name, language) for body in elements.awarding_bodies)
    if _attended(snapshot):
        parts = [f"{NOT_ASSESSED}.", f"Attendance confirmed by: {bodies}, {snapshot.awarded_at[:10]}."]
    else:
        parts = [
            "Learning outcomes:",
            *(f"- {text_in(outcome.title, language)}" for outcome in elements.outcomes),
            f"Awarded by: {bodies}.",
        ]
    if snapshot.stack is not None:
        parts += _stacking(snapshot, snapshot.stack)
    if language != "en":
        parts.insert(0, f"Title in English: {text_in(elements.title, 'en')}.")
    if prerequisites := text_in(elements.prerequisites, language):
        parts.append(f"Prerequisites: {prerequisites}")
    if elements.stackability:
        parts.append(f"Stackability: {elements.stackability.replace('_', '-')}.")
    if further := text_in(elements.further_information, language):
        parts.append(f"Further information: {further}")
    return "\n\n".join([*parts, ATTENDED_ONLY if _attended(snapshot) else NOT_A_DEGREE])


def _stacking(snapshot: Snapshot, stack: StackReference) -> list[str]:
    """Of what certificates a larger award is made, and by which decision."""
    language = snapshot.language
    body = text_in(snapshot.elements.issuer.name, language)
    decided = f"Granted by decision of {body}, {stack.granted_on}"
    return [
        "Made of these certificates:",
        *(
            f"- {text_in(part.title, language)}, {text_in(part.issuer_name, language)}, {part.credential_id}"
            for part in stack.parts
        ),
        f"{decided}, by criteria version {stack.criteria_version}: {text_in(stack.criteria, language)}",
    ]


def _attended(snapshot: Snapshot) -> bool:
    return snapshot.elements.document_type == ATTENDANCE


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
