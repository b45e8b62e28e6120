"""The published language of admission: one contract for each event of D1, of documents and of records."""

from services.admission.domain.machine import APPLICATION
from shared.contracts import contract_types
from shared.messaging.envelope import event_type, types_of

LATER = {"offer.deferred", "offer.reinstated", "appeal.upheld"}
SIDE_EVENTS = {
    "agreement.published",
    "agreement.partner_joined",
    "offering.published",
    "offering.cancelled",
    "learner.changed",
}


def test_there_is_a_contract_for_every_event_and_no_other() -> None:
    """Deferral of offers and appeals have their rows and no trigger yet."""
    names = {name for row in APPLICATION.table for name in row.event.split(" + ")}
    published = {event_type("admission", name) for name in (names - LATER) | SIDE_EVENTS}
    assert set(types_of("admission", contract_types())) == published
