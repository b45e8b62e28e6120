"""The published language of the enrolment service: one contract for each event of D2 and D3."""

from services.enrolment.domain.machines import ENROLMENT, REGISTRATION
from shared.contracts import contract_types
from shared.messaging.envelope import event_type, types_of

SIDE_EVENTS = {
    "registration.requested",
    "registration.overdue",
    "registration.access_provisioned",
    "registration.reconciled",
    "registration.desired_state_changed",
    "attendance.confirmed",
    "fee.refund_due",
}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    names = {row.event for machine in (REGISTRATION, ENROLMENT) for row in machine.table} | SIDE_EVENTS
    assert set(types_of("enrolment", contract_types())) == {event_type("enrolment", name) for name in names}
