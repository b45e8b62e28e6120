"""How each of the eleven elements is looked at: what is missing or malformed, and from whom it would come."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from shared.annex1 import vocabulary
from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL, Elements, Institution

ELEMENT_NAMES = MappingProxyType(
    {
        1: "identification of the learner",
        2: "title of the micro-credential",
        3: "country or region of the issuer",
        4: "awarding body or bodies",
        5: "date of issuing",
        6: "learning outcomes",
        7: "notional workload",
        8: "level and cycle of the learning experience",
        9: "type of assessment",
        10: "form of participation in the learning activity",
        11: "type of quality assurance",
    }
)

NAMES_OF = MappingProxyType(
    {
        MICRO_CREDENTIAL: ELEMENT_NAMES,
        ATTENDANCE: MappingProxyType(
            {
                1: ELEMENT_NAMES[1],
                2: "title of the learning activity",
                3: ELEMENT_NAMES[3],
                4: "institution that confirms the attendance",
                5: ELEMENT_NAMES[5],
                7: "hours of participation",
                9: "statement that nothing was assessed",
                10: ELEMENT_NAMES[10],
                11: ELEMENT_NAMES[11],
            }
        ),
    }
)
"""The elements of each type of document. A certificate of attendance certifies no outcome and no level (6, 8); who
confirms it stands in the place of who awards (4), and that nothing was assessed in the place of how (9)."""

SOURCES = MappingProxyType(
    {
        1: ("learner",),
        2: ("offering",),
        3: ("offering", "agreement"),
        4: ("offering", "agreement"),
        5: ("certification",),
        6: ("offering", "assessment"),
        7: ("offering",),
        8: ("offering",),
        9: ("offering", "assessment"),
        10: ("offering",),
        11: ("offering",),
    }
)
"""From whom each element comes; whatever is missing of it names one of them."""

SOURCES_OF = MappingProxyType(
    {
        MICRO_CREDENTIAL: SOURCES,
        ATTENDANCE: MappingProxyType(
            {
                number: {**SOURCES, 4: ("enrolment",), 7: ("enrolment", "offering"), 9: ("certification",)}[
                    number
                ]
                for number in NAMES_OF[ATTENDANCE]
            }
        ),
    }
)

_COUNTRY = re.compile(r"[A-Z]{2}")
_ISCED_F = re.compile(r"[0-9]{2,4}")
_HIGHEST_ISCED_2011 = 8
_MOST_CREDITS = Decimal(240)


@dataclass(frozen=True, slots=True)
class Missing:
    """One mandatory element that is missing or malformed.

    `source` says from whom it comes: learner, offering, agreement, assessment or certification.
    `pointer` leads to the field of the document it comes from, where there is one.
    """

    element: int
    reason: str
    source: str
    pointer: str | None = None
    document_type: str = MICRO_CREDENTIAL

    @property
    def name(self) -> str:
        return NAMES_OF[self.document_type][self.element]


def is_text(value: object) -> bool:
    """Whether `value` is a string that shows something and hides nothing (no control characters)."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)
    )


def _is_date(value: str | None) -> bool:
    try:
        date.fromisoformat(value or "")
    except ValueError:
        return False
    return True


def _learner(elements: Elements) -> Iterator[Missing]:
    learner = elements.learner
    if not is_text(learner.full_name):
        yield Missing(1, "the learner's name is missing or has unprintable characters", "learner", "/name")
    if learner.date_of_birth is not None and not _is_date(learner.date_of_birth):
        yield Missing(1, "the date of birth is no calendar date", "learner", "/date_of_birth")
    elif learner.date_of_birth is None and not is_text(learner.identifier):
        yield Missing(
            1, "neither a date of birth nor another identifier is on record", "learner", "/date_of_birth"
        )


def _title(elements: Elements) -> Iterator[Missing]:
    if not is_text(elements.title.get("en")):
        yield Missing(2, "there is no title in English", "offering", "/title/en")
    for language, title in elements.title.items():
        if language != "en" and not is_text(title):
            yield Missing(2, f"the title in '{language}' is empty", "offering", f"/title/{language}")


def _country(elements: Elements, clause: Mapping[str, Any] | None) -> Iterator[Missing]:
    issuer = elements.issuer
    agreed = (clause or {}).get("issuer")
    if not is_text(issuer.id):
        yield Missing(3, "no issuer is named", "offering", "/issuer")
    elif agreed is not None and issuer.id != agreed:
        yield Missing(
            3, f"the issuer {issuer.id} is not the one of the agreement, {agreed}", "offering", "/issuer"
        )
    elif not _has_country(issuer):
        yield Missing(3, f"the agreement gives no country for {issuer.id}", "agreement", "/partners")


