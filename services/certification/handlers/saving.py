"""Save an award and schedule what follows from the change, whoever made it."""

from typing import Final

from services.certification.domain.decisions import Decision
from services.certification.domain.machines import WITHDRAWN
from services.certification.store import queries
from services.certification.store.awards import Stored, save_award
from shared.messaging.unit_of_work import UnitOfWork

ISSUE: Final = "issue"
SIGN_STATUS_LIST: Final = "sign_status_list"
KEEP_DOCUMENTS: Final = "keep_documents"


def save(uow: UnitOfWork, stored: Stored, decision: Decision) -> None:
    """Write the decision, and have the status list signed again where a bit has changed.

    Raises:
        StaleAggregateError: the award has changed since it was loaded.
    """
    save_award(uow, stored, decision)
    turned = {change.subject for change in decision.changes if {change.source, change.target} & WITHDRAWN}
    for list_id in queries.status_lists_of(uow.connection, turned):
        uow.schedule(SIGN_STATUS_LIST, list_id)
