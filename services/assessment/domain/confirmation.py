"""Results become final by named people, one result at a time, and are overturned by two (AST-03, AST-30)."""

from dataclasses import replace
from datetime import datetime

from services.assessment.domain.completion import settled
from services.assessment.domain.decision import Decision
from services.assessment.domain.machines import MARKING
from services.assessment.domain.marking import a_new_round, not_on_hold
from services.assessment.domain.plan import Attempt, Dispute, Overturn, Plan, Vote
from services.assessment.domain.standing import attempts_left, missing, standing
from shared.domain import Actor, ConflictError, ForbiddenError


def named_confirmer(plan: Plan, actor: Actor) -> None:
    """Refuse anybody who is not a confirmer at an institution of the template's confirmation list."""
    if actor.role != "confirmer" or actor.institution not in plan.template.confirmation.institutions:
        raise ForbiddenError("results of this offering are confirmed by the confirmers its template names")


def confirm(plan: Plan, attempt_id: str, vote: Vote, actor: Actor, now: datetime) -> Decision:
    """One confirmer's word for one result; with the quorum it is final, and the plan follows at once.

    Raises:
        ForbiddenError: the confirmer is not named by the template.
        ConflictError: the confirmer marked the attempt or has confirmed already, the result is disputed, its
            dispute window is open, an integrity hold is in force, or the result is not released.
    """
    named_confirmer(plan, actor)
    attempt = plan.attempt(attempt_id)
    MARKING.fire(attempt.marking, "confirm")
    _may_confirm(plan, attempt, actor, now)
    votes = (*attempt.votes, vote)
    voted = plan.with_attempt(attempt_id, votes=votes)
    decision = Decision(voted)
    if len(voted.attempt(attempt_id).present_votes) < plan.template.confirmation.quorum:
        return decision.note(voted, attempt_id, "confirm", subject_type=MARKING.name, state=attempt.marking)
    audience = plan.template.institutions if _tells_no_count(plan, attempt) else frozenset[str]()
    decision = decision.move_attempt(attempt_id, MARKING, "confirm", audience=audience, final_at=now)
    return settled(plan, decision)


def dispute(plan: Plan, attempt_id: str, raised: Dispute) -> Decision:
    """The learner disputes a released result: it cannot become final before the dispute is answered (AST-30)."""
    attempt = plan.attempt(attempt_id)
    if attempt.marking != "released":
        raise ConflictError("a result can be disputed from its release until it is final")
    if attempt.open_dispute is not None:
        raise ConflictError("this result is disputed already; wait for the answer")
    return Decision(plan).note(
        plan.with_attempt(attempt_id, disputes=(*attempt.disputes, raised)),
        attempt_id,
        "dispute",
        subject_type=MARKING.name,
        state=attempt.marking,
    )


def dismiss(plan: Plan, attempt_id: str, reason: str, actor: Actor, now: datetime) -> Decision:
    """Answer an open dispute with reasons and leave the result as it is; never by somebody who marked it."""
    attempt = plan.attempt(attempt_id)
    if attempt.open_dispute is None:
        raise ConflictError("this result is not disputed")
    _not_a_marker(attempt, actor)
    disputes = tuple(
        replace(d, answer=reason, answered_by=actor.subject, answered_at=now) if d.answered_at is None else d
        for d in attempt.disputes
    )
    return Decision(plan).note(
        plan.with_attempt(attempt_id, disputes=disputes),
        attempt_id,
        "dismiss_dispute",
        subject_type=MARKING.name,
        state=attempt.marking,
        reason=reason,
    )


def propose_overturn(plan: Plan, attempt_id: str, proposed: Overturn, actor: Actor) -> Decision:
    """The first of two people says why a final result has to be marked again; nothing changes yet."""
    named_confirmer(plan, actor)
    attempt = plan.attempt(attempt_id)
    _may_overturn(plan, attempt)
    if attempt.open_overturn is not None:
        raise ConflictError("this result is proposed to be overturned already; a second person decides")
    return Decision(plan).note(
        plan.with_attempt(attempt_id, overturns=(*attempt.overturns, proposed)),
        attempt_id,
        "propose_overturn",
        subject_type=MARKING.name,
        state=attempt.marking,
        reason=proposed.reason,
    )


def overturn(plan: Plan, attempt_id: str, actor: Actor, now: datetime) -> Decision:
    """The second person overturns a final result: it is marked again, and a complete plan loses its completion.

    Raises:
        ConflictError: nobody proposed it, or the same person did.
    """
    named_confirmer(plan, actor)
    attempt = plan.attempt(attempt_id)
    _may_overturn(plan, attempt)
    proposed = attempt.open_overturn
    if proposed is None:
        raise ConflictError("nobody has proposed to overturn this result: POST /results/{id}/overturn")
    if proposed.proposed_by == actor.subject:
        raise ConflictError("a result is overturned by two people; you proposed it")
    decided = replace(proposed, confirmed_by=actor.subject, confirmed_at=now)
    overturns = tuple(decided if o.id == proposed.id else o for o in attempt.overturns)
    decision = Decision(plan).move_attempt(
        attempt_id,
        MARKING,
        "overturn",
        reason=proposed.reason,
        overturns=overturns,
        **a_new_round(attempt),
    )
    return settled(plan, decision)


def _may_confirm(plan: Plan, attempt: Attempt, actor: Actor, now: datetime) -> None:
    if plan.state in {"lapsed", "voided"}:
        raise ConflictError(f"the plan is {plan.state}; its results are not confirmed")
    if not plan.instrument_of(attempt).summative:
        raise ConflictError("a formative result never counts, so nobody confirms it")
    not_on_hold(plan)
    _not_a_marker(attempt, actor)
    if any(vote.confirmer == actor.subject for vote in attempt.present_votes):
        raise ConflictError("you have confirmed this result already; another confirmer is needed")
    if attempt.open_dispute is not None:
        raise ConflictError("the learner disputes this result; answer the dispute first")
    if attempt.disputable_until is not None and plan.clock(now) < attempt.disputable_until:
        raise ConflictError(f"the dispute window is open until {attempt.disputable_until.isoformat()}")


def _may_overturn(plan: Plan, attempt: Attempt) -> None:
    if plan.state in {"lapsed", "voided"}:
        raise ConflictError(f"the plan is {plan.state}; its results are not overturned")
    MARKING.fire(attempt.marking, "overturn")


def _not_a_marker(attempt: Attempt, actor: Actor) -> None:
    if attempt.marked_by(actor.subject):
        raise ConflictError("nobody judges twice: a marker of this attempt cannot do this")


def _tells_no_count(plan: Plan, attempt: Attempt) -> bool:
    """Whether partners may learn of this result without learning how many attempts there were.

    They may when it decides an outcome by passing, or is the last of an instrument that has no attempt left.
    """
    if not standing(plan).decides(attempt):
        return False
    instrument = plan.instrument_of(attempt)
    last = plan.attempts_at(instrument.id)[-1].id == attempt.id
    return last and (attempts_left(plan, instrument) == 0 or not missing(plan, instrument))
