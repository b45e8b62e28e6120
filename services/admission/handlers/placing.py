"""Place a case on a seat or in the queue, with the offer that goes with it (D1 'Seats')."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.admission.domain import offer_steps
from services.admission.domain.application import Application, Decided
from services.admission.domain.eligibility import OFFERABLE
from services.admission.domain.offer import CONDITION, OFFER, missing_criteria
from services.admission.domain.seats import rank_of
from services.admission.handlers.case import PROMOTION, Case
from services.admission.handlers.evaluating import Evaluated, evaluate_case
from services.admission.store import cases, seats
from services.admission.store.tables import conditions, offers
from shared.domain import ConflictError
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskedCondition:
    """A condition that a person adds to an offer, or the words for one that the rules ask for."""

    text: str
    criterion: str | None = None
    due_by: datetime | None = None


def review_automatically(uow: UnitOfWork, case: Case, decided: Decided) -> Decided:
    """Go on towards an offer where the offering lets the rules decide; never against the applicant (ADM-09, ADM-24)."""
    application = decided.application
    if application.state != "submitted" or application.duplicate_hold or not case.procedure.automatic:
        return decided
    evaluated = evaluate_case(uow, case, application, automatic=True)
    if evaluated.proposal.overall not in OFFERABLE or no_offers(uow, case) is not None:
        return decided
    return place(uow, case, decided, evaluated, automatic=True)


def no_offers(uow: UnitOfWork, case: Case) -> str | None:
    """Why no new offer can be made at all, if so (check 25)."""
    if case.offering_state == "cancelled":
        return "The offering has been cancelled; it makes no offers."
    if case.procedure.ended(uow.now):
        return f"The agreement ended on {case.procedure.agreement_until}; no new offers are made under it."
    return None


def place(
    uow: UnitOfWork,
    case: Case,
    decided: Decided,
    evaluated: Evaluated,
    *,
    asked: Sequence[AskedCondition] = (),
    reply_by: datetime | None = None,
    score: str | None = None,
    automatic: bool = False,
) -> Decided:
    """Offer a place where a seat is free and nobody waits; put the application in the queue otherwise.

    Raises:
        ConflictError: neither is possible in this state, or a possible duplicate is unresolved.
    """
    application, procedure = decided.application, case.procedure
    offer_steps.check_offerable(application)
    if seats.take(uow.connection, application.offering_id, limited=procedure.capacity is not None):
        until = reply_by or procedure.reply_by(uow.now)
        offer_id = _add_offer(uow, case, evaluated, asked, state="open", reply_by=until, automatic=automatic)
        return decided.then(
            lambda a: offer_steps.make_offer(
                a,
                reply_by=until,
                seat_held=True,
                rule_set=procedure.rule_set,
                detail=_offer_detail(offer_id, evaluated.id, automatic=automatic),
            )
        )
    return decided.then(
        lambda a: enqueue(uow, case, a, evaluated, asked=asked, score=score, automatic=automatic)
    )


def enqueue(
    uow: UnitOfWork,
    case: Case,
    application: Application,
    evaluated: Evaluated,
    *,
    asked: Sequence[AskedCondition],
    score: str | None,
    automatic: bool,
) -> Decided:
    """Put the application in the queue with its offer prepared; promotion makes it when a seat is free."""
    procedure = case.procedure
    rank = rank_of(procedure.ranking, score)
    waiting = offer_steps.waitlist(application, uow.now, rank=rank, rule_set=procedure.rule_set)
    seats.enqueue(uow.connection, application.offering_id)
    _add_offer(uow, case, evaluated, asked, state=OFFER.initial, reply_by=None, automatic=automatic)
    # A seat may have come free between the look and the queue; the promotion job will see both.
    uow.schedule(PROMOTION, application.offering_id)
    return waiting


def promote(uow: UnitOfWork, case: Case) -> Decided:
    """Make the prepared offer of the first in the queue, who holds a seat from now on."""
    application, procedure = case.application, case.procedure
    offer = cases.current_offer(uow.connection, application.id)
    if offer is None:
        raise ConflictError("Nothing is prepared for this application.")
    until = procedure.reply_by(uow.now)
    cases.change(uow.connection, offers, offer.id, reply_by=until)
    return offer_steps.make_offer(
        application,
        reply_by=until,
        seat_held=True,
        rule_set=procedure.rule_set,
        detail={"offer": offer.id, "promoted": True},
    )


def _add_offer(
    uow: UnitOfWork,
    case: Case,
    evaluated: Evaluated,
    asked: Sequence[AskedCondition],
    *,
    state: str,
    reply_by: datetime | None,
    automatic: bool,
) -> str:
    application, procedure = case.application, case.procedure
    wanted = list(asked)
    named = {condition.criterion for condition in asked}
    wanted += [
        AskedCondition(text, criterion)
        for criterion, text in missing_criteria(evaluated.proposal, procedure.criteria)
        if criterion not in named
    ]
    offer_id = new_id()
    part = {"application_id": application.id, "created_at": uow.now}
    cases.add(
        uow.connection,
        offers,
        {
            **part,
            "id": offer_id,
            "kind": "conditional" if wanted else "unconditional",
            "state": state,
            "reply_by": reply_by,
            "rule_set": procedure.rule_set,
            "evaluation_id": evaluated.id,
            "automatic": automatic,
            "made_by": "system" if automatic else uow.actor.subject,
            "made_for": procedure.reviewing_institution,
        },
    )
    for condition in wanted:
        cases.add(
            uow.connection,
            conditions,
            {
                **part,
                "id": new_id(),
                "offer_id": offer_id,
                "text": condition.text,
                "criterion": condition.criterion,
                "due_by": condition.due_by,
                "state": CONDITION.initial,
            },
        )
    return offer_id


def _offer_detail(offer_id: str, evaluation_id: str, *, automatic: bool) -> dict[str, Any]:
    return {"offer": offer_id, "evaluation": evaluation_id, "automatic": automatic}