def _has_country(institution: Institution) -> bool:
    return institution.country is not None and _COUNTRY.fullmatch(institution.country) is not None


def _awarding_bodies(elements: Elements, clause: Mapping[str, Any] | None) -> Iterator[Missing]:
    named = {body.id for body in elements.awarding_bodies}
    agreed = set((clause or {}).get("awarding_bodies") or ())
    if not named:
        yield Missing(4, "no awarding body is named", "offering", "/awarding_bodies")
    if not agreed and clause is not None:
        yield Missing(
            4,
            "the agreement's certificate clause names no awarding body",
            "agreement",
            "/certificate_clause/awarding_bodies",
        )
    if named and agreed:
        for absent in sorted(agreed - named):
            yield Missing(
                4, f"{absent} awards by the agreement but is not named", "offering", "/awarding_bodies"
            )
        for stranger in sorted(named - agreed):
            yield Missing(
                4,
                f"{stranger} is named but does not award by the agreement",
                "offering",
                "/awarding_bodies",
            )
    for body in elements.awarding_bodies:
        yield from _body(body)


def _body(body: Institution) -> Iterator[Missing]:
    if not any(is_text(name) for name in body.name.values()):
        yield Missing(4, f"the agreement gives no name for {body.id}", "agreement", "/partners")
    if not _has_country(body):
        yield Missing(4, f"the agreement gives no country for {body.id}", "agreement", "/partners")
    if not body.may_award:
        yield Missing(4, f"{body.id} may not award under the agreement", "agreement", "/partners")


def _issued_on(elements: Elements) -> Iterator[Missing]:
    if not _is_date(elements.issued_on):
        yield Missing(5, "the date of issuing is missing or no calendar date", "certification")


def _outcomes(elements: Elements) -> Iterator[Missing]:
    if not elements.outcomes:
        yield Missing(6, "no learning outcome is stated", "offering", "/outcomes")
    for index, outcome in enumerate(elements.outcomes):
        if not is_text(outcome.title.get("en")):
            yield Missing(
                6, f"outcome {outcome.id} has no title in English", "offering", f"/outcomes/{index}/title/en"
            )
        if outcome.state not in {"achieved", "recognised"}:
            yield Missing(6, f"no final result says that outcome {outcome.id} is achieved", "assessment")


def _workload(elements: Elements) -> Iterator[Missing]:
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


def _level(elements: Elements) -> Iterator[Missing]:
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


def _assessment(elements: Elements) -> Iterator[Missing]:
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


def _participation(elements: Elements) -> Iterator[Missing]:
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


def _quality_assurance(elements: Elements) -> Iterator[Missing]:
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
    if not _is_date(decision.date):
        yield Missing(
            11, "the date of the quality decision is missing", "offering", "/quality_assurance/date"
        )


def _confirming_body(elements: Elements) -> Iterator[Missing]:
    if not any(is_text(name) for body in elements.awarding_bodies for name in (body.id, *body.name.values())):
        yield Missing(4, "no institution confirms the attendance yet", "enrolment")


def _hours(elements: Elements) -> Iterator[Missing]:
    if elements.workload.hours is None or elements.workload.hours <= 0:
        yield Missing(7, "the hours of participation are not stated", "enrolment", "/workload/hours")
    if elements.workload.ects is not None:
        yield Missing(7, "credits are stated, which attendance alone does not earn", "certification")


def _not_assessed(elements: Elements) -> Iterator[Missing]:
    if elements.assessments or elements.outcomes or elements.grades:
        yield Missing(9, "something is stated as assessed in a certificate of attendance", "certification")


LOOKS: Mapping[int, Callable[..., Iterator[Missing]]] = MappingProxyType(
    {
        1: _learner,
        2: _title,
        3: _country,
        4: _awarding_bodies,
        5: _issued_on,
        6: _outcomes,
        7: _workload,
        8: _level,
        9: _assessment,
        10: _participation,
        11: _quality_assurance,
    }
)
LOOKS_OF: Mapping[str, Mapping[int, Callable[..., Iterator[Missing]]]] = MappingProxyType(
    {
        MICRO_CREDENTIAL: LOOKS,
        ATTENDANCE: MappingProxyType(
            {
                number: {**LOOKS, 4: _confirming_body, 7: _hours, 9: _not_assessed}[number]
                for number in NAMES_OF[ATTENDANCE]
            }
        ),
    }
)
"""How each element of each type of document is looked at."""
