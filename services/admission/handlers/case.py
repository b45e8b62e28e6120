"""Load an application, locked; evaluate it; place it on a seat or in the queue; save it with all that follows.

Every writer takes the application's row first and the offering's seats after it. The order is the same everywhere,
so that two cases never wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain import application as steps
from services.admission.domain.application import Application, Decided
from services.admission.domain.criteria import Evidence
from services.admission.domain.eligibility import OFFERABLE, Inputs, Proposal, evaluate
from services.admission.domain.machine import HAS_OFFER
from services.admission.domain.offer import CONDITION, OFFER, missing_criteria
from services.admission.domain.procedure import Procedure
from services.admission.domain.seats import rank_of
from services.admission.store import cases, seats
from services.admission.store.applications import application_of, changed_values, find_application
from services.admission.store.documents import in_force
from services.admission.store.scope import EVERYTHING, Scope
from services.admission.store.tables import applications, conditions, evidence, offers
from shared.domain import ConflictError
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork

DEADLINE: Final = "application_deadline"
PROMOTION: Final = "promotion"
PRESENTED: Final = "presented_credential"
_TIMED: Final = frozenset({"draft", "information_requested"})


@dataclass(frozen=True, slots=True)
class Case:
    """An application as loaded or saved, with the procedure that it follows and the state of its offering."""

    application: Application
    version: int
    created_at: datetime
    updated_at: datetime
    procedure: Procedure
    offering_state: str


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A stored evaluation and what it proposes."""

    id: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class AskedCondition:
    """A condition that a person adds to an offer, or the words for one that the rules ask for."""

    text: str
    criterion: str | None = None
    due_by: datetime | None = None


def read(connection: sa.Connection, scope: Scope, application_id: str, *, lock: bool = False) -> Case:
    """The application, locked until the transaction ends where `lock`.

    Raises:
        NotFoundError: there is none in this scope.
    """
    return case_of(connection, find_application(connection, scope, application_id, lock=lock))


def case_of(connection: sa.Connection, row: sa.Row[Any]) -> Case:
    """The case of a row of `applications`."""
    found = in_force(connection, row.offering_id, row.offering_version)
    return Case(
        application_of(row),
        row.version,
        row.created_at,
        row.updated_at,
        found.procedure,
        found.offering_state,
    )


def load(uow: UnitOfWork, scope: Scope, application_id: str) -> Case:
    """The application, locked until the transaction ends.

    Raises:
        NotFoundError: there is none in this scope.
    """
    return read(uow.connection, scope, application_id, lock=True)


def load_any(uow: UnitOfWork, application_id: str) -> Case:
    return load(uow, EVERYTHING, application_id)


def save(uow: UnitOfWork, case: Case, decided: Decided, *, from_queue: bool = False) -> Case:
    """Write what was decided: the row, history, events, the offer it settles, the seat it frees, its deadline.

    `from_queue`: the step took the seat of the queue's first, who has thereby left the queue.
    """
    before, after = case.application, decided.application
    version = uow.save(
        applications,
        after.id,
        version=case.version,
        values=changed_values(before, after),
        events=decided.events,
        changes=decided.changes,
    )
    if before.state in HAS_OFFER:
        _settle_offer(uow, decided)
    if decided.freed_seat:
        seats.free(uow.connection, after.offering_id)
        uow.schedule(PROMOTION, after.offering_id)
    if before.state == "waitlisted" and after.state != "waitlisted" and not from_queue:
        seats.leave_queue(uow.connection, after.offering_id)
    _keep_time(uow, case, after)
    return replace(case, application=after, version=version, updated_at=uow.now)


def evaluate_case(
    uow: UnitOfWork, case: Case, application: Application, *, automatic: bool = False
) -> Evaluated:
    """Run the engine on what the application holds now, and store inputs and result (C1, equal treatment)."""
    procedure = case.procedure
    inputs = Inputs(
        target_group=application.target_group,
        evidence=_evidence_of(uow, application) if procedure.criteria else (),
        as_of=procedure.today(uow.now),
        verified_only=automatic,
        waived=cases.waived_criteria(uow.connection, application.id) if procedure.criteria else frozenset(),
    )
    proposal = evaluate(procedure.rule_set, procedure.criteria, inputs)
    evaluation_id = new_id()
    cases.add_evaluation(
        uow.connection,
        {
            "id": evaluation_id,
            "application_id": application.id,
            "created_at": uow.now,
            "offering_id": procedure.offering_id,
            "offering_version": procedure.offering_version,
            "rule_set": procedure.rule_set,
            "automatic": automatic,
            "overall": proposal.overall,
            "inputs": inputs.to_json(),
            "result": proposal.to_json(),
        },
    )
    return Evaluated(evaluation_id, proposal)


def _evidence_of(uow: UnitOfWork, application: Application) -> tuple[Evidence, ...]:
    rows = cases.list_parts(uow.connection, evidence, application.id)
    return tuple(cases.evidence_of(row) for row in rows)


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
    steps.check_offerable(application)
    if seats.take(uow.connection, application.offering_id, limited=procedure.capacity is not None):
        until = reply_by or procedure.reply_by(uow.now)
        offer_id = _add_offer(uow, case, evaluated, asked, state="open", reply_by=until, automatic=automatic)
        return decided.then(
            lambda a: steps.make_offer(
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
    waiting = steps.waitlist(application, uow.now, rank=rank, rule_set=procedure.rule_set)
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
    return steps.make_offer(
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


def _settle_offer(uow: UnitOfWork, decided: Decided) -> None:
    offer = cases.current_offer(uow.connection, decided.application.id)
    if offer is None:
        return
    state = offer.state
    for change in decided.changes:
        if change.subject_type == "application" and OFFER.allows(state, change.trigger):
            state = OFFER.fire(state, change.trigger).target
    if state != offer.state:
        cases.change(uow.connection, offers, offer.id, state=state)


def _keep_time(uow: UnitOfWork, case: Case, after: Application) -> None:
    def timed(application: Application) -> bool:
        by_default = application.state == "offer" and case.procedure.decline_by_default
        return application.state in _TIMED or by_default

    if timed(after):
        uow.schedule(DEADLINE, after.id, due_at=after.deadline_at, replace=True)
    elif timed(case.application):
        uow.cancel(DEADLINE, after.id)


def _offer_detail(offer_id: str, evaluation_id: str, *, automatic: bool) -> dict[str, Any]:
    return {"offer": offer_id, "evaluation": evaluation_id, "automatic": automatic}
