"""What an officer of the reviewing institution does alone: look, ask, verify, offer, queue, take an offer back."""

from collections.abc import Mapping
from typing import Any, Final

from services.admission.domain import application as steps
from services.admission.domain.application import Application, Decided
from services.admission.domain.criteria import BY_PERSON
from services.admission.domain.decision import OVERRIDE
from services.admission.domain.eligibility import OFFERABLE
from services.admission.domain.machine import APPLICATION, SETTLED
from services.admission.domain.offer import CONDITION, conditions_open
from services.admission.handlers.case import (
    AskedCondition,
    Case,
    Evaluated,
    enqueue,
    evaluate_case,
    load,
    no_offers,
    place,
    review_automatically,
    save,
)
from services.admission.store import cases, learners, seats
from services.admission.store.scope import Scope
from services.admission.store.tables import conditions, evidence
from shared.domain import Change, ConflictError, ForbiddenError, InvalidError, Pointer
from shared.messaging.unit_of_work import UnitOfWork

RPL_EVIDENCE: Final = frozenset({"rpl_portfolio"})
"""Evidence that only two people can accept (practice.md C1, 'Four eyes')."""


def load_for_review(uow: UnitOfWork, scope: Scope, application_id: str, own_learner_id: str) -> Case:
    """The case, for somebody else than its applicant.

    Raises:
        NotFoundError: not in this scope.
        ForbiddenError: nobody decides on their own application.
    """
    case = load(uow, scope, application_id)
    if case.application.learner_id == own_learner_id:
        raise ForbiddenError("This is your own application; a colleague has to deal with it.")
    return case


def begin_review(uow: UnitOfWork, case: Case) -> Case:
    """Take the case up; the engine proposes on what is there now."""
    decided = steps.begin_review(case.application)
    evaluate_case(uow, case, decided.application)
    return save(uow, case, decided)


def request_information(uow: UnitOfWork, case: Case, request: str) -> Case:
    return save(uow, case, steps.request_information(case.application, case.procedure, uow.now, request))


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


