"""What the deciding body's people decide: about a proposal, and about a larger award whose part does not stand."""

from dataclasses import dataclass, replace
from typing import Final

from services.certification.domain import manual
from services.certification.domain import stack_steps as rules
from services.certification.domain.award import STACKED, Award, Completion
from services.certification.domain.decisions import Decision, completed
from services.certification.domain.stack import Stack
from services.certification.domain.stack_steps import Move, with_standings
from services.certification.handlers.manual import propose_revocation
from services.certification.handlers.saving import ISSUE, LOOK_FOR_STACKS, save
from services.certification.store import issuance, stacks
from services.certification.store.awards import Stored, load_award
from services.certification.store.holdings import holdings_of
from services.certification.store.queries import Scope
from shared.domain import ConflictError, ForbiddenError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork

PART_UNDER_REVIEW: Final = "part_under_review"
PART_NO_LONGER_STANDS: Final = "part_no_longer_stands"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: what they may see, and the learner that the same person would be."""

    scope: Scope
    person: str


def grant(uow: UnitOfWork, decider: Decider, stack_id: str, reason: str) -> None:
    """Grant the larger award; its certificate is made by the same job as any other.

    Raises:
        NotFoundError: there is no such stack for the decider.
        ForbiddenError: it is the decider's own.
        ConflictError: it is not proposed, a part does not stand, or credits of a part have counted already.
    """
    found = _found(uow, decider, stack_id)
    granted = found.save(uow, rules.grant(found.now, uow.actor.subject, uow.now, reason))
    _open_award(uow, granted)
    uow.schedule(LOOK_FOR_STACKS, granted.learner_id)


def refuse(uow: UnitOfWork, decider: Decider, stack_id: str, reason: str) -> None:
    """Refuse the larger award, with reasons that the learner reads.

    Raises:
        NotFoundError: there is no such stack for the decider.
        ForbiddenError: it is the decider's own.
        ConflictError: it is not proposed.
    """
    found = _found(uow, decider, stack_id)
    refused = found.save(uow, rules.refuse(found.now, uow.actor.subject, uow.now, reason))
    uow.schedule(LOOK_FOR_STACKS, refused.learner_id)


def keep(uow: UnitOfWork, decider: Decider, stack_id: str, reason: str) -> None:
    """The larger award stands as it is; a certificate that was suspended for the review is reinstated.

    Raises:
        NotFoundError: there is no such stack for the decider.
        ForbiddenError: it is the decider's own.
        ConflictError: no review is open.
    """
    found = _found(uow, decider, stack_id)
    kept = found.save(uow, rules.keep(found.now, reason))
    award = _award(uow, kept)
    live = award.award.live
    if found.stored.state == "suspended" and live is not None and live.reason_code == PART_UNDER_REVIEW:
        save(uow, award, manual.reinstate(award.award, live.id, reason))
    uow.schedule(ISSUE, kept.larger_award_id)


def suspend(uow: UnitOfWork, decider: Decider, stack_id: str, reason: str) -> None:
    """Suspend the larger certificate until it is decided what follows from the part.

    Raises:
        NotFoundError: there is no such stack for the decider.
        ForbiddenError: it is the decider's own.
        ConflictError: no review is open, or there is no certificate to suspend.
    """
    found = _found(uow, decider, stack_id)
    award = _award(uow, found.save(uow, rules.fire(found.now, "suspend", reason=reason)))
    if award.award.live is None:
        raise ConflictError("The larger certificate is not issued yet, and waits for your decision already.")
    save(uow, award, manual.suspend(award.award, award.award.live.id, PART_UNDER_REVIEW, reason))


def revoke(uow: UnitOfWork, decider: Decider, stack_id: str, reason: str) -> str | None:
    """Propose to revoke the larger certificate, which a second person confirms; returns the id of that decision.

    One that is not issued yet is given up at once, and nothing is returned: nothing was signed.

    Raises:
        NotFoundError: there is no such stack for the decider.
        ForbiddenError: it is the decider's own.
        ConflictError: no review is open, or a revocation is proposed already.
    """
    found = _found(uow, decider, stack_id)
    if found.stored.state == "granted":
        raise ConflictError(
            "No review is open; what else speaks against it is decided about the certificate."
        )
    move = rules.fire(found.now, "withdraw", reason=reason)
    award = _award(uow, found.stored)
    if award.award.live is None:
        withdrawn = found.save(uow, move)
        save(uow, award, _given_up(award.award, uow))
        uow.schedule(LOOK_FOR_STACKS, withdrawn.learner_id)
        return None
    uow.settle(found.version)
    return propose_revocation(uow, decider.scope, award.award.live.id, PART_NO_LONGER_STANDS, reason)


@dataclass(frozen=True, slots=True)
class _Found:
    """A stack as it is stored, its version, and with its parts as they stand `now`."""

    stored: Stack
    version: int
    now: Stack

    def save(self, uow: UnitOfWork, move: Move) -> Stack:
        """The stack after `move`, which was decided about it as it stands now."""
        stacks.save_move(uow, self.version, replace(move, before=self.stored))
        return move.after


def _found(uow: UnitOfWork, decider: Decider, stack_id: str) -> _Found:
    found = stacks.stack_of(uow.connection, decider.scope, stack_id)
    if found is None:
        raise NotFoundError("There is no such stack, or it is not yours to see.")
    stack, version = found
    if stack.learner_id == decider.person:
        raise ForbiddenError("These are your own certificates; a colleague has to decide.")
    held = holdings_of(uow.connection, stack.learner_id, [stack])
    return _Found(stack, version, with_standings(stack, held.standings))


def _award(uow: UnitOfWork, stack: Stack) -> Stored:
    stored = load_award(uow.connection, stack.larger_award_id)
    if stored is None:
        raise ConflictError("There is no larger award yet.")
    return stored


def _open_award(uow: UnitOfWork, stack: Stack) -> None:
    """The larger award, with the decision as the proof that it rests on."""
    award = Award(
        id=stack.larger_award_id,
        enrolment_id=stack.id,
        learner_id=stack.learner_id,
        offering_id=stack.rule_id,
        offering_version=stack.rule_version,
        track=STACKED,
        completion=Completion(1, "achieved", stack.results_digest, uow.now),
        deciding_body=stack.deciding_body,
    )
    save(uow, Stored(award, None), Decision(award))
    issuance.put_institutions(uow, award.id, stack.deciding_body, [stack.deciding_body])
    uow.schedule(ISSUE, award.id)


def _given_up(award: Award, uow: UnitOfWork) -> Decision:
    return completed(award, Completion(2, "not_achieved", None, uow.now))
