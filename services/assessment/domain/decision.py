"""What a decision leads to: the new plan, the events to publish and the rows of its history.

Every step along a state table goes through `move_plan` or `move_attempt`, so that no state changes without a row of
the table, and none without its one event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.assessment.domain.machines import ATTEMPT, MARKING, PLAN, VERIFICATION
from services.assessment.domain.plan import Attempt, Plan
from shared.domain import Change, DomainEvent, Machine

_FIELDS: Final = {ATTEMPT.name: "state", MARKING.name: "marking", VERIFICATION.name: "verification"}


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan as it is to be, with what has to be told about the way there."""

    plan: Plan
    events: tuple[DomainEvent, ...] = ()
    changes: tuple[Change, ...] = ()

    def move_plan(
        self, trigger: str, *, target: str | None = None, reason: str | None = None, **updates: Any
    ) -> "Decision":
        """Fire `trigger` of D4; `updates` are fields that change with it.

        Raises:
            IllegalTransitionError: the plan's state has no such row.
        """
        row = PLAN.fire(self.plan.state, trigger, target=target)
        plan = replace(self.plan, state=row.target, **updates)
        change = Change(
            "assessment_plan",
            plan.id,
            trigger,
            row.source,
            row.target,
            reason=reason,
            rule_set=plan.template.rule_set,
        )
        return self._told(plan, DomainEvent(row.event, plan_facts(plan)), change)

    def move_attempt(
        self,
        attempt_id: str,
        machine: Machine,
        trigger: str,
        *,
        reason: str | None = None,
        facts: Mapping[str, Any] | None = None,
        audience: frozenset[str] = frozenset(),
        **updates: Any,
    ) -> "Decision":
        """Fire `trigger` of D5, of D6 or of the verification on one attempt; `facts` join its event's data.

        Raises:
            IllegalTransitionError: the attempt's state has no such row.
        """
        name = _FIELDS[machine.name]
        row = machine.fire(getattr(self.plan.attempt(attempt_id), name), trigger)
        plan = self.plan.with_attempt(attempt_id, **{**updates, name: row.target})
        data = {**attempt_facts(plan, plan.attempt(attempt_id), row.target), **(facts or {})}
        change = Change(
            machine.name,
            attempt_id,
            trigger,
            row.source,
            row.target,
            reason=reason,
            rule_set=plan.template.rule_set,
        )
        return self._told(plan, DomainEvent(row.event, data, audience), change)

    def note(
        self,
        plan: Plan,
        subject: str,
        trigger: str,
        *,
        subject_type: str = "assessment_plan",
        state: str | None = None,
        reason: str | None = None,
        event: DomainEvent | None = None,
    ) -> "Decision":
        """A step beside the tables: `plan` has changed, no state has; it stands in the history all the same.

        `state` is what the subject is in; the plan's own state by default.
        """
        present = state or plan.state
        change = Change(
            subject_type, subject, trigger, present, present, reason=reason, rule_set=plan.template.rule_set
        )
        return self._told(plan, event, change)

    def _told(self, plan: Plan, event: DomainEvent | None, change: Change) -> "Decision":
        told = () if event is None else (event,)
        return Decision(plan, (*self.events, *told), (*self.changes, change))


def plan_facts(plan: Plan) -> dict[str, Any]:
    """What the events `assessment_plan.*` and `completion.*` carry."""
    facts: dict[str, Any] = {
        "plan_id": plan.id,
        "enrolment_id": plan.enrolment_id,
        "learner_id": plan.learner_id,
        "offering_id": plan.template.offering_id,
        "offering_version": plan.template.offering_version,
        "track": plan.track,
        "state": plan.state,
        "completion_number": plan.completion_number,
    }
    if plan.state == "achieved":
        facts["results_digest"] = plan.results_digest
    return facts


def attempt_facts(plan: Plan, attempt: Attempt, state: str) -> dict[str, Any]:
    """What the events `attempt.*` and `result.*` carry; never how many attempts there were."""
    return {
        "attempt_id": attempt.id,
        "plan_id": plan.id,
        "enrolment_id": plan.enrolment_id,
        "learner_id": plan.learner_id,
        "instrument_id": attempt.instrument_id,
        "state": state,
    }


def outcome_facts(plan: Plan, outcome: str) -> dict[str, Any]:
    """What `outcome.achieved` and `outcome.recognised` carry."""
    return {
        "plan_id": plan.id,
        "enrolment_id": plan.enrolment_id,
        "learner_id": plan.learner_id,
        "outcome_id": outcome,
    }
