"""The plan follows its results: after every step this one rule brings D4 into line with where the learner stands.

It reads one plan and nothing else, so no learner ever waits for another, and no board has to sit (AST-01, AST-03).
"""

from dataclasses import replace

from services.assessment.domain.decision import Decision, outcome_facts
from services.assessment.domain.plan import Plan
from services.assessment.domain.standing import Standing, results_digest, standing
from shared.domain import DomainEvent


def settled(before: Plan, decision: Decision) -> Decision:
    """`decision`, with the outcomes it achieved told and the plan moved as D4 demands in the same transaction."""
    decision = _tell_achieved(before, decision)
    while (step := _next_step(decision.plan, standing(decision.plan))) is not None:
        trigger, target = step
        decision = _confirmed(decision, target) if target else decision.move_plan(trigger)
    return decision


def _tell_achieved(before: Plan, decision: Decision) -> Decision:
    known = {o.outcome for o in standing(before).outcomes if o.state == "achieved" and o.final}
    new = tuple(
        DomainEvent("outcome.achieved", outcome_facts(decision.plan, o.outcome))
        for o in standing(decision.plan).outcomes
        if o.state == "achieved" and o.final and o.outcome not in known
    )
    return replace(decision, events=(*decision.events, *new))


def _next_step(plan: Plan, now: Standing) -> tuple[str, str | None] | None:
    match plan.state:
        case "in_progress" if now.settled:
            return "all_outcomes_settled", None
        case "awaiting_confirmation" | "not_achieved" if not now.settled:
            return "reopen", None
        case "achieved" if not now.settled:
            return "overturn", None
        case "awaiting_confirmation" if now.final and plan.integrity_hold is None:
            return "confirm", "achieved" if now.passed else "not_achieved"
    return None


def _confirmed(decision: Decision, target: str) -> Decision:
    plan = decision.plan
    return decision.move_plan(
        "confirm",
        target=target,
        completion_number=plan.completion_number + 1,
        results_digest=results_digest(plan),
    )
