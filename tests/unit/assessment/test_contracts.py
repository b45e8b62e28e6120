"""The published language of assessment: one contract for each event of D4 to D6."""

from services.assessment.domain.machines import ATTEMPT, MARKING, PLAN, VERIFICATION
from shared.contracts import contract_types
from shared.messaging.envelope import event_type, types_of

LATER = {"attempt.moderation_started", "attempt.returned_to_marking"}
SIDE_EVENTS = {
    "assessment_plan.assigned",
    "outcome.achieved",
    "outcome.recognised",
    "integrity.hold_placed",
    "integrity.hold_lifted",
}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    """Moderation by sampling has its rows and no trigger yet."""
    names = {row.event for machine in (PLAN, ATTEMPT, MARKING, VERIFICATION) for row in machine.table}
    published = {event_type("assessment", name) for name in (names - LATER) | SIDE_EVENTS}
    assert set(types_of("assessment", contract_types())) == published
