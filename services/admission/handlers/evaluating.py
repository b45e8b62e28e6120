"""Run the engine on a case and keep what it proposed, with everything it proposed it on."""

from dataclasses import dataclass

from services.admission.domain.application import Application
from services.admission.domain.criteria import Evidence
from services.admission.domain.eligibility import Inputs, Proposal, evaluate
from services.admission.handlers.case import Case
from services.admission.store import cases
from services.admission.store.tables import evidence
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A stored evaluation and what it proposes."""

    id: str
    proposal: Proposal


def evaluate_case(
    uow: UnitOfWork, case: Case, application: Application, *, automatic: bool = False
) -> Evaluated:
    """Run the engine on what the application holds now, and store inputs and result (C1, equal treatment)."""
    procedure = case.procedure
    inputs = Inputs(
        target_group=application.target_group,
        evidence=_evidence_of(uow, application) if procedure.criteria else (),
        as_of=procedure.today(uow.now),
        verified_only=automatic,
        waived=cases.waived_criteria(uow.connection, application.id) if procedure.criteria else frozenset(),
    )
    proposal = evaluate(procedure.rule_set, procedure.criteria, inputs)
    evaluation_id = new_id()
    cases.add_evaluation(
        uow.connection,
        {
            "id": evaluation_id,
            "application_id": application.id,
            "created_at": uow.now,
            "offering_id": procedure.offering_id,
            "offering_version": procedure.offering_version,
            "rule_set": procedure.rule_set,
            "automatic": automatic,
            "overall": proposal.overall,
            "inputs": inputs.to_json(),
            "result": proposal.to_json(),
        },
    )
    return Evaluated(evaluation_id, proposal)


def _evidence_of(uow: UnitOfWork, application: Application) -> tuple[Evidence, ...]:
    rows = cases.list_parts(uow.connection, evidence, application.id)
    return tuple(cases.evidence_of(row) for row in rows)
