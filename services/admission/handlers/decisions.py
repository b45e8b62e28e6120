"""Decisions by two people: one proposes, another confirms, and only then the case moves (check 5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.admission.domain import application as steps
from services.admission.domain import decision as rules
from services.admission.domain.application import Decided
from services.admission.domain.criteria import BY_PERSON
from services.admission.domain.decision import Decision
from services.admission.handlers.case import Case, evaluate_case, save
from services.admission.handlers.reviews import (
    RPL_EVIDENCE,
    accept_evidence,
    admit_if_complete,
    find_condition,
    reconsider,
    settle_condition,
)
from services.admission.store import cases
from services.admission.store.applications import live_application
from services.admission.store.tables import decisions, evidence, waivers
from shared.domain import Change, ConflictError, InvalidError, NotFoundError, Pointer
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


def propose(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> str:
    """Record a proposal with what the rules say at this moment; returns the decision's id.

    Raises:
        ConflictError: the state has no place for it.
        InvalidError: it does not say what it is about, or that is nothing of this case.
    """
    application = case.application
    decision = rules.propose(
        body["kind"],
        uow.actor,
        decision_id=new_id(),
        application_id=application.id,
        state=application.state,
        reason=body["reason"],
        about=body["about"],
    )
    _check_about(uow, case, decision)
    evaluated = evaluate_case(uow, case, application)
    cases.add(
        uow.connection,
        decisions,
        {
            "id": decision.id,
            "application_id": application.id,
            "created_at": uow.now,
            "kind": decision.kind,
            "state": decision.state,
            "about": decision.about,
            "evaluation_id": evaluated.id,
            "reason": decision.reason,
            "institution": application.reviewing_institution,
            "proposed_by": decision.proposed_by,
        },
    )
    change = Change(
        "decision",
        decision.id,
        "propose",
        "",
        decision.state,
        decision.reason,
        case.procedure.rule_set,
        {"kind": decision.kind, "about": decision.about, "evaluation": evaluated.id},
    )
    save(uow, case, Decided(application, (change,)))
    return decision.id


def confirm(uow: UnitOfWork, case: Case, decision_id: str) -> Case:
    """The second person agrees, and what was decided happens in the same transaction.

    Raises:
        ConflictError: it is the same person, the decision is settled, or the case has moved on.
    """
    decision = rules.confirm(_decision(uow, decision_id), uow.actor)
    rules.check_possible(decision.kind, case.application.state)
    cases.change(
        uow.connection,
        decisions,
        decision.id,
        state=decision.state,
        confirmed_by=decision.confirmed_by,
        settled_at=uow.now,
    )
    noted = Decided(case.application, (_settled(decision, "confirm"),))
    return save(uow, case, _EFFECTS[decision.kind](uow, case, noted, decision))


def refuse(uow: UnitOfWork, case: Case, decision_id: str) -> Case:
    """The proposal is dropped; the application stays as it is."""
    decision = rules.refuse(_decision(uow, decision_id))
    cases.change(uow.connection, decisions, decision.id, state=decision.state, settled_at=uow.now)
    return save(uow, case, Decided(case.application, (_settled(decision, "refuse"),)))


def _decision(uow: UnitOfWork, decision_id: str) -> Decision:
    return cases.decision_of(cases.find_part(uow.connection, decisions, decision_id))


def _settled(decision: Decision, trigger: str) -> Change:
    return Change(
        "decision",
        decision.id,
        trigger,
        rules.DECISION.initial,
        decision.state,
        decision.reason,
        detail={"kind": decision.kind},
    )


def _check_about(uow: UnitOfWork, case: Case, decision: Decision) -> None:
    if decision.kind == rules.WAIVER and decision.about in {c.id for c in case.procedure.criteria}:
        return
    if decision.kind in {rules.WAIVER, rules.CONDITIONS_NOT_MET}:
        _condition_about(uow, case, decision)
    elif decision.kind == rules.RPL_ACCEPTANCE:
        _rpl_about(uow, decision)


def _condition_about(uow: UnitOfWork, case: Case, decision: Decision) -> Any:
    try:
        return find_condition(uow, case, decision.about or "")
    except InvalidError as error:
        raise InvalidError(
            f"A decision of kind '{decision.kind}' names what it is about.",
            pointers=[
                Pointer("/about", "Take an id from the rules' criteria or from the offer's conditions.")
            ],
        ) from error


def _rpl_about(uow: UnitOfWork, decision: Decision) -> Any:
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
    return decided.then(lambda a: steps.revoke_admission(a, decision.reason, decision.people))


def _correct(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    application = decided.application
    other = live_application(uow.connection, application.learner_id, application.offering_id)
    if other is not None:
        raise ConflictError(
            f"The learner has applied to the offering again: {other}. Review that application."
        )
    return decided.then(lambda a: steps.correct(a, case.procedure, uow.now, decision.reason))


def _override(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:  # noqa: ARG001 - Effect
    # The offer that follows looks for this confirmed decision.
    return decided


def _waive(uow: UnitOfWork, case: Case, decided: Decided, decision: Decision) -> Decided:
    if decision.about not in {criterion.id for criterion in case.procedure.criteria}:
        settle_condition(uow, _condition_about(uow, case, decision), "waive", people=decision.people)
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
    row = _rpl_about(uow, decision)
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
    settle_condition(uow, _condition_about(uow, case, decision), "miss", people=decision.people)
    return decided.then(lambda a: steps.conditions_not_met(a, decision.reason, decision.people))


_EFFECTS: Final[Mapping[str, Effect]] = {
    rules.REJECTION: _reject,
    rules.REVOCATION: _revoke,
    rules.CORRECTION: _correct,
    rules.OVERRIDE: _override,
    rules.WAIVER: _waive,
    rules.RPL_ACCEPTANCE: _accept_prior_learning,
    rules.CONDITIONS_NOT_MET: _miss_condition,
}
