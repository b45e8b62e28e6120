"""What holds of every enrolment after every decision; each line is a rule of D2 or D3."""

from services.enrolment.domain.machines import CALLED_OFF, ENROLMENT, HELD, LOST, REGISTRATION, UNANSWERED
from services.enrolment.domain.model import Enrolment
from services.enrolment.domain.proceedings import Outcome
from shared.contracts import check_contract
from shared.domain import Change, Machine


def check_enrolment(enrolment: Enrolment, *, lost_after_completion: frozenset[str] = frozenset()) -> None:
    """Assert the standing rules; `lost_after_completion`: denied when a denial no longer cancelled anything."""
    if enrolment.state == "pending":
        assert not enrolment.ready_to_start, "all needed for the start have confirmed and it is still pending"
    if enrolment.state in {"enrolled", "suspended"}:
        _check_active(enrolment, lost_after_completion)
    if enrolment.state in CALLED_OFF:
        for registration in enrolment.registrations:
            assert registration.desired_state == "cancelled", "called off, and a registration is still wanted"
            assert registration.state not in UNANSWERED, "called off, and an unconfirmed one still stands"
    _check_registrations(enrolment)


def _check_active(enrolment: Enrolment, lost_after_completion: frozenset[str]) -> None:
    for registration in enrolment.current:
        if registration.required and registration.institution not in lost_after_completion:
            assert registration.state not in LOST, "active without a registration that it needs"
            if registration.profile.required_for == "start":
                assert registration.state in HELD, "active before everyone needed for the start has confirmed"
    wanted = enrolment.conclusion.wanted if enrolment.conclusion else None
    if enrolment.state == "enrolled":
        assert wanted in {None, "enrolled"}, "a conclusion was heard and not followed"
    else:
        assert wanted != "ended", "a conclusion was heard and not followed"


def _check_registrations(enrolment: Enrolment) -> None:
    wanted = [r for r in enrolment.registrations if r.desired_state == "associated"]
    assert len({r.institution for r in wanted}) == len(wanted), "two registrations wanted at one institution"
    for registration in enrolment.registrations:
        if registration.state in LOST:
            assert registration.desired_state == "cancelled", "lost, and still wanted"
        if registration.desired_state == "associated" and enrolment.state == "suspended":
            assert registration.state != "associated", "studies are suspended, this registration is not"
        if registration.desired_state == "associated" and registration.state == "x-suspended":
            assert enrolment.state in {"suspended", "ended"}, "studies go on, this registration is suspended"


def check_outcome(before: Enrolment, outcome: Outcome) -> None:
    """Assert that every transition is a listed one, leaves a history row that continues the one before it, and
    emits its event; that every event keeps its contract and reaches only institutions concerned."""
    enrolment = outcome.enrolment
    states = {before.id: before.state} | {r.id: r.state for r in before.registrations}
    expected: list[str] = []
    for change in outcome.changes:
        machine = ENROLMENT if change.subject_type == "enrolment" else REGISTRATION
        assert change.source == states.get(change.subject, "")
        states[change.subject] = change.target
        expected += _main_event(machine, change)
    assert states == {enrolment.id: enrolment.state} | {r.id: r.state for r in enrolment.registrations}
    transitions = {row.event for machine in (ENROLMENT, REGISTRATION) for row in machine.table}
    assert [event.name for event in outcome.events if event.name in transitions] == expected
    for event in outcome.events:
        check_contract(f"eu.passerelle.enrolment.{event.name}.v1", dict(event.data))
        assert event.audience <= enrolment.institutions


def _main_event(machine: Machine, change: Change) -> list[str]:
    if change.source in {change.target, ""}:
        return []
    return [machine.fire(change.source, change.trigger, target=change.target).event]
