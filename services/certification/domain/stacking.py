"""What follows from a learner's certificates and the rules in force: proposals, lapses and reviews, never a decision.

A function of sets: the order in which certificates, rules and stacks are given, and how often it is asked, make no
difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.certification.domain.stack import (
    COUNTED_ELSEWHERE,
    COUNTING,
    PARTS_CHANGED,
    Stack,
    StackPart,
    new_stack,
    stack_id,
)
from services.certification.domain.stack_choice import choose, one_per_offering
from services.certification.domain.stack_rules import Lack, Part, Rule, lacking
from services.certification.domain.stack_steps import Move, fire, with_standings

SETTLED_AGAIN: Final = "every certificate that it rests on stands again"
AWARD_REVOKED: Final = "the larger certificate was revoked"

_SETTLED: Final = frozenset({"refused", "withdrawn"})
"""Decided for good: other certificates make another set of parts."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """One learner's certificates: `parts` may count, `standings` says by award how every part of a stack stands."""

    learner_id: str
    parts: tuple[Part, ...]
    standings: Mapping[str, StackPart]
    revoked_awards: frozenset[str] = frozenset()


def detect(holdings: Holdings, rules: Iterable[Rule], stacks: Iterable[Stack]) -> tuple[Move, ...]:
    """What has to change: each stack by its parts first, then a proposal for each rule that is newly satisfied."""
    looked = [_looked_after(stack, holdings) for stack in sorted(stacks, key=lambda stack: stack.id)]
    used = counted(move.after for move in looked)
    upkept = [_lapsed_if_counted(move, used) for move in looked]
    known = {move.after.id: move for move in upkept}
    proposed = [
        move
        for rule in sorted(rules, key=lambda rule: (rule.agreement_id, rule.id))
        if (move := _proposal(holdings, rule, known, used)) is not None
    ]
    again = {move.after.id for move in proposed}
    return tuple(
        move
        for move in (*(m for m in upkept if m.after.id not in again), *proposed)
        if move.before != move.after
    )


def counted(stacks: Iterable[Stack]) -> frozenset[tuple[str, str]]:
    """The (kind, offering) whose credits have counted: each at most once per learner."""
    return frozenset(
        (stack.kind, offering) for stack in stacks if stack.state in COUNTING for offering in stack.offerings
    )


def _looked_after(stack: Stack, holdings: Holdings) -> Move:
    now = with_standings(stack, holdings.standings)
    if stack.state == "proposed":
        return _fired(stack, now, "lapse", PARTS_CHANGED) if now.in_doubt else Move(stack, now)
    if stack.state not in COUNTING:
        return Move(stack, stack)
    if stack.larger_award_id in holdings.revoked_awards:
        return _fired(stack, now, "withdraw", AWARD_REVOKED)
    if stack.state == "granted" and now.in_doubt:
        return _fired(stack, now, "review", None)
    if stack.state == "in_review" and not now.in_doubt:
        return _fired(stack, now, "settle", SETTLED_AGAIN)
    return Move(stack, now)


def _fired(before: Stack, now: Stack, trigger: str, reason: str | None) -> Move:
    kept = before.reason if reason is None else reason
    return replace(fire(now, trigger, reason=kept), before=before)


def _lapsed_if_counted(move: Move, used: frozenset[tuple[str, str]]) -> Move:
    stack = move.after
    if stack.state != "proposed" or not any((stack.kind, offering) in used for offering in stack.offerings):
        return move
    return replace(fire(stack, "lapse", reason=COUNTED_ELSEWHERE), before=move.before)


def _proposal(
    holdings: Holdings, rule: Rule, known: Mapping[str, Move], used: frozenset[tuple[str, str]]
) -> Move | None:
    mine = [move.after for move in known.values() if _of_rule(move.after, rule)]
    if any(stack.state == "proposed" for stack in mine):
        return None
    shunned = {award for stack in mine if stack.state in _SETTLED for award in stack.award_ids}
    chosen = choose(rule.requirement, candidates(holdings.parts, rule, used), shunned)
    if chosen is None:
        return None
    identifier = stack_id(holdings.learner_id, rule, (part.award_id for part in chosen))
    if identifier not in known:
        return fire(new_stack(holdings.learner_id, rule, chosen), "propose", new=True)
    before = known[identifier]
    if before.after.state != "lapsed":
        return None
    renewed = replace(
        before.after,
        agreement_version=rule.agreement_version,
        parts=new_stack(holdings.learner_id, rule, chosen).parts,
    )
    move = fire(renewed, "propose")
    return Move(before.before, move.after, (*before.events, *move.events), (*before.changes, *move.changes))


def _of_rule(stack: Stack, rule: Rule) -> bool:
    return (stack.agreement_id, stack.rule_id) == (rule.agreement_id, rule.id)


def candidates(parts: Iterable[Part], rule: Rule, used: frozenset[tuple[str, str]]) -> tuple[Part, ...]:
    """The certificates that may count under the rule: one of each offering, none whose credits have counted."""
    return tuple(
        part for part in one_per_offering(parts, rule.offerings) if (rule.kind, part.offering_id) not in used
    )


@dataclass(frozen=True, slots=True)
class Path:
    """How far a learner has come under a rule. `counting` are certificates that may count, `lacks` what is missing."""

    rule: Rule
    counting: tuple[Part, ...]
    lacks: tuple[Lack, ...]
    stacks: tuple[Stack, ...]


def paths(holdings: Holdings, rules: Iterable[Rule], stacks: Iterable[Stack]) -> Iterator[Path]:
    """The rules towards which the learner's certificates count, or have counted (CRT-26)."""
    known = sorted(stacks, key=lambda stack: stack.id)
    used = counted(known)
    for rule in sorted(rules, key=lambda rule: (rule.agreement_id, rule.id)):
        found = candidates(holdings.parts, rule, used)
        mine = tuple(stack for stack in known if _of_rule(stack, rule))
        if found or mine:
            yield Path(rule, found, lacking(rule.requirement, found), mine)
