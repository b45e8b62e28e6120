"""What happens when a second person has confirmed a decision, by its kind."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.admission.domain import decision as rules
from services.admission.domain import offer_steps, steps
from services.admission.domain.application import Decided
from services.admission.domain.criteria import BY_PERSON
from services.admission.domain.decision import Decision
from services.admission.handlers.case import Case, check_not_again
from services.admission.handlers.conditions import admit_if_complete, find_condition, settle_condition
from services.admission.handlers.proofs import RPL_EVIDENCE, accept_evidence, reconsider
from services.admission.store import cases
from services.admission.store.tables import evidence, waivers
from shared.domain import Change, InvalidError, NotFoundError, Pointer
from shared.messaging.unit_of_work import UnitOfWork


def condition_about(uow: UnitOfWork, case: Case, decision: Decision) -> Any:
    try:
        return find_condition(uow, case, decision.about or "")
    except InvalidError as error:
        raise InvalidError(
            f"A decision of kind '{decision.kind}' names what it is about.",
            pointers=[
                Pointer("/about", "Take an id from the rules' criteria or from the offer's conditions.")
            ],
        ) from error


def prior_learning_about(uow: UnitOfWork, decision: Decision) -> Any:
    wrong = [
        Pointer(
            "/about", "Take the id of a piece of evidence of this application that recognises prior learning."
        )
    ]
    try:
        row = cases.find_part(uow.connection, evidence, decision.about or "")
    except NotFoundError as error:
        raise InvalidError("The decision names no evidence.", pointers=wrong) from error
    if row.application_id != decision.application_id or row.kind not in RPL_EVIDENCE:
        raise InvalidError("The decision names other evidence.", pointers=wrong)
    return row


Effect = Callable[[UnitOfWork, Case, Decided, Decision], Decided]


def _reject(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:  # noqa: ARG001 - Effect
    return decided.then(lambda a: steps.reject(a, decision.reason, case.procedure.rule_set, decision.people))


def _revoke(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:  # noqa: ARG001 - Effect
    return decided.then(lambda a: offer_steps.revoke_admission(a, decision.reason, decision.people))


def _correct(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    check_not_again(uow, decided.application)
    return decided.then(lambda a: steps.correct(a, case.procedure, uow.now, decision.reason))


def _override(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:  # noqa: ARG001 - Effect
    # The offer that follows looks for this confirmed decision.
    return decided


def _waive(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    if decision.about not in {criterion.id for criterion in case.procedure.criteria}:
        settle_condition(uow, condition_about(uow, case, decision), "waive", people=decision.people)
        return admit_if_complete(uow, decided)
    if decision.about not in cases.waived_criteria(uow.connection, decision.application_id):
        proposed_by, confirmed_by = decision.people
        cases.add(
            uow.connection,
            waivers,
            {
                "id": decision.id,
                "application_id": decision.application_id,
                "created_at": uow.now,
                "criterion": decision.about,
                "proposed_by": proposed_by,
                "confirmed_by": confirmed_by,
            },
        )
    return reconsider(uow, case, decided)


def _accept_prior_learning(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    row = prior_learning_about(uow, decision)
    accept_evidence(
        uow,
        row.id,
        facts={**row.facts, "passed": True},
        note=decision.reason,
        criterion=row.criterion or _route_for(case, row.kind),
    )
    change = Change(
        "evidence", row.id, "accept", row.verification, BY_PERSON, detail={"decision": decision.id}
    )
    return reconsider(uow, case, Decided(decided.application, (*decided.changes, change), decided.events))


def _route_for(case: Case, kind: str) -> str | None:
    """The one criterion or alternative that accepts evidence of `kind`, where there is only one."""
    todo, found = list(case.procedure.criteria), []
    while todo:
        criterion = todo.pop()
        todo.extend(criterion.alternatives)
        if kind in criterion.accepted_evidence:
            found.append(criterion.id)
    return found[0] if len(found) == 1 else None


def _miss_condition(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    settle_condition(uow, condition_about(uow, case, decision), "miss", people=decision.people)
    return decided.then(lambda a: offer_steps.conditions_not_met(a, decision.reason, decision.people))


EFFECTS: Final[Mapping[str, Effect]] = {
    rules.REJECTION: _reject,
    rules.REVOCATION: _revoke,
    rules.CORRECTION: _correct,
    rules.OVERRIDE: _override,
    rules.WAIVER: _waive,
    rules.RPL_ACCEPTANCE: _accept_prior_learning,
    rules.CONDITIONS_NOT_MET: _miss_condition,
}
