"""How the marks of several markers become one (practice C2; acceptance check 17).

Up to the tolerance apart, two marks become their average. Beyond it the template's policy decides:
`average_within_tolerance` asks a third marker and averages the two nearest marks, `third_marker` lets the third
marker's mark stand, `discussion` waits until both markers hand in the same agreed marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
    """The outcomes on which the first two independent sheets are further apart than the tolerance."""
    if instrument.markers == 1 or len(sheets) < instrument.markers:
        return ()
    one, other = sheets[0].marks, sheets[1].marks
    return tuple(o for o in instrument.outcomes if not _near(instrument, one[o], other[o]))


def markers_needed(instrument: Instrument, attempt: Attempt) -> int:
    """How many independent markers this round takes, as far as is known by now."""
    disputed = disagreement(instrument, attempt.present_sheets(INDEPENDENT))
    third = bool(disputed) and instrument.agreement.policy != DISCUSSION
    return instrument.markers + (1 if third else 0)


def under_discussion(instrument: Instrument, attempt: Attempt) -> bool:
    """Whether the two markers are to agree on marks by talking."""
    if instrument.agreement.policy != DISCUSSION:
        return False
    return bool(disagreement(instrument, attempt.present_sheets(INDEPENDENT)))


def agree(instrument: Instrument, attempt: Attempt) -> Agreed | None:
    """The marks of the present round; None while a marker's sheet or an agreement is missing."""
    sheets = attempt.present_sheets(INDEPENDENT)
    if len(sheets) < markers_needed(instrument, attempt):
        return None
    if under_discussion(instrument, attempt):
        return _discussed(instrument, attempt, sheets)
    marks = {o: _agreed_mark(instrument, [s.marks[o] for s in sheets]) for o in instrument.outcomes}
    return Agreed(marks, max(sheet.assessed_on for sheet in sheets))


def _near(instrument: Instrument, one: str, other: str) -> bool:
    tolerance = Decimal(0) if instrument.scale.type == PASS_OR_FAIL else instrument.agreement.tolerance
    return instrument.scale.distance(one, other) <= tolerance


def _agreed_mark(instrument: Instrument, marks: Sequence[str]) -> str:
    if len(marks) == 1:
        return marks[0]
    if _near(instrument, marks[0], marks[1]):
        return instrument.scale.average(marks[0], marks[1])
    if instrument.agreement.policy == "third_marker":
        return marks[2]
    return _nearest_pair(instrument.scale, marks)


def _nearest_pair(scale: Scale, marks: Sequence[str]) -> str:
    """The average of the two nearest of three marks; between two equally near pairs the higher one."""
    low, middle, high = sorted(marks, key=scale.rank)
    if scale.distance(low, middle) < scale.distance(middle, high):
        return scale.average(low, middle)
    return scale.average(middle, high)


def _discussed(instrument: Instrument, attempt: Attempt, sheets: Sequence[Sheet]) -> Agreed | None:
    latest = {sheet.marker: sheet for sheet in attempt.present_sheets(AGREED)}
    words = [latest.get(sheet.marker) for sheet in sheets[:2]]
    one, other = words
    if one is None or other is None or any(one.marks[o] != other.marks[o] for o in instrument.outcomes):
        return None
    return Agreed(dict(one.marks), max(one.assessed_on, other.assessed_on))
