"""The words of the printed certificate: a row for each element, in the language of instruction and in English."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.certification.domain.attendance import ATTENDED_ONLY, NOT_ASSESSED
from services.certification.domain.snapshot import NOT_A_DEGREE, Snapshot, text_in
from shared.annex1 import ATTENDANCE, Institution, Text
from shared.annex1.vocabulary import (
    ASSESSMENT_TYPES,
    LEARNING_MODES,
    QF_EHEA_CYCLES,
    QUALITY_ASSURANCE_TYPES,
    scale_label,
    supervision_concept,
)

Said = list[dict[str, str]]


def content(snapshot: Snapshot) -> dict[str, Any]:
    """Everything that `certificate.typ` shows, as JSON: a function of the snapshot alone."""
    elements, language = snapshot.elements, snapshot.language
    attendance = elements.document_type == ATTENDANCE
    title = text_in(elements.title, language)
    return {
        "language": "en",
        "kind": "Certificate of attendance" if attendance else "Micro-credential",
        "document_title": f"{title}: certificate of {elements.learner.full_name}",
        "issuer": text_in(elements.issuer.name, language),
        "title": _said(elements.title, language),
        "awarded_to": "awarded to",
        "learner": elements.learner.full_name,
        "born": f"born on {elements.learner.date_of_birth}" if elements.learner.date_of_birth else None,
        "header": ["Element", "What this certificate says"],
        "rows": [{"label": label, "items": items} for label, items in _rows(snapshot) if items],
        "statement": ATTENDED_ONLY if attendance else NOT_A_DEGREE,
        "verify_heading": "Verify this certificate",
        "verify_text": "Scan the code or open the address. The page checks the signature and the status.",
        "verify_url": snapshot.verify_url,
        "qr_alt": f"QR code with the address of the verification page, {snapshot.verify_url}",
        "page_word": "Page",
    }


def _said(text: Text, language: str) -> Said:
    """The text in the language of instruction, and in English below where that is another text."""
    wanted = [code for code in dict.fromkeys((language, "en")) if text.get(code)]
    return [{"lang": code.split("-")[0], "text": text[code]} for code in wanted or list(text)[:1]]


def _plain(text: str) -> Said:
    return [{"lang": "en", "text": text}]


def _rows(snapshot: Snapshot) -> Iterator[tuple[str, list[Said]]]:
    elements, language = snapshot.elements, snapshot.language
    yield "Issued by", [_body(elements.issuer, language)]
    attended = elements.document_type == ATTENDANCE
    yield (
        "Attendance confirmed by" if attended else "Awarding bodies",
        [_body(body, language) for body in elements.awarding_bodies],
    )
    if attended:
        yield "Confirmed on", [_plain(snapshot.awarded_at[:10])]
        yield "Assessment", [_plain(NOT_ASSESSED)]
    yield "Date of issuing", [_plain(elements.issued_on or "")]
    yield "Learning outcomes", [_said(outcome.title, language) for outcome in elements.outcomes]
    yield "Workload", [_plain(_workload(snapshot))]
    yield "Level and cycle", [_plain(level) for level in _levels(snapshot)]
    types = dict.fromkeys(assessment.type or "" for assessment in elements.assessments)
    yield (
        "Type of assessment",
        [_plain(ASSESSMENT_TYPES[kind].label) for kind in types if kind in ASSESSMENT_TYPES],
    )
    if mode := LEARNING_MODES.get(elements.participation or ""):
        yield "Form of participation", [_plain(mode.label)]
    yield "Quality assurance", _quality(snapshot)
    yield from _optional_rows(snapshot)


def _optional_rows(snapshot: Snapshot) -> Iterator[tuple[str, list[Said]]]:
    elements, language = snapshot.elements, snapshot.language
    if elements.supervision is not None:
        concept = supervision_concept(
            elements.supervision.supervision, identity_verified=elements.supervision.identity_verified
        )
        yield "Supervision and identity", [_plain(concept.label)]
    titles = {outcome.id: text_in(outcome.title, language) for outcome in elements.outcomes}
    marks = [
        f"{titles.get(grade.outcome, grade.outcome)}: {grade.value}"
        + (f" ({scale_label(grade.scale)})" if grade.scale else "")
        for grade in elements.grades
    ]
    yield "Marks", [_plain(mark) for mark in marks]
    if elements.prerequisites:
        yield "Prerequisites", [_said(elements.prerequisites, language)]
    if elements.stackability:
        yield "Stackability", [_plain(elements.stackability.replace("_", "-"))]
    if elements.further_information:
        yield "Further information", [_said(elements.further_information, language)]


def _body(body: Institution, language: str) -> Said:
    place = ", ".join(part for part in (body.region, body.country) if part)
    names = {code: f"{name} ({place})" for code, name in body.name.items()}
    return _said(names, language)


def _workload(snapshot: Snapshot) -> str:
    workload = snapshot.elements.workload
    parts = [
        f"{workload.ects} ECTS credits" if workload.ects is not None else "",
        f"{workload.hours} hours" if workload.hours is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _levels(snapshot: Snapshot) -> Sequence[str]:
    level = snapshot.elements.level
    if level.not_applicable_reason is not None:
        return [f"not applicable: {level.not_applicable_reason}"]
    found = [
        f"EQF level {level.eqf}" if level.eqf is not None else "",
        QF_EHEA_CYCLES.get(level.qf_ehea_cycle or "", ""),
        f"ISCED 2011 level {level.isced_2011}" if level.isced_2011 is not None else "",
        f"ISCED-F field {level.isced_f}" if level.isced_f is not None else "",
    ]
    return [part for part in found if part]


def _quality(snapshot: Snapshot) -> list[Said]:
    decision = snapshot.elements.quality_assurance
    kind = QUALITY_ASSURANCE_TYPES.get(decision.type or "")
    if kind is None:
        return []
    timing = (decision.timing or "").replace("_", " ")
    until = f", valid until {decision.valid_until}" if decision.valid_until else ""
    return [_plain(f"{kind.label}, {decision.process}, {timing}: {decision.body}, {decision.date}{until}")]
