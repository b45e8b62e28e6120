"""The words every domain speaks: actors, state machines as tables, events, history and refusals.

Pure: no I/O, no clock, no framework. `domain/` of every service may import this module.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the token's subject, the role acted in, and the institution it belongs to (None outside one)."""

    subject: str
    role: str
    institution: str | None = None


SYSTEM = Actor("system", "system")


@dataclass(frozen=True, slots=True)
class Pointer:
    """One wrong place of an input: a JSON pointer and what to do about it."""

    pointer: str
    detail: str


class DomainError(Exception):
    """A refusal with a reason a person can act on; the web edge maps it to a problem document."""

    slug = "refused"
    title = "Refused"
    status = 409

    def __init__(self, detail: str, *, pointers: Iterable[Pointer] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointers = tuple(pointers)


class NotFoundError(DomainError):
    """Missing, or not the caller's to see: both look the same from outside."""

    slug, title, status = "not-found", "Not found", 404


class ForbiddenError(DomainError):
    slug, title, status = "forbidden", "Not allowed", 403


class ConflictError(DomainError):
    slug, title, status = "conflict", "Conflict with the present state", 409


class PreconditionFailedError(DomainError):
    slug, title, status = "precondition-failed", "The resource has changed", 412


class InvalidError(DomainError):
    slug, title, status = "invalid-input", "The input breaks a rule", 422


class UnavailableError(DomainError):
    """Something this step needs is away for the moment; trying later is right."""

    slug, title, status = "unavailable", "Temporarily unavailable", 503


class IllegalTransitionError(ConflictError):
    slug, title = "illegal-transition", "This step is not possible in the present state"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a state table of `state-machines.md`: in `source`, `trigger` leads to `target` and emits `event`."""

    source: str
    trigger: str
    target: str
    event: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine as a table. (source, trigger, target) is unique; guards choose among targets."""

    name: str
    initial: str
    table: tuple[Transition, ...]

    @property
    def states(self) -> frozenset[str]:
        return frozenset({self.initial, *(t.source for t in self.table), *(t.target for t in self.table)})

    def triggers(self, state: str) -> frozenset[str]:
        """The triggers that have a row in `state`."""
        return frozenset(t.trigger for t in self.table if t.source == state)

    def allows(self, state: str, trigger: str) -> bool:
        return any(t.source == state and t.trigger == trigger for t in self.table)

    def fire(self, state: str, trigger: str, *, target: str | None = None) -> Transition:
        """The row for (`state`, `trigger`); `target` picks one where a guard leads to several.

        Raises:
            IllegalTransitionError: no such row; the message names what is possible instead.
        """
        rows = [t for t in self.table if t.source == state and t.trigger == trigger]
        if target is not None:
            rows = [t for t in rows if t.target == target]
        if not rows:
            possible = ", ".join(sorted(self.triggers(state))) or "nothing, the state is final"
            raise IllegalTransitionError(
                f"{self.name}: '{trigger}' is not possible in state '{state}'. Possible now: {possible}."
            )
        if len(rows) > 1:
            raise LookupError(
                f"{self.name}: '{trigger}' in '{state}' is ambiguous; the caller must say which target"
            )
        return rows[0]


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(mapping))


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """A fact for the other services and, where `audience` names institutions, for these partners' feeds.

    `name` is `subject.action` in the past tense. `data` holds ids, codes and states only, never personal data.
    """

    name: str
    data: Mapping[str, Any]
    audience: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", _frozen(self.data))


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a case's history; the unit of work adds actor, role, institution and time.

    `subject_type` and `subject` say what changed (it may be a part of the aggregate, such as one registration).
    """

    subject_type: str
    subject: str
    trigger: str
    source: str
    target: str
    reason: str | None = None
    rule_set: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
