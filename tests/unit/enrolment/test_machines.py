"""D2 and D3 as published: the tables of the design, only their steps, every state reachable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.domain.machines import ENROLMENT, REGISTRATION
from shared.domain import IllegalTransitionError, Machine

D2 = """
pending confirm associated registration.associated
pending queue queued registration.queued
queued confirm associated registration.associated
pending deny denied registration.denied
queued deny denied registration.denied
pending cancel cancelled registration.cancelled
queued cancel cancelled registration.cancelled
associated cancel cancelled registration.cancelled
associated suspend x-suspended registration.suspended
x-suspended resume associated registration.resumed
x-suspended cancel cancelled registration.cancelled
associated finish finished registration.finished
"""

D3 = """
pending all_required_for_start_associated enrolled enrolment.activated
pending required_denied cancelled enrolment.cancelled
pending cancel cancelled enrolment.cancelled
pending withdraw withdrawn enrolment.withdrawn
enrolled required_denied cancelled enrolment.cancelled
suspended required_denied cancelled enrolment.cancelled
enrolled suspend suspended enrolment.suspended
suspended resume enrolled enrolment.resumed
suspended withdraw withdrawn enrolment.withdrawn
suspended cancel cancelled enrolment.cancelled
suspended end ended enrolment.ended
enrolled withdraw withdrawn enrolment.withdrawn
enrolled cancel cancelled enrolment.cancelled
enrolled complete completed enrolment.completed
enrolled end ended enrolment.ended
completed reopen enrolled enrolment.reopened
ended reopen enrolled enrolment.reopened
"""

MACHINES = pytest.mark.parametrize(
    ("machine", "published"), [(REGISTRATION, D2), (ENROLMENT, D3)], ids=["D2", "D3"]
)


def rows(published: str) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in published.strip().splitlines()]


@MACHINES
def test_the_table_is_the_published_one(machine: Machine, published: str) -> None:
    assert [(t.source, t.trigger, t.target, t.event) for t in machine.table] == rows(published)


@MACHINES
def test_every_state_is_reachable_and_every_step_leads_to_one_state(machine: Machine, published: str) -> None:
    reached = {machine.initial}
    for _ in machine.states:
        reached |= {t.target for t in machine.table if t.source in reached}
    assert reached == machine.states
    assert len({(t.source, t.trigger) for t in machine.table}) == len(machine.table)


@pytest.mark.parametrize(
    ("machine", "final"),
    [(REGISTRATION, {"cancelled", "denied", "finished"}), (ENROLMENT, {"cancelled", "withdrawn"})],
)
def test_final_states_lead_nowhere(machine: Machine, final: set[str]) -> None:
    assert {state for state in machine.states if not machine.triggers(state)} == final


@MACHINES
@given(data=st.data())
def test_any_sequence_of_triggers_takes_listed_steps_only(
    machine: Machine, published: str, data: st.DataObject
) -> None:
    listed = {(row[0], row[1]): row[2] for row in rows(published)}
    triggers = sorted({row[1] for row in rows(published)})
    state = machine.initial
    for trigger in data.draw(st.lists(st.sampled_from(triggers), max_size=20)):
        if (state, trigger) in listed:
            state = machine.fire(state, trigger).target
            assert state in machine.states
        else:
            with pytest.raises(IllegalTransitionError):
                machine.fire(state, trigger)
