"""The steps of a stack: how it is to be, its events and its history; what the deciding body's people decide."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.certification.domain.stack import STACK, STANDS, Stack, StackPart
from shared.domain import Change, ConflictError, DomainEvent


@dataclass(frozen=True, slots=True)
class Move:
    """A stack as it is to be, with what has to be told about the way there; `before` is None for a new one."""

    before: Stack | None
    after: Stack
    events: tuple[DomainEvent, ...] = ()
    changes: tuple[Change, ...] = ()


def fire(stack: Stack, trigger: str, *, new: bool = False, reason: str | None = None, **updates: Any) -> Move:
    """Fire `trigger`; `updates` are fields that change with it.

    Raises:
        IllegalTransitionError: the stack's state has no such row.
    """
    row = STACK.fire(stack.state, trigger)
    after = replace(stack, **{**updates, "state": row.target, "reason": reason})
    event = DomainEvent(row.event, facts(after), frozenset({stack.deciding_body}))
    change = Change("stack", stack.id, trigger, row.source, row.target, reason)
    return Move(None if new else stack, after, (event,), (change,))


def facts(stack: Stack) -> dict[str, Any]:
    """What the events `stack.*` carry: ids, states and digests, never who the learner is nor anybody's words."""
    return {
        "stack_id": stack.id,
        "learner_id": stack.learner_id,
        "agreement_id": stack.agreement_id,
        "agreement_version": stack.agreement_version,
        "rule_id": stack.rule_id,
        "rule_version": stack.rule_version,
        "deciding_body": stack.deciding_body,
        "state": stack.state,
        "parts": [
            {
                "certificate_id": part.certificate_id,
                "offering_id": part.offering_id,
                "standing": part.standing,
            }
            for part in stack.parts
        ],
        "automatic_entitlement": False,
        "link": f"/certification/v1/stacks/{stack.id}",
    }


def with_standings(stack: Stack, standings: Mapping[str, StackPart]) -> Stack:
    """The stack with its parts as they stand by now; who accepted a standing that has passed has to be asked again."""
    return replace(stack, parts=tuple(_updated(part, standings.get(part.award_id)) for part in stack.parts))


def _updated(part: StackPart, now: StackPart | None) -> StackPart:
    if now is None:
        return replace(part, standing="missing")
    other_results = now.standing == STANDS and now.results_digest != part.results_digest
    standing = "replaced" if other_results else now.standing
    accepted = STANDS if standing == STANDS else part.accepted
    return replace(part, certificate_id=now.certificate_id, standing=standing, accepted=accepted)


def grant(stack: Stack, person: str, at: datetime, reason: str) -> Move:
    """A person of the deciding body grants the larger award.

    Raises:
        IllegalTransitionError: nothing is proposed.
        ConflictError: a part does not stand.
    """
    STACK.fire(stack.state, "grant")
    if stack.in_doubt:
        raise ConflictError("A certificate that this proposal rests on does not stand at the moment.")
    return fire(stack, "grant", reason=reason, decided_by=person, decided_at=at)


def refuse(stack: Stack, person: str, at: datetime, reason: str) -> Move:
    """A person of the deciding body refuses, with reasons that the learner reads.

    Raises:
        IllegalTransitionError: nothing is proposed.
    """
    return fire(stack, "refuse", reason=reason, decided_by=person, decided_at=at)


def keep(stack: Stack, reason: str) -> Move:
    """The larger award stands although a part does not; asked again only when a part's standing changes.

    Raises:
        IllegalTransitionError: no review is open.
    """
    accepted = tuple(replace(part, accepted=part.standing) for part in stack.parts)
    return fire(stack, "keep", reason=reason, parts=accepted)
