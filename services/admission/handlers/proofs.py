"""Stand behind evidence, and have the rules look again at what changed."""

from collections.abc import Mapping
from typing import Any, Final

from services.admission.domain.application import Decided
from services.admission.domain.criteria import BY_PERSON
from services.admission.domain.machine import SETTLED
from services.admission.handlers.case import Case, save
from services.admission.handlers.evaluating import evaluate_case
from services.admission.handlers.placing import (
    review_automatically,
)
from services.admission.store import cases
from services.admission.store.tables import evidence
from shared.domain import Change, ConflictError
from shared.messaging.unit_of_work import UnitOfWork

RPL_EVIDENCE: Final = frozenset({"rpl_portfolio"})
"""Evidence that only two people can accept (practice.md C1, 'Four eyes')."""


def verify_evidence(uow: UnitOfWork, case: Case, evidence_id: str, body: Mapping[str, Any]) -> Case:
    """Stand behind a piece of evidence; `facts`, where given, are what the officer saw in it.

    Raises:
        ConflictError: it takes two people (recognition of prior learning), or the case is settled.
    """
    row = cases.find_part(uow.connection, evidence, evidence_id)
    if row.kind in RPL_EVIDENCE:
        raise ConflictError(
            "Recognising prior learning takes two people: POST /admission/v1/decisions of kind 'rpl_acceptance'."
        )
    if case.application.state in SETTLED - {"offer_withdrawn"}:
        raise ConflictError(f"The application is '{case.application.state}'; its evidence stays as it is.")
    facts = row.facts if body["facts"] is None else body["facts"]
    accept_evidence(
        uow, evidence_id, facts=facts, note=body["note"], criterion=body["criterion"] or row.criterion
    )
    change = Change("evidence", evidence_id, "verify", row.verification, BY_PERSON, detail={"kind": row.kind})
    return save(uow, case, reconsider(uow, case, Decided(case.application, (change,))))


def accept_evidence(
    uow: UnitOfWork,
    evidence_id: str,
    *,
    facts: Mapping[str, Any],
    note: str | None,
    criterion: str | None,
    verification: str = BY_PERSON,
) -> None:
    cases.change(
        uow.connection,
        evidence,
        evidence_id,
        facts=dict(facts),
        criterion=criterion,
        note=note,
        verification=verification,
        verified_by=uow.actor.subject,
        verified_at=uow.now,
    )


def reconsider(uow: UnitOfWork, case: Case, decided: Decided) -> Decided:
    """Propose anew after evidence or waivers changed; an automatic offering may go on to an offer."""
    if decided.application.state in {"submitted", "under_review", "information_requested"}:
        if not case.procedure.automatic:
            evaluate_case(uow, case, decided.application)
        return review_automatically(uow, case, decided)
    return decided
