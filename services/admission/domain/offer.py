"""An offer of a place and its conditions (practice.md C1). Leaving `offer` always settles the open offer.

Whoever waits for a seat has a prepared offer already, so that promotion decides nothing anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from services.admission.domain.criteria import Criterion
from services.admission.domain.eligibility import Proposal
from shared.domain import Machine, Transition

OFFER: Final = Machine(
    "offer",
    "prepared",
    (
        Transition("prepared", "make_offer", "open", "offer.made"),
        Transition("prepared", "reject", "void", "application.rejected"),
        Transition("prepared", "withdraw", "void", "application.withdrawn"),
        Transition("open", "accept", "accepted", "offer.accepted"),
        Transition("open", "decline", "declined", "offer.declined"),
        Transition("open", "decline_by_default", "declined_by_default", "offer.declined"),
        Transition("open", "withdraw_offer", "withdrawn", "offer.withdrawn"),
        Transition("open", "withdraw", "void", "application.withdrawn"),
        Transition("accepted", "withdraw", "void", "application.withdrawn"),
        Transition("accepted", "conditions_not_met", "failed", "application.conditions_not_met"),
        Transition("accepted", "revoke_admission", "withdrawn", "admission.revoked"),
    ),
)

CONDITION: Final = Machine(
    "condition",
    "pending",
    (
        Transition("pending", "meet", "met", "application.admitted"),
        Transition("pending", "miss", "not_met", "application.conditions_not_met"),
        Transition("pending", "waive", "waived", "application.admitted"),
    ),
)

CURRENT: Final = frozenset({"prepared", "open", "accepted"})


@dataclass(frozen=True, slots=True)
class Condition:
    """What an applicant still has to show. `criterion` is set where the rules asked for it."""

    id: str
    text: str
    criterion: str | None
    due_by: datetime | None
    state: str = CONDITION.initial


def conditions_open(conditions: Iterable[Condition]) -> bool:
    return any(condition.state == CONDITION.initial for condition in conditions)


def conditions_due(conditions: Iterable[Condition]) -> datetime | None:
    """The first deadline among the open conditions."""
    due = [c.due_by for c in conditions if c.state == CONDITION.initial and c.due_by is not None]
    return min(due, default=None)


_TEXT_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {
        "language": "Show the required language level",
        "qualification_level": "Show the required qualification",
        "prior_knowledge": "Show the required prior knowledge",
        "work_experience": "Show the required work experience",
        "target_group": "Show that you belong to the target group",
    }
)


def missing_criteria(proposal: Proposal, criteria: Iterable[Criterion]) -> list[tuple[str, str]]:
    """The criteria that an offer under `proposal` has to state as conditions: (id, text)."""
    kinds = {criterion.id: criterion.kind for criterion in criteria}
    return [
        (result.criterion, f"{_TEXT_OF_KIND[kinds[result.criterion]]} ({result.criterion}).")
        for result in proposal.results
        if result.open and result.conditional
    ]
