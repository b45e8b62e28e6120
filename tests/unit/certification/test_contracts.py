"""The published language of certification: one contract for each event of D7 and D8."""

from services.certification.domain.machines import ACCEPTANCE, CERTIFICATE, RECOGNITION
from services.certification.domain.stack import STACK
from shared.contracts import contract_types
from shared.messaging.envelope import event_type, types_of

SIDE_EVENTS = {"recognition.overdue", "recognition.stated"}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    tables = (*CERTIFICATE.table, *ACCEPTANCE.table, *RECOGNITION.table, *STACK.table)
    names = {row.event for row in tables} | SIDE_EVENTS
    published = {event_type("certification", name) for name in names}
    assert set(types_of("certification", contract_types())) == published
