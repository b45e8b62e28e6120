"""Decisions that two different people take: one proposes, another confirms, and only then anything happens.

The database refuses one person in both places too.
"""

from dataclasses import dataclass, replace
from typing import Final

from services.certification.domain.machines import PROPOSAL
from shared.domain import Actor, ConflictError

REVOCATION: Final = "revocation"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`reason_code` is public once it is confirmed; `reason` stays in the history."""

    id: str
    kind: str
    certificate_id: str
    state: str
    reason_code: str
    reason: str
    proposed_by: str
    confirmed_by: str | None = None


def confirmed(proposal: Proposal, actor: Actor) -> Proposal:
    """The second person agrees.

    Raises:
        IllegalTransitionError: it is settled already.
        ConflictError: it is the person who proposed it.
    """
    row = PROPOSAL.fire(proposal.state, "confirm")
    if actor.subject == proposal.proposed_by:
        raise ConflictError("A second person has to confirm; this one has proposed it.")
    return replace(proposal, state=row.target, confirmed_by=actor.subject)


def refused(proposal: Proposal) -> Proposal:
    """The proposal is dropped, by whomever.

    Raises:
        IllegalTransitionError: it is settled already.
    """
    return replace(proposal, state=PROPOSAL.fire(proposal.state, "refuse").target)
