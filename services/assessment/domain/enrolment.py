"""What assessment knows of an enrolment: facts told by events, folded in the order of their sequence numbers.

Folding the facts, instead of stepping along with them, makes redelivery and arrival out of order harmless: the
same facts give the same standing, whichever came first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ACTIVATED: Final = "activated"
SUSPENDED: Final = "suspended"
RESUMED: Final = "resumed"
REOPENED: Final = "reopened"
ENDED: Final = "ended"
NO_SHOW: Final = "no_show"
_LEAVING: Final = frozenset({"cancelled", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One `enrolment.*` event: its place among the enrolment's events, its action, time and reason code."""

    sequence: str
    kind: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentStanding:
    """`over` names why the plan has to end (cancelled, withdrawn, no_show); None while it goes on."""

    activated: bool = False
    suspended_since: datetime | None = None
    paused: timedelta = timedelta()
    over: str | None = None


def fold(facts: Iterable[Fact]) -> EnrolmentStanding:
    """Where the enrolment stands after all known facts."""
    activated, since, paused, over = False, None, timedelta(), None
    for fact in sorted(facts, key=lambda known: known.sequence):
        if fact.kind == ACTIVATED:
            activated = True
        elif fact.kind == SUSPENDED:
            since = since or fact.at
        elif fact.kind == RESUMED and since is not None:
            paused, since = paused + (fact.at - since), None
        elif fact.kind == REOPENED:
            over = None
        elif fact.kind in _LEAVING or (fact.kind == ENDED and fact.reason == NO_SHOW):
            over = fact.reason if fact.kind == ENDED else fact.kind
    return EnrolmentStanding(activated, since, paused, over)
