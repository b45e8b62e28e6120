"""How the marks of several markers become one (practice C2; acceptance check 17).

Up to the tolerance apart, marks become their average. Beyond it the template's policy decides:
`average_within_tolerance` asks one more marker and averages the two nearest marks, `third_marker` lets the one more
marker's mark stand, `discussion` waits until all markers hand in the same agreed marks. What is said of two markers
holds for as many as the template asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from services.assessment.domain.plan import Attempt, Sheet
from services.assessment.domain.scales import PASS_OR_FAIL, Scale
from services.assessment.domain.template import Instrument

INDEPENDENT: Final = "independent"
AGREED: Final = "agreed"
DISCUSSION: Final = "discussion"


@dataclass(frozen=True, slots=True)
class Agreed:
    """The marks of a round, and the day of the last judgement that went into them."""

    marks: Mapping[str, str]
    assessed_on: date


def disagreement(instrument: Instrument, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """The outcomes on which the independent sheets of the first markers are further apart than the tolerance."""
    first = sheets[: instrument.markers]
    if len(first) < instrument.markers:
        return ()
    return tuple(o for o in instrument.outcomes if not _near(instrument, [s.marks[o] for s in first]))


def markers_needed(instrument: Instrument, attempt: Attempt) -> int:
    """How many independent markers this round takes, as far as is known by now."""
    disputed = disagreement(instrument, attempt.present_sheets(INDEPENDENT))
    third = bool(disputed) and instrument.agreement.policy != DISCUSSION
    return instrument.markers + (1 if third else 0)


def under_discussion(instrument: Instrument, attempt: Attempt) -> bool:
    """Whether the markers are to agree on marks by talking."""
    if instrument.agreement.policy != DISCUSSION:
        return False
    return bool(disagreement(instrument, attempt.present_sheets(INDEPENDENT)))


def agree(instrument: Instrument, attempt: Attempt) -> Agreed | None:
    """The marks of the present round; None while a marker's sheet or an agreement is missing."""
    sheets = attempt.present_sheets(INDEPENDENT)
    if len(sheets) < markers_needed(instrument, attempt):
        return None
    if under_discussion(instrument, attempt):
        return _discussed(attempt, sheets)
    marks = {o: _agreed_mark(instrument, [s.marks[o] for s in sheets]) for o in instrument.outcomes}
    return Agreed(marks, max(sheet.assessed_on for sheet in sheets))


def _near(instrument: Instrument, marks: Sequence[str]) -> bool:
    tolerance = Decimal(0) if instrument.scale.type == PASS_OR_FAIL else instrument.agreement.tolerance
    low, high = min(marks, key=instrument.scale.rank), max(marks, key=instrument.scale.rank)
    return instrument.scale.distance(low, high) <= tolerance


def _agreed_mark(instrument: Instrument, marks: Sequence[str]) -> str:
    first = marks[: instrument.markers]
    if len(first) == 1:
        return first[0]
    if _near(instrument, first):
        return instrument.scale.average(first)
    if instrument.agreement.policy == "third_marker":
        return marks[-1]
    return _nearest_pair(instrument.scale, marks)


def _nearest_pair(scale: Scale, marks: Sequence[str]) -> str:
    """The average of the two nearest marks, of equally near pairs the higher one; on `pass_or_fail` the majority."""
    if scale.type == PASS_OR_FAIL:
        return scale.average(marks)
    falling = sorted(marks, key=scale.rank, reverse=True)
    return scale.average(min(pairwise(falling), key=lambda pair: scale.distance(*pair)))


def _discussed(attempt: Attempt, sheets: Sequence[Sheet]) -> Agreed | None:
    latest = {sheet.marker: sheet for sheet in attempt.present_sheets(AGREED)}
    words = [latest[sheet.marker] for sheet in sheets if sheet.marker in latest]
    if len(words) < len(sheets) or any(word.marks != words[0].marks for word in words):
        return None
    return Agreed(dict(words[0].marks), max(word.assessed_on for word in words))
