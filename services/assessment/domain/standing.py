"""Where a learner stands: outcomes derived from results, never stored (AST-05).

An outcome is achieved when every summative instrument that covers it has a passing result; the first pass at an
instrument stands, and later attempts are for what is still missing. It is not achieved only when an instrument has
no attempt left. Nothing here can see another learner (AST-01).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from services.assessment.domain.plan import Attempt, Plan
from services.assessment.domain.template import Instrument

SETTLED: Final = frozenset({"achieved", "not_achieved", "recognised"})
SHOWN: Final = frozenset({"achieved", "recognised"})
_SUPERVISION: Final = ("unsupervised", "supervised_online", "supervised_onsite")


@dataclass(frozen=True, slots=True)
class OutcomeStanding:
    """One outcome's state (practice C2) and the attempts whose results decide it, by instrument."""

    outcome: str
    state: str
    deciding: tuple[Attempt, ...] = ()

    @property
    def final(self) -> bool:
        """Whether nothing that decides this outcome waits for its confirmation."""
        return self.state in SETTLED and all(attempt.marking == "final" for attempt in self.deciding)


@dataclass(frozen=True, slots=True)
class Standing:
    outcomes: tuple[OutcomeStanding, ...]
    in_flight: bool

    @property
    def settled(self) -> bool:
        """Every outcome is decided, and no summative attempt is under way."""
        return not self.in_flight and all(o.state in SETTLED for o in self.outcomes)

    @property
    def final(self) -> bool:
        return self.settled and all(o.final for o in self.outcomes)

    @property
    def passed(self) -> bool:
        """Composite completion: all of the outcomes, not most of them (AST-24)."""
        return all(o.state in SHOWN for o in self.outcomes)

    def of(self, outcome: str) -> OutcomeStanding:
        return next(o for o in self.outcomes if o.outcome == outcome)

    def shown(self, outcomes: Iterable[str]) -> bool:
        return all(self.of(outcome).state in SHOWN for outcome in outcomes)

    def decides(self, attempt: Attempt) -> bool:
        return any(attempt.id == deciding.id for o in self.outcomes for deciding in o.deciding)


def standing(plan: Plan) -> Standing:
    """Where this learner stands now."""
    return Standing(
        outcomes=tuple(_outcome(plan, outcome) for outcome in plan.template.outcomes),
        in_flight=any(attempt.in_flight for attempt in plan.summative_attempts),
    )


def first_pass(plan: Plan, instrument: Instrument, outcome: str) -> Attempt | None:
    """The earliest attempt at `instrument` whose result stands and passes `outcome`."""
    for attempt in plan.attempts_at(instrument.id):
        if attempt.stands and attempt.marks and instrument.scale.passes(attempt.marks[outcome]):
            return attempt
    return None


def attempts_left(plan: Plan, instrument: Instrument) -> int | None:
    """How many more attempts the template allows; None where it sets no limit."""
    if instrument.max_attempts is None:
        return None
    return max(0, instrument.max_attempts - len(plan.attempts_at(instrument.id)))


def missing(plan: Plan, instrument: Instrument) -> tuple[str, ...]:
    """The outcomes that this instrument still has to show, because nothing else will."""
    return tuple(
        outcome
        for outcome in instrument.outcomes
        if plan.recognised(outcome) is None and first_pass(plan, instrument, outcome) is None
    )


def _outcome(plan: Plan, outcome: str) -> OutcomeStanding:
    if plan.recognised(outcome):
        return OutcomeStanding(outcome, "recognised")
    instruments = plan.template.summative(outcome)
    if spent := [i for i in instruments if _spent(plan, i, outcome)]:
        failed = tuple(a for i in spent for a in plan.attempts_at(i.id) if a.stands)
        return OutcomeStanding(outcome, "not_achieved", failed)
    passes = [first_pass(plan, instrument, outcome) for instrument in instruments]
    deciding = tuple(attempt for attempt in passes if attempt is not None)
    if len(deciding) == len(instruments):
        return OutcomeStanding(outcome, "achieved", deciding)
    begun = any(plan.attempts_at(instrument.id) for instrument in instruments)
    return OutcomeStanding(outcome, "in_progress" if begun else "not_started", deciding)


def _spent(plan: Plan, instrument: Instrument, outcome: str) -> bool:
    """Whether no attempt is left or under way at `instrument`, and none of them passed `outcome`."""
    return (
        attempts_left(plan, instrument) == 0
        and not any(attempt.in_flight for attempt in plan.attempts_at(instrument.id))
        and first_pass(plan, instrument, outcome) is None
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """A final result, or a recognition, that counted for one outcome: what a certificate rests on."""

    outcome: str
    state: str
    attempt: Attempt | None = None
    instrument: Instrument | None = None

    @property
    def identity_verified(self) -> bool:
        return self.attempt is not None and self.attempt.verification == "verified"

    @property
    def mark(self) -> str | None:
        if self.attempt is None or self.attempt.marks is None:
            return None
        return self.attempt.marks[self.outcome]


def proofs(plan: Plan) -> tuple[Proof, ...]:
    """What is final and counts, in the order of the outcomes; a failed outcome proves nothing."""
    found: list[Proof] = []
    for outcome in standing(plan).outcomes:
        if outcome.state == "recognised":
            found.append(Proof(outcome.outcome, outcome.state))
        elif outcome.state == "achieved" and outcome.final:
            found.extend(
                Proof(outcome.outcome, outcome.state, attempt, plan.instrument_of(attempt))
                for attempt in outcome.deciding
            )
    return tuple(found)


def weakest_supervision(plan: Plan) -> tuple[str, bool] | None:
    """The weakest supervision and identity check of the attempts that counted (CRT-13); None without any."""
    counted = [proof for proof in proofs(plan) if proof.instrument is not None]
    if not counted:
        return None
    levels = (_SUPERVISION.index(p.instrument.supervision) for p in counted if p.instrument is not None)
    return _SUPERVISION[min(levels)], all(proof.identity_verified for proof in counted)


def results_digest(plan: Plan) -> str:
    """`sha256:` over the sorted proofs: the same results give the same digest, whenever they were judged.

    D7 reinstates a suspended certificate when a new completion has the digest of the old one.
    """
    rows: list[list[Any]] = sorted(
        [
            [proof.outcome, proof.state]
            if proof.instrument is None
            else [
                proof.outcome,
                proof.state,
                proof.instrument.id,
                proof.instrument.scale.type,
                proof.mark,
                proof.identity_verified,
            ]
            for proof in proofs(plan)
        ]
    )
    text = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
