"""How facts of several parts are put into one line of a credential, and read back from it.

Formats without a member for a fact carry it as text. Both ways stand here, so that what is written is what is read.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.annex1.elements import QualityAssurance, Workload

NOT_APPLICABLE: Final = "not applicable: "
"""Before the recorded reason why no level applies (element 8)."""

PARAGRAPHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "prerequisites": "Prerequisites: ",
        "stackability": "Stackability: ",
        "further_information": "Further information: ",
        "not_assessed": "Not assessed",
    }
)
"""What the paragraphs of an Open Badges criteria narrative begin with that hold optional elements, or say that there
was no assessment."""

UNASSESSED: Final = "Nothing was assessed"
"""What a note of a European Digital Credential of attendance says."""

_DECISION: Final = re.compile(
    r"(?P<process>internal|external), (?P<timing>ex ante|ex post); decision of (?P<body>.+) of "
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:, valid until (?P<valid_until>\d{4}-\d{2}-\d{2}))?(?:; see (?P<url>\S+))?",
    re.DOTALL,
)
# Strangers write these texts: counted digits keep the time to search them in proportion to their length.
_CREDITS: Final = re.compile(r"(?<![\d.])(\d{1,9}(?:\.\d{1,9})?) ECTS credits")
_HOURS: Final = re.compile(r"(?<!\d)(\d{1,9}) hours")


def decision_text(decision: QualityAssurance) -> str:
    """Element 11 without its type: process, timing, body, dates and address, in one line."""
    timing = (decision.timing or "").replace("_", " ")
    until = f", valid until {decision.valid_until}" if decision.valid_until else ""
    see = f"; see {decision.url}" if decision.url else ""
    return f"{decision.process}, {timing}; decision of {decision.body} of {decision.date}{until}{see}"


def decision_from(text: str) -> QualityAssurance | None:
    """The decision that `decision_text` was made from, without its type; None where it is another text."""
    found = _DECISION.search(text)
    if found is None or found.end() != len(text):
        return None
    parts = found.groupdict()
    return QualityAssurance(**{**parts, "timing": parts["timing"].replace(" ", "_")})


def workload_text(workload: Workload) -> str:
    """Element 7 in one line: `10 ECTS credits, 270 hours`; empty where neither is known."""
    parts = []
    if workload.ects is not None:
        parts.append(f"{workload.ects} ECTS credits")
    if workload.hours is not None:
        parts.append(f"{workload.hours} hours")
    return ", ".join(parts)


def workload_from(text: str) -> Workload:
    """The workload in a line of `workload_text`; empty where it is another text."""
    points, hours = _CREDITS.search(text), _HOURS.search(text)
    return Workload(points[1] if points else None, int(hours[1]) if hours else None)
