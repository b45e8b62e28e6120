"""Decisions by two people: one proposes, another confirms, and only then the case moves (check 5)."""

from collections.abc import Mapping
from typing import Any

from services.admission.domain import decision as rules
from services.admission.domain.application import Decided
from services.admission.domain.decision import Decision
from services.admission.handlers.case import Case, save
from services.admission.handlers.effects import EFFECTS, condition_about, prior_learning_about
from services.admission.handlers.evaluating import evaluate_case
from services.admission.store import cases
from services.admission.store.tables import decisions
from shared.domain import Change
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


def propose(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> str:
    """Record a proposal with what the rules say at this moment; returns the decision's id.

    Raises:
        ConflictError: the state has no place for it, or it is proposed already.
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
    rules.check_new(decision, cases.proposals(uow.connection, application.id))
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

    A decision that moves the case drops its other proposals: after a rejection and its correction no forgotten
    proposal may reject once more.

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
    waiting = cases.proposals(uow.connection, case.application.id)
    dropped = [_drop(uow, other) for other in rules.overtaken(decision, waiting)]
    noted = Decided(case.application, (_settled(decision, "confirm"), *dropped))
    return save(uow, case, EFFECTS[decision.kind](uow, case, noted, decision))


def refuse(uow: UnitOfWork, case: Case, decision_id: str) -> Case:
    """The proposal is dropped; the application stays as it is."""
    dropped = _drop(uow, _decision(uow, decision_id))
    return save(uow, case, Decided(case.application, (dropped,)))


def _drop(uow: UnitOfWork, proposal: Decision) -> Change:
    decision = rules.refuse(proposal)
    cases.change(uow.connection, decisions, decision.id, state=decision.state, settled_at=uow.now)
    return _settled(decision, "refuse")


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
        condition_about(uow, case, decision)
    elif decision.kind == rules.RPL_ACCEPTANCE:
        prior_learning_about(uow, decision)
