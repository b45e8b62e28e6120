"""What people do with signed certificates: one transaction each, within what the caller may see."""

from collections.abc import Callable

from services.certification.domain import manual, proposal
from services.certification.domain.award import Award
from services.certification.domain.decisions import Decision
from services.certification.domain.machines import PROPOSAL
from services.certification.domain.proposal import REVOCATION, Proposal
from services.certification.handlers.saving import ISSUE, save
from services.certification.store import decisions, queries
from services.certification.store.awards import Stored, load_award
from services.certification.store.queries import Scope
from shared.domain import Change, ConflictError, NotFoundError
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


def step(uow: UnitOfWork, scope: Scope, certificate_id: str, decide: Callable[[Award], Decision]) -> None:
    """Apply what was decided about one certificate; a certificate that is due by now is made by its job.

    Raises:
        NotFoundError: there is none in `scope`.
    """
    stored = _stored(uow, scope, certificate_id)
    decision = decide(stored.award)
    save(uow, stored, decision)
    if decision.award.due:
        uow.schedule(ISSUE, decision.award.id)


def propose_revocation(uow: UnitOfWork, scope: Scope, certificate_id: str, code: str, text: str) -> str:
    """Record a proposal to revoke; returns the id of the decision.

    Raises:
        NotFoundError: there is no such certificate in `scope`.
        ConflictError: it cannot be revoked, or a proposal waits already.
    """
    stored = _stored(uow, scope, certificate_id)
    manual.require_revocable(stored.award, certificate_id)
    if decisions.proposed_for(uow.connection, certificate_id):
        raise ConflictError(
            "A revocation of this certificate is proposed already; confirm or refuse that one."
        )
    made = Proposal(
        new_id(), REVOCATION, certificate_id, PROPOSAL.initial, code, text, proposed_by=uow.actor.subject
    )
    state = manual.find(stored.award, certificate_id).state
    change = Change("certificate", certificate_id, "propose_revocation", state, state, text)
    save(uow, stored, Decision(stored.award, changes=(change,)))
    decisions.add(uow, made)
    return made.id


def settle(uow: UnitOfWork, scope: Scope, decision_id: str, *, agrees: bool) -> None:
    """The second person confirms, and the certificate is revoked in the same transaction; or the proposal is dropped.

    Raises:
        NotFoundError: there is no such decision in `scope`.
        ConflictError: it is the same person, it is settled, or the certificate has moved on.
    """
    row = decisions.find(uow.connection, scope, decision_id)
    if row is None:
        raise NotFoundError("There is no such decision, or it is not yours to see.")
    proposed = decisions.proposal_of(row)
    stored = _stored(uow, scope, proposed.certificate_id)
    if agrees:
        settled = proposal.confirmed(proposed, uow.actor)
        decision = manual.revoke(stored.award, settled.certificate_id, settled.reason_code, settled.reason)
    else:
        settled = proposal.refused(proposed)
        state = manual.find(stored.award, settled.certificate_id).state
        change = Change("certificate", settled.certificate_id, "refuse_revocation", state, state)
        decision = Decision(stored.award, changes=(change,))
    save(uow, stored, decision)
    decisions.settle(uow, settled)


def _stored(uow: UnitOfWork, scope: Scope, certificate_id: str) -> Stored:
    row = queries.certificate(uow.connection, scope, certificate_id)
    stored = load_award(uow.connection, row.award_id) if row is not None else None
    if stored is None:
        raise NotFoundError("There is no such certificate, or it is not yours to see.")
    return stored
