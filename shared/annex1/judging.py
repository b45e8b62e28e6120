"""The rules of the eleven elements for any credential, whoever issued it and in whatever format (CRT-01 to CRT-11).

Stricter rules hold for our own snapshots (`shared.annex1.gate`), since more is known there. Here an element is
complete when it is stated at least once and everything stated about it can be used.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.awarding import differences
from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL
from shared.annex1.findings import Finding
from shared.annex1.names import NAMES_OF
from shared.annex1.reading import Found, Reading, StatedConcept
from shared.annex1.values import is_day, is_positive, is_readable
from shared.annex1.vocabulary import EQF_LEVELS, QF_EHEA_CYCLES

_COUNTRY: Final = re.compile(r"[A-Z]{2,3}")
_AWARDED: Final = 4


def judge(reading: Reading, awarding_bodies: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Everything that is missing or malformed, in the order of Annex I.

    `awarding_bodies` are the names or ids of an agreement's list, to compare element 4 with (CRT-40); without any,
    it is not compared.
    """
    kind = reading.document_type
    findings = [finding for look in _RULES_OF[kind].values() for finding in look(reading)]
    agreed = awarding_bodies if kind == MICRO_CREDENTIAL else ()
    compared = differences(reading.awarding_bodies, agreed, reading.places[_AWARDED])
    ordered = sorted((*findings, *compared), key=lambda finding: finding.element)
    return tuple(replace(finding, document_type=kind) for finding in ordered)


def _malformed(
    element: int, facts: Iterable[Found], holds: Callable[[Any], bool], reason: str
) -> Iterator[Finding]:
    for fact in facts:
        if not holds(fact.value):
            yield Finding(element, "malformed", reason, fact.pointer)


def _absent(reading: Reading, element: int, reason: str) -> Finding:
    return Finding(element, "missing", reason, reading.places[element])


def _learner(reading: Reading) -> Iterator[Finding]:
    if not reading.names:
        yield _absent(reading, 1, "nobody is named as the learner, in clear")
    yield from _malformed(1, reading.names, is_readable, "the learner's name is empty or cannot be shown")
    if not reading.birth_dates and not reading.identifiers:
        yield _absent(reading, 1, "neither a date of birth nor another identifier of the learner is stated")
    yield from _malformed(1, reading.birth_dates, is_day, "the date of birth is no calendar date")
    yield from _malformed(1, reading.identifiers, is_readable, "the learner's identifier is empty")


def _title(reading: Reading) -> Iterator[Finding]:
    if not reading.titles:
        yield _absent(reading, 2, "there is no title")
    yield from _malformed(2, reading.titles, is_readable, "the title is empty or cannot be shown")


def _country(reading: Reading) -> Iterator[Finding]:
    """A region says more about a country that is stated; alone it does not say where that is."""
    if not reading.countries and not reading.country_names:
        yield _absent(reading, 3, "the country of the issuer is not stated")
    yield from _malformed(3, reading.countries, _is_country, "the issuer's country is no country code")
    yield from _malformed(3, reading.country_names, is_readable, "the name of the issuer's country is empty")
    yield from _malformed(3, reading.regions, is_readable, "the issuer's region is empty")


def _is_country(value: object) -> bool:
    return isinstance(value, str) and _COUNTRY.fullmatch(value) is not None


def _awarding_bodies(reading: Reading) -> Iterator[Finding]:
    if not reading.awarding_bodies:
        yield _absent(reading, 4, "no awarding body is named")
    for body in reading.awarding_bodies:
        if not any(is_readable(name) for name in body.names):
            yield Finding(4, "malformed", "an awarding body has no name", body.pointer)


def _issued(reading: Reading) -> Iterator[Finding]:
    if not reading.issued:
        yield _absent(reading, 5, "there is no date of issuing")
    yield from _malformed(5, reading.issued, is_day, "the date of issuing is no calendar date")


def _outcomes(reading: Reading) -> Iterator[Finding]:
    if not reading.outcomes:
        yield _absent(reading, 6, "no learning outcome is stated")
    for outcome in reading.outcomes:
        if not outcome.titles or not all(is_readable(title) for title in outcome.titles):
            yield Finding(6, "malformed", "a learning outcome has no title, or an empty one", outcome.pointer)


