"""What people ask of a released or final result. A result has the id of its attempt."""

from services.assessment.domain import confirmation
from services.assessment.domain.plan import Dispute, Overturn, Plan, Vote
from services.assessment.handlers.keeping import Acting, keep
from services.assessment.store import queries
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


def confirm(uow: UnitOfWork, acting: Acting, result_id: str) -> tuple[Plan, str]:
    """One named confirmer's word; with the quorum the result is final, and the plan follows at once (AST-03)."""
    plan = _to_judge(uow, acting, result_id)
    actor = acting.actor
    vote = Vote(new_id(), plan.attempt(result_id).round, actor.subject, actor.institution, uow.now)
    return keep(uow, plan, confirmation.confirm(plan, result_id, vote, actor, uow.now)), result_id


def dispute(uow: UnitOfWork, acting: Acting, result_id: str, reason: str) -> tuple[Plan, str]:
    """The learner disputes a result before it is final (AST-30)."""
    plan = queries.plan_of_attempt(uow.connection, acting.scope, result_id)
    raised = Dispute(new_id(), plan.attempt(result_id).round, reason, uow.now)
    return keep(uow, plan, confirmation.dispute(plan, result_id, raised)), result_id


def dismiss_dispute(uow: UnitOfWork, acting: Acting, result_id: str, reason: str) -> tuple[Plan, str]:
    """Answer a dispute with reasons and leave the result as it is."""
    plan = _to_judge(uow, acting, result_id)
    decision = confirmation.dismiss(plan, result_id, reason, acting.actor, uow.now)
    return keep(uow, plan, decision), result_id


def propose_overturn(uow: UnitOfWork, acting: Acting, result_id: str, reason: str) -> tuple[Plan, str]:
    """The first of two people says why a final result has to be marked again."""
    plan = _to_judge(uow, acting, result_id)
    round_ = plan.attempt(result_id).round
    proposed = Overturn(new_id(), round_, reason, acting.actor.subject, uow.now)
    return keep(uow, plan, confirmation.propose_overturn(plan, result_id, proposed, acting.actor)), result_id


def confirm_overturn(uow: UnitOfWork, acting: Acting, result_id: str) -> tuple[Plan, str]:
    """The second person overturns it; a complete plan loses its completion."""
    plan = _to_judge(uow, acting, result_id)
    return keep(uow, plan, confirmation.overturn(plan, result_id, acting.actor, uow.now)), result_id


def _to_judge(uow: UnitOfWork, acting: Acting, result_id: str) -> Plan:
    plan = queries.plan_of_attempt(uow.connection, acting.scope, result_id)
    acting.judges(plan)
    return plan
