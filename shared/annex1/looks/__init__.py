"""How each of the eleven elements is looked at: what is missing or malformed, and from whom it would come."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from shared.annex1.elements import ATTENDANCE, MICRO_CREDENTIAL
from shared.annex1.looks import attendance, award, learning
from shared.annex1.missing import Missing
from shared.annex1.names import NAMES_OF

__all__ = ["LOOKS_OF"]

Looks = Mapping[int, Callable[..., Iterator[Missing]]]

_LOOKS: Looks = MappingProxyType(
    {
        1: award.learner,
        2: award.title,
        3: award.country,
        4: award.awarding_bodies,
        5: award.issued_on,
        6: learning.outcomes,
        7: learning.workload,
        8: learning.level,
        9: learning.assessment,
        10: learning.participation,
        11: learning.quality_assurance,
    }
)
_OF_ATTENDANCE: Looks = {
    **_LOOKS,
    4: attendance.confirming_body,
    7: attendance.hours,
    9: attendance.not_assessed,
}
LOOKS_OF: Mapping[str, Looks] = MappingProxyType(
    {
        MICRO_CREDENTIAL: _LOOKS,
        ATTENDANCE: MappingProxyType({number: _OF_ATTENDANCE[number] for number in NAMES_OF[ATTENDANCE]}),
    }
)
"""How each element of each type of document is looked at; those of elements 3 and 4 also take the agreement's clause,
as far as it is compared."""
