"""Elements 6 to 11: what was learnt and how much, at which level, how it was taught, assessed and assured."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from shared.annex1 import vocabulary
from shared.annex1.elements import Elements
from shared.annex1.missing import Missing
from shared.annex1.values import is_date, is_text

_ISCED_F = re.compile(r"[0-9]{2,4}")
_HIGHEST_ISCED_2011 = 8
_MOST_CREDITS = Decimal(240)


def outcomes(elements: Elements) -> Iterator[Missing]:
    if not elements.outcomes:
        yield Missing(6, "no learning outcome is stated", "offering", "/outcomes")
    for index, outcome in enumerate(elements.outcomes):
        if not is_text(outcome.title.get("en")):
            yield Missing(
                6, f"outcome {outcome.id} has no title in English", "offering", f"/outcomes/{index}/title/en"
            )
        if outcome.state not in {"achieved", "recognised"}:
            yield Missing(6, f"no final result says that outcome {outcome.id} is achieved", "assessment")


def workload(elements: Elements) -> Iterator[Missing]:
    ects, hours = elements.workload.ects, elements.workload.hours
    if ects is None and hours is None:
        yield Missing(7, "neither ECTS credits nor hours are stated", "offering", "/workload")
    if ects is not None and not _is_credit(ects):
        yield Missing(7, f"'{ects}' is no positive number of ECTS credits", "offering", "/workload/ects")
    if hours is not None and hours <= 0:
        yield Missing(7, "the hours of workload are not positive", "offering", "/workload/hours")


def _is_credit(value: str) -> bool:
    try:
        credit = Decimal(value)
    except InvalidOperation:
        return False
    return credit.is_finite() and 0 < credit <= _MOST_CREDITS


def level(elements: Elements) -> Iterator[Missing]:
    level = elements.level
    schemes = (level.eqf, level.qf_ehea_cycle, level.isced_2011)
    if level.not_applicable_reason is None and all(value is None for value in schemes):
        yield Missing(
            8, "no level is stated and no reason why none applies is recorded", "offering", "/level"
        )
    if level.not_applicable_reason is not None:
        if not is_text(level.not_applicable_reason):
            yield Missing(
                8, "the reason why no level applies is empty", "offering", "/level/not_applicable_reason"
            )
        if any(value is not None for value in schemes):
            yield Missing(
                8, "a level is stated together with a reason why none applies", "offering", "/level"
            )
    if level.eqf is not None and level.eqf not in vocabulary.EQF_LEVELS:
        yield Missing(8, "the EQF level is not one of 1 to 8", "offering", "/level/eqf")
    if level.qf_ehea_cycle is not None and level.qf_ehea_cycle not in vocabulary.QF_EHEA_CYCLES:
        yield Missing(8, "the cycle is not short, first, second or third", "offering", "/level/qf_ehea_cycle")
    if level.isced_2011 is not None and not 0 <= level.isced_2011 <= _HIGHEST_ISCED_2011:
        yield Missing(8, "the ISCED 2011 level is not one of 0 to 8", "offering", "/level/isced_2011")
    if level.isced_f is not None and _ISCED_F.fullmatch(level.isced_f) is None:
        yield Missing(
            8, "the ISCED-F field is not a code of two to four digits", "offering", "/level/isced_f"
        )


def assessment(elements: Elements) -> Iterator[Missing]:
    if not elements.assessments:
        yield Missing(9, "no assessment is recorded", "assessment", "/assessment/instruments")
    for assessment in elements.assessments:
        if assessment.type not in vocabulary.ASSESSMENT_TYPES:
            yield Missing(
                9,
                f"instrument {assessment.instrument} has no type of the European list: {assessment.type}",
                "offering",
                "/assessment/instruments",
            )
    proven = {outcome for assessment in elements.assessments for outcome in assessment.outcomes}
    for outcome in elements.outcomes:
        if outcome.state == "achieved" and outcome.id not in proven:
            yield Missing(9, f"outcome {outcome.id} is proven by no assessment", "assessment")


def participation(elements: Elements) -> Iterator[Missing]:
    if elements.participation not in vocabulary.LEARNING_MODES:
        yield Missing(
            10,
            f"the form of participation is not of the European list: {elements.participation}",
            "offering",
            "/participation",
        )


_QA_VALUES = MappingProxyType(
    {
        "type": frozenset(vocabulary.QUALITY_ASSURANCE_TYPES),
        "process": frozenset({"internal", "external"}),
        "timing": frozenset({"ex_ante", "ex_post"}),
    }
)


def quality_assurance(elements: Elements) -> Iterator[Missing]:
    decision = elements.quality_assurance
    for field, allowed in _QA_VALUES.items():
        if getattr(decision, field) not in allowed:
            yield Missing(
                11,
                f"the {field} of quality assurance is not one of {', '.join(sorted(allowed))}",
                "offering",
                f"/quality_assurance/{field}",
            )
    if not is_text(decision.body):
        yield Missing(
            11, "the body that decided on quality is not named", "offering", "/quality_assurance/body"
        )
    if not is_date(decision.date):
        yield Missing(
            11, "the date of the quality decision is missing", "offering", "/quality_assurance/date"
        )
