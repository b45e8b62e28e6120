"""How OOAPI clients see an application: the state of a programme-offering association (D1, last paragraph)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ASSOCIATION_STATE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "submitted": "pending",
        "under_review": "pending",
        "information_requested": "pending",
        "offer": "pending",
        "pending_conditions": "pending",
        "offer_deferred": "pending",
        "waitlisted": "queued",
        "rejected": "denied",
        "conditions_not_met": "denied",
        "offer_withdrawn": "denied",
        "declined": "cancelled",
        "withdrawn": "cancelled",
        "expired": "cancelled",
        "admitted": "associated",
    }
)


def association_state(state: str) -> str | None:
    """The OOAPI associationState of an application; None for a draft, which nobody but its learner sees."""
    return ASSOCIATION_STATE.get(state)
