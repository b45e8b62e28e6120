"""What is shown of a case, put together from its parts."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.application import Application
from services.admission.domain.associations import association_state
from services.admission.domain.machine import UNOFFERED
from services.admission.domain.next_step import next_step
from services.admission.handlers.case import Case
from services.admission.store import cases
from services.admission.store.applications import LAST
from services.admission.store.scope import Scope
from services.admission.store.tables import evidence
from shared.web import Caller, Role, caller

Shown = dict[str, Any]


def scope_of(reader: Caller) -> Scope:
    """Whose applications the caller may see, in the role that the operation is done in."""
    if reader.role is Role.LEARNER:
        return Scope(learner_id=reader.learner_id)
    if reader.role is Role.ADMISSIONS_OFFICER:
        return Scope(institution=reader.institution)
    return Scope(everything=reader.role is Role.SERVICE)


def shown(connection: sa.Connection, case: Case) -> Shown:
    """A case with everything that belongs to it."""
    application_id, state = case.application.id, case.application.state
    review = None if state == "draft" else cases.latest_review(connection, application_id)
    return {
        **summary(case, waiting(connection, [application_id])),
        "offer": None if state in UNOFFERED else _offer(connection, application_id, review),
        "eligibility": _eligibility(review),
        "evidence": cases.list_parts(connection, evidence, application_id),
    }


def decided(steps: Sequence[Shown]) -> list[Shown]:
    """A history without what one person proposed and another has not confirmed: nothing is decided by that."""
    unsettled = {"propose", "refuse"}
    return [s for s in steps if not (s["subject_type"] == "decision" and s["trigger"] in unsettled)]


def waiting(connection: sa.Connection, application_ids: Sequence[str]) -> frozenset[str]:
    """Those of the applications whose proposed decision waits for a second person, as far as the caller may know."""
    if caller().role is not Role.ADMISSIONS_OFFICER:
        return frozenset()
    return cases.waiting_for_second(connection, application_ids)


def summary(case: Case, proposed: frozenset[str]) -> Shown:
    """A case as a line of a list; `proposed` are the applications with a decision that waits."""
    application = case.application
    enrolled = application.enrolment_id is not None
    return {
        **{name: getattr(application, name) for name in _FIELDS},
        "version": case.version,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "association_state": association_state(application.state),
        "next": next_step(application, case.procedure, proposed=application.id in proposed),
        "enrolment": {"id": application.enrolment_id, "state": application.enrolment_state}
        if enrolled
        else None,
        "due": application.deadline_at or LAST,
    }


_FIELDS: Final = tuple(field.name for field in fields(Application))


def _offer(connection: sa.Connection, application_id: str, review: sa.Row[Any] | None) -> Shown | None:
    """The current offer, or else the last one that was."""
    row = review if review is not None and review.id else cases.latest_offer(connection, application_id)
    if row is None or row.state == "prepared":
        return None
    conditions = cases.conditions_of(connection, row.id) if row.kind == "conditional" else []
    return {**row._mapping, "conditions": conditions}  # noqa: SLF001 - SQLAlchemy's public name


def _eligibility(review: sa.Row[Any] | None) -> Shown | None:
    if review is None:
        return None
    return {
        **review.result,
        "automatic": review.evaluated_automatically,
        "evaluated_at": review.evaluated_at,
    }
