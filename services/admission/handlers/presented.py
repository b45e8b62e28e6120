"""Have certification verify a credential that an applicant presented (ADM-31)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.application import Decided
from services.admission.domain.criteria import BY_SIGNATURE, UNVERIFIED
from services.admission.domain.learner import Person
from services.admission.domain.presented import facts_of, is_about
from services.admission.handlers.case import load_any, save
from services.admission.handlers.proofs import accept_evidence, reconsider
from services.admission.store import cases, learners
from services.admission.store.applications import find_application
from services.admission.store.scope import EVERYTHING
from services.admission.store.tables import evidence
from shared.domain import Change
from shared.messaging.jobs import Job, JobContext, RetryLater
from shared.messaging.unit_of_work import UnitOfWork
from shared.rest import RestError, RestUnavailableError

_VERIFICATIONS: Final = "/certification/v1/verifications"

_AGAIN: Final = timedelta(seconds=30)


def presented(context: JobContext, job: Job) -> None:
    """Have certification verify a presented credential; good, and of the applicant, it stands by its signature.

    What does not verify stays unverified, with a note for the officer; nothing is decided by it (ADM-31).
    """
    with context.read() as connection:
        row = cases.find_part(connection, evidence, job.key)
        learner_id = find_application(connection, EVERYTHING, row.application_id).learner_id
        learner = learners.find_learner(connection, learner_id)
    if row.verification != UNVERIFIED or row.credential is None or learner is None:
        return
    note = _objection(context, row.credential, learners.person_of(learner))
    with context.unit_of_work() as uow:
        _settle_presented(uow, row, note)


def _objection(context: JobContext, credential: Mapping[str, Any], person: Person) -> str | None:
    try:
        answer = context.rest.post("certification", _VERIFICATIONS, {"credential": credential})
    except RestUnavailableError as error:
        raise RetryLater(_AGAIN, str(error)) from error
    except RestError:
        return "The credential cannot be read."
    if answer["verdict"] != "valid":
        return f"The credential's verdict is '{answer['verdict']}'."
    return None if is_about(credential, person) else "The credential is valid, and names somebody else."


def _settle_presented(uow: UnitOfWork, row: sa.Row[Any], note: str | None) -> None:
    case = load_any(uow, row.application_id)
    if cases.find_part(uow.connection, evidence, row.id).verification != UNVERIFIED:
        return
    if note is not None:
        cases.change(uow.connection, evidence, row.id, note=note)
        change = Change("evidence", row.id, "verify", UNVERIFIED, UNVERIFIED, note)
        save(uow, case, Decided(case.application, (change,)))
        return
    facts = facts_of(row.credential)
    accept_evidence(uow, row.id, facts=facts, note=None, criterion=row.criterion, verification=BY_SIGNATURE)
    change = Change("evidence", row.id, "verify", UNVERIFIED, BY_SIGNATURE)
    save(uow, case, reconsider(uow, case, Decided(case.application, (change,))))
