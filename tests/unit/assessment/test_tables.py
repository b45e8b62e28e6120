"""D4, D5 and D6 as tables: deterministic, without dead ends, and every state reachable."""

import pytest

from services.assessment.domain.machines import ATTEMPT, MARKING, PLAN, VERIFICATION
from shared.domain import IllegalTransitionError

MACHINES = [PLAN, ATTEMPT, MARKING, VERIFICATION]
TERMINAL = {
    PLAN.name: {"voided"},
    ATTEMPT.name: {"cancelled", "finished"},
    MARKING.name: set(),
    VERIFICATION.name: set(),
}
NAMED_IN_DESIGN = {
    PLAN.name: {
        "assigned",
        "in_progress",
        "awaiting_confirmation",
        "achieved",
        "not_achieved",
        "lapsed",
        "voided",
    },
    ATTEMPT.name: {"pending", "associated", "finished", "cancelled"},
    MARKING.name: {
        "notmarked",
        "inmarking",
        "readyforreview",
        "inreview",
        "readyforrelease",
        "released",
        "final",
    },
    VERIFICATION.name: {"pending", "verified", "rejected", "second_review_required"},
}


def _reached(machine) -> set[str]:
    seen, waiting = set(), [machine.initial]
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting.extend(row.target for row in machine.table if row.source == state)
    return seen


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_states_are_the_designs_and_all_reachable(machine):
    assert machine.states == NAMED_IN_DESIGN[machine.name]
    assert _reached(machine) == machine.states


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_only_terminal_states_have_no_way_on(machine):
    assert {state for state in machine.states if not machine.triggers(state)} == TERMINAL[machine.name]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_rows_are_deterministic(machine):
    keys = [(row.source, row.trigger, row.target) for row in machine.table]
    assert len(keys) == len(set(keys))
    guarded = {(row.source, row.trigger) for row in machine.table}
    extra = len(keys) - len(guarded)
    assert extra == (1 if machine is PLAN else 0), "only confirm[pass|fail] chooses between two targets"


def test_what_is_not_in_the_table_is_refused_by_name():
    with pytest.raises(IllegalTransitionError, match="Possible now: all_outcomes_settled, lapse, void"):
        PLAN.fire("in_progress", "confirm")
