"""Reads, each within a scope: what the caller may see is a parameter of every query, never an afterthought."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from services.enrolment.domain.machines import UNANSWERED
from services.enrolment.domain.model import Enrolment, Registration
from services.enrolment.store.aggregate import load, registration_of, with_registrations
from services.enrolment.store.scope import Scope
from services.enrolment.store.tables import (
    attendances,
    enrolments,
    refunds,
    registrations,
)
from shared.db import UtcDateTime
from shared.domain import NotFoundError


@dataclass(frozen=True, slots=True)
class Filed:
    """A registration with what its list entry needs of its enrolment."""

    registration: Registration
    enrolment_id: str
    application_id: str
    learner_id: str
    offering_id: str
    offering_version: int
    track: str
    enrolment_state: str

    @property
    def id(self) -> str:
        return self.registration.id

    @property
    def answer_by(self) -> datetime:
        return self.registration.answer_by

    @classmethod
    def of(cls, enrolment: Enrolment, registration: Registration) -> Self:
        return cls(
            registration,
            enrolment.id,
            enrolment.application_id,
            enrolment.learner_id,
            enrolment.offering_id,
            enrolment.offering_version,
            enrolment.track,
            enrolment.state,
        )


def enrolment(connection: sa.Connection, scope: Scope, enrolment_id: str) -> Enrolment:
    """The enrolment with this id.

    Raises:
        NotFoundError: there is none in `scope`.
    """
    found = load(connection, enrolments.c.id == enrolment_id, scope.enrolments())
    if found is None:
        raise NotFoundError("There is no such enrolment.")
    return found


def enrolment_of_registration(connection: sa.Connection, scope: Scope, registration_id: str) -> Enrolment:
    """The enrolment that holds this registration.

    Raises:
        NotFoundError: there is no such registration in `scope`.
    """
    enrolment_id = connection.execute(
        sa.select(registrations.c.enrolment_id)
        .join(enrolments)
        .where(registrations.c.id == registration_id, scope.registrations())
    ).scalar()
    if enrolment_id is None:
        raise NotFoundError("There is no such registration.")
    return enrolment(connection, scope, enrolment_id)


@dataclass(frozen=True, slots=True)
class EnrolmentFilter:
    """Members that are None do not narrow the list."""

    state: str | None = None
    offering: str | None = None
    track: str | None = None
    application: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        columns = {
            enrolments.c.state: self.state,
            enrolments.c.offering_id: self.offering,
            enrolments.c.track: self.track,
            enrolments.c.application_id: self.application,
        }
        return [column == value for column, value in columns.items() if value is not None]


def list_enrolments(
    connection: sa.Connection,
    scope: Scope,
    wanted: EnrolmentFilter,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Enrolment]:
    """Up to `limit` enrolments after the one last entered its state at `after`; the longest in its state first."""
    statement = sa.select(enrolments).where(scope.enrolments(), *wanted.conditions())
    if after is not None:
        statement = statement.where(_later(enrolments.c.state_at, enrolments.c.id, after))
    rows = connection.execute(statement.order_by(enrolments.c.state_at, enrolments.c.id).limit(limit))
    return with_registrations(connection, rows)


@dataclass(frozen=True, slots=True)
class RegistrationFilter:
    """Members that are None do not narrow the list; `overdue` and `to_cancel` are the registrar's work lists."""

    state: str | None = None
    desired_state: str | None = None
    institution: str | None = None
    offering: str | None = None
    enrolment: str | None = None
    deadline_before: datetime | None = None
    overdue: bool | None = None
    to_cancel: bool | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        table = registrations.c
        columns: dict[sa.ColumnElement[Any], str | None] = {
            table.state: self.state,
            table.desired_state: self.desired_state,
            table.institution: self.institution,
            table.enrolment_id: self.enrolment,
            enrolments.c.offering_id: self.offering,
        }
        found = [column == value for column, value in columns.items() if value is not None]
        if self.deadline_before is not None:
            found.append((table.answer_by < self.deadline_before) & table.state.in_(UNANSWERED))
        if self.overdue is not None:
            found.append(_exactly(self.overdue, (table.state == "pending") & table.overdue_at.is_not(None)))
        if self.to_cancel is not None:
            found.append(_exactly(self.to_cancel, _to_cancel()))
        return found


def _exactly(wanted: bool, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:  # noqa: FBT001
    return condition if wanted else sa.not_(condition)


def _to_cancel() -> sa.ColumnElement[bool]:
    """The institution still has to cancel: it holds, as far as we know, what nobody wants any more."""
    table = registrations.c
    holds = table.state.in_(("associated", "x-suspended")) | (
        sa.func.coalesce(table.remote_state, "") == "associated"
    )
    return (table.desired_state == "cancelled") & holds


def list_registrations(
    connection: sa.Connection,
    scope: Scope,
    wanted: RegistrationFilter,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Filed]:
    """Up to `limit` registrations, the earliest deadline first."""
    statement = _filed().where(scope.registrations(), *wanted.conditions())
    if after is not None:
        statement = statement.where(_later(registrations.c.answer_by, registrations.c.id, after))
    rows = connection.execute(statement.order_by(registrations.c.answer_by, registrations.c.id).limit(limit))
    return [_filed_of(row) for row in rows]


def filed_registration(connection: sa.Connection, scope: Scope, registration_id: str) -> Filed:
    """The registration with this id.

    Raises:
        NotFoundError: there is none in `scope`.
    """
    statement = _filed().where(registrations.c.id == registration_id, scope.registrations())
    row = connection.execute(statement).first()
    if row is None:
        raise NotFoundError("There is no such registration.")
    return _filed_of(row)


def _filed() -> sa.Select[Any]:
    of_enrolment = [
        enrolments.c.application_id,
        enrolments.c.learner_id,
        enrolments.c.offering_id,
        enrolments.c.offering_version,
        enrolments.c.track,
        enrolments.c.state.label("enrolment_state"),
    ]
    return sa.select(registrations, *of_enrolment).join(enrolments)


def _filed_of(row: sa.Row[Any]) -> Filed:
    return Filed(
        registration_of(row),
        row.enrolment_id,
        row.application_id,
        row.learner_id,
        row.offering_id,
        row.offering_version,
        row.track,
        row.enrolment_state,
    )


def _later(
    moment: sa.ColumnElement[Any], identifier: sa.ColumnElement[Any], after: tuple[datetime, str]
) -> sa.ColumnElement[bool]:
    reached = sa.literal(after[0], UtcDateTime)
    return (moment > reached) | ((moment == reached) & (identifier > after[1]))


def refunds_of(connection: sa.Connection, enrolment_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """The refund entitlements of these enrolments, by enrolment."""
    rows = connection.execute(sa.select(refunds).where(refunds.c.enrolment_id.in_(list(enrolment_ids))))
    return {row.enrolment_id: row for row in rows}


def attendances_of(connection: sa.Connection, enrolment_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """The confirmed attendances of these enrolments, by enrolment."""
    rows = connection.execute(
        sa.select(attendances).where(attendances.c.enrolment_id.in_(list(enrolment_ids)))
    )
    return {row.enrolment_id: row for row in rows}
