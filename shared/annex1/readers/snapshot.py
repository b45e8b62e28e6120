"""A snapshot of this system, whole or in part: what is not there or of another type counts as missing or malformed."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared.annex1.elements import (
    MICRO_CREDENTIAL,
    Assessment,
    Elements,
    Institution,
    Learner,
    Level,
    Outcome,
    QualityAssurance,
    Workload,
)
from shared.annex1.names import NAMES_OF

_Made = TypeVar("_Made")
_WRONG_NUMBER = -1


def read(document: Mapping[str, Any]) -> Elements:
    """The elements under `elements`, as far as they can be read; those beside the eleven are left out."""
    data = _Record(document.get("elements"))
    kind = data.word("document_type")
    return Elements(
        document_type=kind if kind is not None and kind in NAMES_OF else MICRO_CREDENTIAL,
        learner=_learner(data.record("learner")),
        title=data.texts("title"),
        issuer=_institution(data.record("issuer")),
        awarding_bodies=data.records("awarding_bodies", _institution),
        issued_on=data.word("issued_on"),
        outcomes=data.records("outcomes", _outcome),
        workload=_workload(data.record("workload")),
        level=_level(data.record("level")),
        assessments=data.records("assessments", _assessment),
        participation=data.word("participation"),
        quality_assurance=_decision(data.record("quality_assurance")),
    )


class _Record:
    """A JSON object read member by member; a value of another type becomes one that no rule accepts."""

    def __init__(self, value: Any) -> None:
        self._members: Mapping[str, Any] = value if isinstance(value, dict) else {}

    def word(self, member: str) -> str | None:
        value = self._members.get(member)
        return value if value is None or isinstance(value, str) else ""

    def number(self, member: str) -> int | None:
        value = self._members.get(member)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return _WRONG_NUMBER

    def flag(self, member: str) -> bool:
        return self._members.get(member) is True

    def texts(self, member: str) -> Mapping[str, str]:
        value = self._members.get(member)
        return value if isinstance(value, dict) else {}

    def words(self, member: str) -> tuple[str, ...]:
        value = self._members.get(member)
        return (
            tuple(word for word in value if isinstance(word, str)) if isinstance(value, list | tuple) else ()
        )

    def record(self, member: str) -> "_Record":
        return _Record(self._members.get(member))

    def records(self, member: str, make: Callable[["_Record"], _Made]) -> tuple[_Made, ...]:
        value = self._members.get(member)
        return tuple(make(_Record(part)) for part in value) if isinstance(value, list | tuple) else ()


def _learner(data: _Record) -> Learner:
    return Learner(
        given_name=data.word("given_name") or "",
        family_name=data.word("family_name") or "",
        date_of_birth=data.word("date_of_birth"),
        identifier=data.word("identifier"),
    )


def _institution(data: _Record) -> Institution:
    return Institution(
        id=data.word("id") or "",
        name=data.texts("name"),
        country=data.word("country"),
        region=data.word("region"),
        website=data.word("website"),
        may_award=data.flag("may_award"),
    )


def _outcome(data: _Record) -> Outcome:
    return Outcome(
        id=data.word("id") or "",
        title=data.texts("title"),
        kind=data.word("kind"),
        esco=data.words("esco"),
        state=data.word("state"),
    )


def _workload(data: _Record) -> Workload:
    return Workload(ects=data.word("ects"), hours=data.number("hours"))


def _level(data: _Record) -> Level:
    return Level(
        eqf=data.number("eqf"),
        qf_ehea_cycle=data.word("qf_ehea_cycle"),
        isced_2011=data.number("isced_2011"),
        isced_f=data.word("isced_f"),
        not_applicable_reason=data.word("not_applicable_reason"),
    )


def _assessment(data: _Record) -> Assessment:
    return Assessment(
        instrument=data.word("instrument") or "",
        title=data.texts("title"),
        type=data.word("type"),
        mode=data.word("mode"),
        outcomes=data.words("outcomes"),
    )


def _decision(data: _Record) -> QualityAssurance:
    return QualityAssurance(
        type=data.word("type"),
        process=data.word("process"),
        timing=data.word("timing"),
        body=data.word("body"),
        date=data.word("date"),
        valid_until=data.word("valid_until"),
        url=data.word("url"),
    )
