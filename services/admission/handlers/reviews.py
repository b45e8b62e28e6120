"""What an officer of the reviewing institution does alone: look, ask, offer, queue, take an offer back."""

from collections.abc import Mapping
from typing import Any

from services.admission.domain import offer_steps, steps
from services.admission.domain.application import Application, Decided
from services.admission.domain.decision import OVERRIDE
from services.admission.domain.eligibility import OFFERABLE
from services.admission.domain.machine import APPLICATION
from services.admission.handlers.case import Case, check_not_again, load, save
from services.admission.handlers.evaluating import Evaluated, evaluate_case
from services.admission.handlers.placing import (
    AskedCondition,
    enqueue,
    no_offers,
    place,
)
from services.admission.handlers.proofs import reconsider
from services.admission.store import cases, learners, seats
from services.admission.store.scope import Scope
from shared.domain import Change, ConflictError, ForbiddenError, InvalidError, Pointer
from shared.messaging.unit_of_work import UnitOfWork


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


def make_offer(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> Case:
    """Offer a place, or queue the application where no seat is free.

    Raises:
        ConflictError: the rules do not propose it and no two people overrode them; the offering is cancelled; the
            agreement has ended; the application waits for its turn already, or its learner has applied again.
    """
    application = case.application
    if application.state == "submitted":
        raise ConflictError("Begin the review first; an offer without a review is for automatic offerings.")
    if application.state == "waitlisted":
        raise ConflictError("The application is in the queue; seats go to the queue in its order.")
    check_not_again(uow, application)
    asked = _asked(uow, case, body)
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
    asked = _asked(uow, case, body)
    return save(
        uow,
        case,
        enqueue(uow, case, case.application, evaluated, asked=asked, score=body["score"], automatic=False),
    )


def withdraw_offer(uow: UnitOfWork, case: Case, reason: str) -> Case:
    """Take an unanswered offer back; its seat goes to the queue."""
    return save(uow, case, offer_steps.withdraw_offer(case.application, reason))


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


def _asked(uow: UnitOfWork, case: Case, body: Mapping[str, Any]) -> list[AskedCondition]:
    known = {criterion.id for criterion in case.procedure.criteria}
    wrong = []
    for index, condition in enumerate(body["conditions"]):
        if condition["criterion"] is not None and condition["criterion"] not in known:
            wrong.append(Pointer(f"/conditions/{index}/criterion", "The rules have no such criterion."))
        if condition["due_by"] is not None and condition["due_by"] <= uow.now:
            wrong.append(Pointer(f"/conditions/{index}/due_by", "Set a later time."))
    if wrong:
        raise InvalidError(
            "A condition names an unknown criterion, or would be overdue at once.", pointers=wrong
        )
    return [AskedCondition(**condition) for condition in body["conditions"]]
