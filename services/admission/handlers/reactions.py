"""What admission does when enrolment reports: the application shows it, a seat comes free, a way back opens."""

from collections.abc import Mapping
from typing import Final

from services.admission.domain import offer_steps
from services.admission.handlers.case import load_any, save
from services.admission.store.applications import live_application
from shared.domain import NotFoundError
from shared.messaging.consumer import Reaction
from shared.messaging.envelope import Event, event_type
from shared.messaging.unit_of_work import UnitOfWork

_STATES: Final = (
    "activated",
    "cancelled",
    "withdrawn",
    "suspended",
    "resumed",
    "completed",
    "reopened",
    "ended",
)


def enrolment_changed(uow: UnitOfWork, event: Event) -> None:
    """Take over the state of an enrolment; one of an unknown application is nobody's and is left alone.

    So is the one before, once the application has been admitted anew.
    """
    data = event.data
    try:
        case = load_any(uow, data["application_id"])
    except NotFoundError:
        return
    application = case.application
    if application.enrolment_id != data["enrolment_id"] or application.enrolment_state == data["state"]:
        return
    other = live_application(
        uow.connection, application.learner_id, application.offering_id, other_than=application.id
    )
    noted = offer_steps.note_enrolment(
        application,
        enrolment_id=data["enrolment_id"],
        enrolment_state=data["state"],
        trigger=event.type.split(".")[-2],
        keep_live=other is None,
    )
    save(uow, case, noted)


REACTIONS: Final[Mapping[str, Reaction]] = {
    event_type("enrolment", f"enrolment.{state}"): enrolment_changed for state in _STATES
}
