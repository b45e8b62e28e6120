"""What people do about a recognition: one transaction each, within what the caller may see (CRT-43)."""

from collections.abc import Mapping
from typing import Any

from services.certification.domain.recognising import decided, upheld, withdrawn
from services.certification.domain.recognition import Recognition
from services.certification.domain.recognition_rules import (
    Ground,
    Limits,
    Ruling,
    positive_objections,
    ruling_problems,
)
from services.certification.handlers.recognition_keeping import EXAMINE, keep
from services.certification.store import recognition_queries, recognitions
from services.certification.store.queries import Scope
from services.certification.store.recognitions import StoredRecognition
from shared.domain import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork

Document = Mapping[str, Any]


def decide(uow: UnitOfWork, scope: Scope, recognition_id: str, body: Document, *, person: str) -> None:
    """A named person of the institution decides; the statement follows by itself.

    `person` is the learner that this person would be.

    Raises:
        NotFoundError: there is no such case in `scope`.
        ForbiddenError: it is about the person's own certificate.
        ConflictError: nobody is asked now, or the certificate from elsewhere cannot count as things stand.
        InvalidError: the decision does not say what it has to.
    """
    stored = _stored(uow, scope, recognition_id)
    case = stored.case
    _require_colleague(case, person)
    ruling = Ruling(
        outcome=body["outcome"],
        recognised_as=body["recognised_as"],
        credits=body["credits"],
        outcomes=tuple(body["outcomes"]),
        grounds=tuple(Ground(**ground) for ground in body["grounds"]),
    )
    step = decided(case, ruling, body["note"])
    limits = Limits(
        case.programme.credits,
        case.basis.credits,
        case.programme.outcomes,
        exempting=case.exemption is not None,
    )
    if problems := ruling_problems(ruling, limits):
        raise InvalidError("The decision does not say all that it has to.", pointers=problems)
    if ruling.positive and case.basis.foreign:
        _require_countable(case)
    keep(uow, stored, step)


def _require_colleague(case: Recognition, person: str) -> None:
    if case.learner_id == person:
        raise ForbiddenError("This is about your own certificate; a colleague has to decide.")


def _require_countable(case: Recognition) -> None:
    found = case.examination
    objections = positive_objections(found.verdict if found else None, found.objections if found else ())
    if objections:
        raise ConflictError(f"The certificate cannot count as things stand: {'; '.join(objections)}.")


def uphold(uow: UnitOfWork, scope: Scope, recognition_id: str, reason: str, *, person: str) -> None:
    """The institution has looked again and leaves its decision as it is.

    Raises:
        NotFoundError, ConflictError: there is no such case in `scope`, or none under review.
        ForbiddenError: it is about the person's own certificate.
    """
    stored = _stored(uow, scope, recognition_id)
    _require_colleague(stored.case, person)
    keep(uow, stored, upheld(stored.case, reason))


def withdraw(uow: UnitOfWork, scope: Scope, recognition_id: str) -> None:
    """The learner takes back a request, or does not want what was agreed; what was presented is forgotten.

    Raises:
        NotFoundError, ConflictError: there is no such case in `scope`, or it is decided or closed.
    """
    stored = _stored(uow, scope, recognition_id)
    keep(uow, stored, withdrawn(stored.case))
    recognitions.forget_document(uow, recognition_id)


def examine_again(uow: UnitOfWork, scope: Scope, recognition_id: str) -> None:
    """Have the presented certificate looked at again, such as when its issuer could not be reached.

    Raises:
        NotFoundError, ConflictError: there is no such case in `scope`, or nothing to look at.
    """
    case = _stored(uow, scope, recognition_id).case
    if not case.basis.foreign:
        raise ConflictError("The certificate is one of this installation; its status is known at any moment.")
    if case.state != "open":
        raise ConflictError(f"The case is {case.state}; there is nothing to look at.")
    uow.schedule(EXAMINE, case.id)


def _stored(uow: UnitOfWork, scope: Scope, recognition_id: str) -> StoredRecognition:
    row = recognition_queries.find(uow.connection, scope, recognition_id)
    if row is None:
        raise NotFoundError("There is no such recognition, or it is not yours to see.")
    return StoredRecognition(recognitions.case_of(row), row.version)
