"""What is shown of a case, put together from its parts."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from services.admission.domain.associations import association_state
from services.admission.domain.next_step import next_step
from services.admission.store import cases
from services.admission.store.applications import application_of, find_application
from services.admission.store.documents import procedure_for
from services.admission.store.scope import Scope
from services.admission.store.tables import evidence
from shared.web import Caller, Role

Shown = dict[str, Any]


def scope_of(reader: Caller) -> Scope:
    """Whose applications the caller may see, in the role that the operation is done in."""
    if reader.role is Role.LEARNER:
        return Scope(learner_id=reader.learner_id)
    if reader.role is Role.ADMISSIONS_OFFICER:
        return Scope(institution=reader.institution)
    return Scope(everything=reader.role is Role.SERVICE)


def show_application(connection: sa.Connection, scope: Scope, application_id: str) -> Shown:
    """An application with everything that belongs to it.

    Raises:
        NotFoundError: there is none in this scope.
    """
    row = find_application(connection, scope, application_id)
    return {
        **summary(connection, row),
        "offer": _offer(connection, application_id),
        "eligibility": _eligibility(connection, application_id),
        "evidence": cases.list_parts(connection, evidence, application_id),
    }


def summary(connection: sa.Connection, row: sa.Row[Any]) -> Shown:
    application = application_of(row)
    procedure = procedure_for(connection, row.offering_id, row.offering_version)
    columns: Mapping[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    enrolled = row.enrolment_id is not None
    return {
        **columns,
        "association_state": association_state(row.state),
        "next": next_step(application, procedure),
        "enrolment": {"id": row.enrolment_id, "state": row.enrolment_state} if enrolled else None,
    }


def _offer(connection: sa.Connection, application_id: str) -> Shown | None:
    row = cases.current_offer(connection, application_id) or cases.latest_offer(connection, application_id)
    if row is None or row.state == "prepared":
        return None
    return {**row._mapping, "conditions": cases.conditions_of(connection, row.id)}  # noqa: SLF001


def _eligibility(connection: sa.Connection, application_id: str) -> Shown | None:
    row = cases.latest_evaluation(connection, application_id)
    if row is None:
        return None
    return {**row.result, "automatic": row.automatic, "evaluated_at": row.created_at}
