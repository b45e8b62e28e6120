"""Save an award and schedule what follows from the change, whoever made it."""

from typing import Final

from services.certification.domain.award import Award
from services.certification.domain.decisions import Decision
from services.certification.domain.machines import WITHDRAWN
from services.certification.store import log, queries, stacking_rules, token_status_lists
from services.certification.store.awards import Stored, save_award
from shared.messaging.unit_of_work import UnitOfWork

ISSUE: Final = "issue"
SIGN_STATUS_LIST: Final = "sign_status_list"
SIGN_COPIES_STATUS: Final = "sign_token_status_list"
KEEP_DOCUMENTS: Final = "keep_documents"
LOOK_FOR_STACKS: Final = "look_for_stacks"

_STACKED_BY: Final = frozenset({"issue", "suspend", "reinstate", "revoke", "reject"})
"""Steps after which a certificate counts, or counts no more, towards a larger award; or is one."""
FOLLOW_RECOGNITIONS: Final = "follow_recognitions"

_RECOGNISED_BY: Final = frozenset({"issue", "suspend", "reinstate", "revoke", "supersede", "reject"})

_LOGGED: Final = {
    "suspend": "suspended",
    "reinstate": "reinstated",
    "revoke": "revoked",
    "supersede": "superseded",
}


def save(uow: UnitOfWork, stored: Stored, decision: Decision) -> None:
    """Write the decision with its entries of the log; have the status lists signed again where a bit has changed.

    Raises:
        StaleAggregateError: the award has changed since it was loaded.
    """
    save_award(uow, stored, decision)
    turned = {change.subject for change in decision.changes if {change.source, change.target} & WITHDRAWN}
    _log(uow, decision)
    for list_id in queries.status_lists_of(uow.connection, turned):
        uow.schedule(SIGN_STATUS_LIST, list_id)
    for list_id in token_status_lists.lists_with(uow.connection, turned):
        uow.schedule(SIGN_COPIES_STATUS, list_id)
    if any(change.trigger in _STACKED_BY for change in decision.changes) and _stacks(uow, decision.award):
        uow.schedule(LOOK_FOR_STACKS, decision.award.learner_id)
    if any(change.trigger in _RECOGNISED_BY for change in decision.changes) and not decision.award.stacked:
        uow.schedule(FOLLOW_RECOGNITIONS, decision.award.id)


def _stacks(uow: UnitOfWork, award: Award) -> bool:
    return award.stacked or stacking_rules.stacks_on_something(uow.connection, award.offering_id)


def _log(uow: UnitOfWork, decision: Decision) -> None:
    """Every change of a signed certificate's status stands in the log; its issuance is entered with its digest."""
    for change in decision.changes:
        if change.trigger in _LOGGED:
            issuer = queries.issuer_of(uow.connection, change.subject)
            log.append(uow, _LOGGED[change.trigger], change.subject, issuer)
