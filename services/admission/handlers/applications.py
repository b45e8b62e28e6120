"""What a learner does with an application: begin, prove, hand in, answer, leave."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.admission.domain import offer_steps, steps
from services.admission.domain.application import Decided
from services.admission.domain.criteria import UNVERIFIED
from services.admission.domain.learner import may_be_same, pair_key
from services.admission.domain.machine import UNDECIDED
from services.admission.domain.offer import conditions_due, conditions_open
from services.admission.handlers.case import DEADLINE, PRESENTED, Case, load, save
from services.admission.handlers.evaluating import evaluate_case
from services.admission.handlers.placing import review_automatically
from services.admission.store import cases, learners
from services.admission.store.applications import live_application, values_of
from services.admission.store.documents import in_force
from services.admission.store.scope import Scope
from services.admission.store.tables import applications, evidence
from shared.domain import Change, ConflictError, Pointer
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork

_TAKES_EVIDENCE: Final = UNDECIDED | {"draft", "offer", "pending_conditions"}


def create(uow: UnitOfWork, learner_id: str, body: Mapping[str, Any]) -> Case:
    """A new draft for the offering version that the learner saw.

    Raises:
        ConflictError: no learner record yet; a live application of the learner exists; the offering is cancelled,
            or has changed since.
        InvalidError: a choice that the offering does not name.
        NotFoundError: no such offering.
    """
    learner = learners.find_home(uow.connection, learner_id)
    if learner is None:
        raise ConflictError("You have no learner record yet: POST /admission/v1/learners first.")
    found = in_force(uow.connection, body["offering_id"])
    _check_open(found.offering_state)
    _check_seen(found.procedure.offering_version, body.get("offering_version"))
    _refuse_second(uow, learner_id, body["offering_id"])
    decided = steps.start(
        found.procedure,
        uow.now,
        application_id=new_id(),
        learner_id=learner_id,
        target_group=body["target_group"],
        track=body["track"],
        home_institution=learner.home_institution,
    )
    draft = decided.application
    proofs, presented = _presented(uow, draft.id, body["evidence"])
    version = uow.save(
        applications,
        draft.id,
        values=values_of(draft),
        events=decided.events,
        changes=[*decided.changes, *presented],
    )
    uow.schedule(DEADLINE, draft.id, due_at=draft.deadline_at)
    _store(uow, proofs)
    return Case(draft, version, uow.now, uow.now, found.procedure, found.offering_state)


def add_evidence(
    uow: UnitOfWork, scope: Scope, application_id: str, items: Iterable[Mapping[str, Any]]
) -> Case:
    """Add proofs; where the rules decide and nobody has begun a review, they look again.

    Raises:
        ConflictError: the case is settled.
    """
    case = load(uow, scope, application_id)
    if case.application.state not in _TAKES_EVIDENCE:
        raise ConflictError(f"Evidence cannot be added in state '{case.application.state}'.")
    change = _add_evidence(uow, application_id, items)
    return save(uow, case, review_automatically(uow, case, Decided(case.application, change)))


def submit(uow: UnitOfWork, scope: Scope, application_id: str, body: Mapping[str, Any]) -> Case:
    """Hand the application in; the engine proposes, and an automatic offering goes on by itself (ADM-18, ADM-24).

    Raises:
        ConflictError: outside the window, or not a draft.
        InvalidError: other terms than the offering version's.
    """
    case = load(uow, scope, application_id)
    decided = steps.submit(case.application, case.procedure, uow.now, body["terms_version"])
    _check_open(case.offering_state)
    decided = _hold_for_duplicates(uow, decided)
    if not case.procedure.automatic:
        evaluate_case(uow, case, decided.application)
    return save(uow, case, review_automatically(uow, case, decided))


def provide_information(uow: UnitOfWork, scope: Scope, application_id: str, body: Mapping[str, Any]) -> Case:
    """Answer the reviewer's request; the reviewer's clock starts anew."""
    case = load(uow, scope, application_id)
    decided = steps.provide_information(case.application, case.procedure, uow.now)
    added = _add_evidence(uow, application_id, body["evidence"])
    evaluate_case(uow, case, decided.application)
    note = Change("information", application_id, "answer", "asked", "answered", body["answer"])
    return save(uow, case, Decided(decided.application, (*decided.changes, note, *added), decided.events))


def respond_to_offer(uow: UnitOfWork, scope: Scope, application_id: str, response: str) -> Case:
    """Accept or decline the open offer."""
    case = load(uow, scope, application_id)
    if response == "decline":
        return save(uow, case, offer_steps.decline(case.application))
    conditions = _conditions(uow, application_id)
    accepted = offer_steps.accept(
        case.application,
        conditions_open=conditions_open(conditions),
        conditions_due=conditions_due(conditions),
    )
    return save(uow, case, accepted)


def withdraw(uow: UnitOfWork, scope: Scope, application_id: str, reason: str | None) -> Case:
    """Leave the procedure; an offer is void and the seat free in the same transaction (check 4, ADM-37)."""
    case = load(uow, scope, application_id)
    return save(uow, case, steps.withdraw(case.application, reason))


def _conditions(uow: UnitOfWork, application_id: str) -> list[Any]:
    offer = cases.current_offer(uow.connection, application_id)
    if offer is None:
        return []
    return [cases.condition_of(row) for row in cases.conditions_of(uow.connection, offer.id)]


def _check_open(offering_state: str) -> None:
    if offering_state == "cancelled":
        raise ConflictError("The offering has been cancelled; it takes no applications.")


def _check_seen(latest: int, seen: int | None) -> None:
    """Refuse where the learner saw another version than the one in force (ADM-14)."""
    if seen is not None and seen != latest:
        raise ConflictError(
            f"The offering has changed since version {seen}; read version {latest} and apply for it.",
            pointers=[Pointer("/offering_version", f"The version in force is {latest}.")],
        )


def _refuse_second(uow: UnitOfWork, learner_id: str, offering_id: str) -> None:
    existing = live_application(uow.connection, learner_id, offering_id)
    if existing is not None:
        raise ConflictError(f"You have an application to this offering already: {existing}.")


def _add_evidence(
    uow: UnitOfWork, application_id: str, items: Iterable[Mapping[str, Any]]
) -> tuple[Change, ...]:
    proofs, changes = _presented(uow, application_id, items)
    _store(uow, proofs)
    return tuple(changes)


def _presented(
    uow: UnitOfWork, application_id: str, items: Iterable[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[Change]]:
    own = {"application_id": application_id, "created_at": uow.now, "verification": UNVERIFIED}
    proofs = [{**item, **own, "id": new_id()} for item in items]
    changes = [
        Change("evidence", proof["id"], "add", "", UNVERIFIED, detail={"kind": proof["kind"]})
        for proof in proofs
    ]
    return proofs, changes


def _store(uow: UnitOfWork, proofs: Iterable[Mapping[str, Any]]) -> None:
    for proof in proofs:
        cases.add(uow.connection, evidence, proof)
        if proof["credential"] is not None:
            uow.schedule(PRESENTED, proof["id"])


def _hold_for_duplicates(uow: UnitOfWork, decided: Decided) -> Decided:
    """Hold the application where its learner may be somebody who applied to the same offering (check 6)."""
    application = decided.application
    found = learners.similar_applicants(uow.connection, application.learner_id, application.offering_id)
    pairs = {
        pair_key(one.learner_id, other.learner_id): other for one, other in found if may_be_same(one, other)
    }
    if not pairs:
        return decided
    resolved = learners.resolved_pairs(uow.connection, pairs)
    for pair, other in pairs.items():
        learners.note_pair(uow.connection, pair, application.learner_id, other.learner_id, uow.now)
    if all(resolved.get(pair) == "different_people" for pair in pairs):
        return decided
    return decided.then(lambda held: steps.hold_for_duplicate(held, held=True))