def make_offer(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> Case:
    """Offer a place, or queue the application where no seat is free.

    Raises:
        ConflictError: the rules do not propose it and no two people overrode them; the offering is cancelled; the
            agreement has ended; the application waits for its turn already.
    """
    application = case.application
    if application.state == "submitted":
        raise ConflictError("Begin the review first; an offer without a review is for automatic offerings.")
    if application.state == "waitlisted":
        raise ConflictError("The application is in the queue; seats go to the queue in its order.")
    asked = _asked(case, body)
    reply_by = body["reply_by"]
    if reply_by is not None and reply_by <= uow.now:
        raise InvalidError(
            "The offer would be overdue at once.", pointers=[Pointer("/reply_by", "Set a later time.")]
        )
    evaluated = _offerable(uow, case)
    decided = place(
        uow, case, Decided(application), evaluated, asked=asked, reply_by=reply_by, score=body["score"]
    )
    return save(uow, case, decided)


def waitlist(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> Case:
    """Put an application that could be offered a place in the queue.

    Raises:
        ConflictError: the offering has a free seat and nobody waits, or has no limit at all.
    """
    state = seats.of_offering(uow.connection, case.application.offering_id)
    if state["free"] is None or (state["free"] and not state["waiting"]):
        raise ConflictError("A seat is free; make an offer instead.")
    evaluated = _offerable(uow, case)
    asked = _asked(case, body)
    return save(
        uow,
        case,
        enqueue(uow, case, case.application, evaluated, asked=asked, score=body["score"], automatic=False),
    )


def withdraw_offer(uow: UnitOfWork, case: Case, reason: str) -> Case:
    """Take an unanswered offer back; its seat goes to the queue."""
    return save(uow, case, steps.withdraw_offer(case.application, reason))


def meet_condition(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> Case:
    """Record that a condition is met; the last one admits an applicant who has accepted."""
    condition = find_condition(uow, case, body["condition_id"])
    settle_condition(uow, condition, "meet", note=body["note"])
    change = Change("condition", condition.id, "meet", condition.state, "met")
    return save(uow, case, admit_if_complete(uow, Decided(case.application, (change,))))


def find_condition(uow: UnitOfWork, case: Case, condition_id: str) -> Any:
    """A condition of the current offer of this case.

    Raises:
        InvalidError: it is none.
    """
    offer = cases.current_offer(uow.connection, case.application.id)
    for row in cases.conditions_of(uow.connection, offer.id) if offer else ():
        if row.id == condition_id:
            return row
    raise InvalidError(
        "This is no condition of the application's offer.",
        pointers=[Pointer("/condition_id", "Take an id from the offer's conditions.")],
    )


def settle_condition(
    uow: UnitOfWork,
    condition: Any,
    trigger: str,
    *,
    note: str | None = None,
    people: tuple[str, str] | None = None,
) -> None:
    row = CONDITION.fire(condition.state, trigger)
    decided_by, decided_with = people or (uow.actor.subject, None)
    cases.change(
        uow.connection,
        conditions,
        condition.id,
        state=row.target,
        decided_by=decided_by,
        decided_with=decided_with,
        note=note,
    )


def admit_if_complete(uow: UnitOfWork, decided: Decided) -> Decided:
    """Admit an applicant who accepted, once no condition is open."""
    application = decided.application
    offer = cases.current_offer(uow.connection, application.id)
    if application.state != "pending_conditions" or offer is None:
        return decided
    remaining = [cases.condition_of(row) for row in cases.conditions_of(uow.connection, offer.id)]
    return decided if conditions_open(remaining) else decided.then(steps.confirm_conditions_met)


def resolve_duplicates(uow: UnitOfWork, case: Case, resolution: str) -> Case:
    """Record what a person found about possible duplicates of the applicant; it is not asked again (check 6)."""
    pairs = learners.open_pairs(uow.connection, case.application.learner_id)
    if not case.application.duplicate_hold:
        raise ConflictError("No possible duplicate is open on this application.")
    learners.resolve_pairs(
        uow.connection, [row.pair for row in pairs], resolution, uow.actor.subject, uow.now
    )
    decided = Decided(case.application)
    if resolution == "different_people":
        decided = decided.then(_release)
    change = Change("duplicate_hold", case.application.id, "resolve", "open", resolution)
    decided = Decided(decided.application, (*decided.changes, change))
    return save(uow, case, reconsider(uow, case, decided))


def _release(application: Application) -> Decided:
    return steps.hold_for_duplicate(application, held=False)


def _offerable(uow: UnitOfWork, case: Case) -> Evaluated:
    """A fresh proposal that allows an offer, or two people's override of it."""
    application = case.application
    APPLICATION.fire(application.state, "make_offer")
    refusal = no_offers(uow, case)
    if refusal is not None:
        raise ConflictError(refusal)
    evaluated = evaluate_case(uow, case, application)
    if evaluated.proposal.overall not in OFFERABLE and not cases.has_confirmed(
        uow.connection, application.id, OVERRIDE, application.submitted_at
    ):
        raise ConflictError(
            f"The rules propose '{evaluated.proposal.overall}'. Ask for information, waive a criterion, or "
            "override with two people: POST /admission/v1/decisions."
        )
    return evaluated


def _asked(case: Case, body: Mapping[str, Any]) -> list[AskedCondition]:
    known = {criterion.id for criterion in case.procedure.criteria}
    wrong = [
        Pointer(f"/conditions/{index}/criterion", "The rules have no such criterion.")
        for index, condition in enumerate(body["conditions"])
        if condition["criterion"] is not None and condition["criterion"] not in known
    ]
    if wrong:
        raise InvalidError("A condition names an unknown criterion.", pointers=wrong)
    return [AskedCondition(**condition) for condition in body["conditions"]]
