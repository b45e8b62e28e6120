"""What a larger certificate says: its parts' outcomes, credits and assessments together, the rest by its rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.annex1 import (
    MICRO_CREDENTIAL,
    Assessment,
    Elements,
    Grade,
    Learner,
    Level,
    Outcome,
    QualityAssurance,
    Supervision,
    Text,
    Workload,
    institution,
)
from shared.annex1.vocabulary import SUPERVISION_LEVELS

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A part by its offering, and what its certificate says."""

    offering_id: str
    elements: Elements


@dataclass(frozen=True, slots=True)
class PartReference:
    """A part of a larger certificate: `digest` is that of its signed Open Badges credential, byte for byte."""

    certificate_id: str
    offering_id: str
    offering_version: int
    title: Text
    issuer: str
    issuer_name: Text
    issuer_country: str | None
    ects: str | None
    digest: str

    @property
    def credential_id(self) -> str:
        return f"urn:uuid:{self.certificate_id}"


@dataclass(frozen=True, slots=True)
class StackReference:
    """How a larger certificate came about: under which rule and criteria, when, of what parts, and what it entails."""

    id: str
    criteria_version: str
    criteria: Text
    entails: Text
    granted_on: str
    parts: tuple[PartReference, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "StackReference":
        return cls(**{**data, "parts": tuple(PartReference(**part) for part in data["parts"])})


def larger_elements(
    rule: Document,
    agreement: Document,
    learner: Learner,
    parts: Sequence[Said],
    *,
    issued_on: date | None,
) -> Elements:
    """The elements of the larger certificate; a part that lacks one leaves it open, nothing is invented.

    Outcomes, assessments and grades keep their ids behind that of their offering, so that none hides another.
    """
    award, body = rule["award"], institution(agreement, rule["deciding_body"])
    return Elements(
        document_type=MICRO_CREDENTIAL,
        learner=learner,
        title=award["title"],
        issuer=body,
        awarding_bodies=(body,),
        issued_on=None if issued_on is None else issued_on.isoformat(),
        outcomes=tuple(_outcome(part, each) for part in parts for each in part.elements.outcomes),
        workload=_workload(part.elements.workload for part in parts),
        level=Level(**award["level"]),
        assessments=tuple(_assessment(part, each) for part in parts for each in part.elements.assessments),
        participation=award["participation"],
        quality_assurance=QualityAssurance(**award["quality_assurance"]),
        languages=tuple(dict.fromkeys(code for part in parts for code in part.elements.languages)),
        description=award["description"],
        supervision=_weakest([part.elements.supervision for part in parts]),
        grades=tuple(_grade(part, each) for part in parts for each in part.elements.grades),
        further_information=rule["entails"],
    )


def within(offering_id: str, identifier: str) -> str:
    """The id of a piece of a part in the larger certificate."""
    return f"{offering_id}.{identifier}"


def _outcome(part: Said, outcome: Outcome) -> Outcome:
    return replace(outcome, id=within(part.offering_id, outcome.id))


def _assessment(part: Said, assessment: Assessment) -> Assessment:
    return replace(
        assessment,
        instrument=within(part.offering_id, assessment.instrument),
        outcomes=tuple(within(part.offering_id, outcome) for outcome in assessment.outcomes),
    )


def _grade(part: Said, grade: Grade) -> Grade:
    instrument = grade.instrument and within(part.offering_id, grade.instrument)
    return replace(grade, outcome=within(part.offering_id, grade.outcome), instrument=instrument)


def _workload(workloads: Iterable[Workload]) -> Workload:
    """Exact sums; a sum of which one part is not known is not stated."""
    found = list(workloads)
    ects = [Decimal(each.ects) for each in found if each.ects is not None]
    hours = [each.hours for each in found if each.hours is not None]
    return Workload(
        ects=f"{sum(ects):f}" if ects and len(ects) == len(found) else None,
        hours=sum(hours) if hours and len(hours) == len(found) else None,
    )


def _weakest(stated: Sequence[Supervision | None]) -> Supervision | None:
    """The weakest of all parts (CRT-13); where a part does not say, nothing is said."""
    known = [each for each in stated if each is not None]
    if not known or len(known) < len(stated):
        return None
    weakest = min(SUPERVISION_LEVELS.index(each.supervision) for each in known)
    return Supervision(SUPERVISION_LEVELS[weakest], all(each.identity_verified for each in known))