def _workload(reading: Reading) -> Iterator[Finding]:
    if not reading.credits and not reading.hours and not reading.other_workload:
        yield _absent(reading, 7, "neither ECTS credits nor hours of workload are stated")
    yield from _malformed(7, reading.credits, is_positive, "the credits are no positive number")
    yield from _malformed(7, reading.hours, is_positive, "the hours of workload are no positive number")
    yield from _malformed(7, reading.other_workload, _names_an_amount, "the workload is no amount of time")


def _names_an_amount(value: object) -> bool:
    return is_readable(value) and re.search(r"[1-9]", str(value)) is not None


def _level(reading: Reading) -> Iterator[Finding]:
    stated = [level for level in reading.levels if level.scheme != "isced_f"]
    if not stated and not reading.no_level:
        yield _absent(reading, 8, "no level is stated and no reason why none applies is recorded")
    yield from _malformed(8, reading.no_level, is_readable, "the reason why no level applies is empty")
    if stated and reading.no_level:
        reason = "a level is stated together with a reason why none applies"
        yield Finding(8, "malformed", reason, reading.no_level[0].pointer)
    for level in stated:
        if not _LEVELS[level.scheme](level.value):
            reason = f"what is stated is no level of {_SCHEMES[level.scheme]}"
            yield Finding(8, "malformed", reason, level.pointer)


_LEVELS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "eqf": lambda value: value in EQF_LEVELS,
        "qf_ehea_cycle": lambda value: value in QF_EHEA_CYCLES,
        "isced_2011": lambda value: value in range(9),
        "other": is_readable,
    }
)
_SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "eqf": "the European Qualifications Framework (1 to 8)",
        "qf_ehea_cycle": "the QF-EHEA (short, first, second or third cycle)",
        "isced_2011": "ISCED 2011 (0 to 8)",
        "other": "any framework",
    }
)


def _concepts(
    reading: Reading, element: int, stated: tuple[StatedConcept, ...], what: str
) -> Iterator[Finding]:
    if not stated:
        yield _absent(reading, element, f"no {what} is stated")
    for concept in stated:
        if not is_readable(concept.uri) and not any(is_readable(label) for label in concept.labels):
            yield Finding(element, "malformed", f"the {what} has neither label nor address", concept.pointer)


def _assessment(reading: Reading) -> Iterator[Finding]:
    return _concepts(reading, 9, reading.assessment_types, "type of assessment")


def _participation(reading: Reading) -> Iterator[Finding]:
    return _concepts(reading, 10, reading.participation, "form of participation")


def _quality_assurance(reading: Reading) -> Iterator[Finding]:
    return _concepts(reading, 11, reading.quality_assurance, "type of quality assurance")


def _confirming_body(reading: Reading) -> Iterator[Finding]:
    if not reading.awarding_bodies:
        yield _absent(reading, 4, "no institution is named that confirms the attendance")
    for body in reading.awarding_bodies:
        if not any(is_readable(name) for name in body.names):
            yield Finding(4, "malformed", "the confirming institution has no name", body.pointer)


def _hours(reading: Reading) -> Iterator[Finding]:
    if not reading.hours and not reading.other_workload:
        yield _absent(reading, 7, "attendance is stated in hours, and no hours are")
    for earned in reading.credits:
        yield Finding(7, "malformed", "credits are stated, which attendance does not earn", earned.pointer)
    yield from _malformed(7, reading.hours, is_positive, "the hours are no positive number")
    yield from _malformed(7, reading.other_workload, _names_an_amount, "the hours are no amount of time")


def _not_assessed(reading: Reading) -> Iterator[Finding]:
    if not reading.not_assessed:
        yield _absent(reading, 9, "it is not stated that nothing was assessed")


_RULES: Mapping[int, Callable[[Reading], Iterator[Finding]]] = MappingProxyType(
    {
        1: _learner,
        2: _title,
        3: _country,
        4: _awarding_bodies,
        5: _issued,
        6: _outcomes,
        7: _workload,
        8: _level,
        9: _assessment,
        10: _participation,
        11: _quality_assurance,
    }
)
_RULES_OF: Mapping[str, Mapping[int, Callable[[Reading], Iterator[Finding]]]] = MappingProxyType(
    {
        MICRO_CREDENTIAL: _RULES,
        ATTENDANCE: MappingProxyType(
            {
                number: {**_RULES, 4: _confirming_body, 7: _hours, 9: _not_assessed}[number]
                for number in NAMES_OF[ATTENDANCE]
            }
        ),
    }
)
