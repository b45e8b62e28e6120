"""Reads, each within a scope: what the caller may see is a parameter of every query, never an afterthought."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from services.assessment.domain.plan import Plan
from services.assessment.store.offerings import template_of
from services.assessment.store.plans import load_plan
from services.assessment.store.tables import attempts, offering_institutions, plans, sheets, votes
from shared.db import UtcDateTime
from shared.domain import NotFoundError


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: one learner's own, plans of an institution's offerings, or everything."""

    learner: str | None = None
    institution: str | None = None
    everything: bool = False

    @classmethod
    def all(cls) -> Self:
        """For jobs and reactions: the system's own view."""
        return cls(everything=True)

    def plans(self) -> sa.ColumnElement[bool]:
        """The plans in scope; a scope without any bound sees nothing."""
        if self.everything:
            return sa.true()
        if self.learner is not None:
            return plans.c.learner_id == self.learner
        if self.institution is None:
            return sa.false()
        return sa.exists().where(
            offering_institutions.c.offering_id == plans.c.offering_id,
            offering_institutions.c.offering_version == plans.c.offering_version,
            offering_institutions.c.institution == self.institution,
        )


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Members that are None do not narrow the list."""

    state: str | None = None
    offering: str | None = None
    enrolment: str | None = None
    integrity_hold: bool | None = None
    suspended: bool | None = None
    deadline_before: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        table = plans.c
        columns: dict[sa.ColumnElement[Any], Any] = {
            table.state: self.state,
            table.offering_id: self.offering,
            table.enrolment_id: self.enrolment,
            table.on_integrity_hold: self.integrity_hold,
        }
        found = [column == value for column, value in columns.items() if value is not None]
        if self.suspended is not None:
            found.append(table.held_since.is_not(None) == self.suspended)
        if self.deadline_before is not None:
            found.append(table.expected_end < self.deadline_before)
        return found


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Members that are None do not narrow the list; `task` is what the work list is of.

    `person` leaves out what this assessor or confirmer has done their part of, or may not do.
    """

    task: str | None = None
    state: str | None = None
    marking: str | None = None
    verification: str | None = None
    instrument: str | None = None
    plan: str | None = None
    offering: str | None = None
    deadline_before: datetime | None = None
    person: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        table = attempts.c
        columns: dict[sa.ColumnElement[Any], Any] = {
            table.task: self.task,
            table.state: self.state,
            table.marking: self.marking,
            table.verification: self.verification,
            table.instrument_id: self.instrument,
            table.plan_id: self.plan,
            plans.c.offering_id: self.offering,
        }
        found = [column == value for column, value in columns.items() if value is not None]
        if self.deadline_before is not None:
            found.append(table.task_until < self.deadline_before)
        if self.person is not None:
            found.append(sa.not_(_not_for(self.person)))
        return found


def _not_for(person: str) -> sa.ColumnElement[bool]:
    marked = sheets.select().where(sheets.c.attempt_id == attempts.c.id, sheets.c.marker == person)
    voted = votes.select().where(
        votes.c.attempt_id == attempts.c.id,
        votes.c.round == attempts.c.round,
        votes.c.confirmer == person,
    )
    task = sa.func.coalesce(attempts.c.task, "")
    return ((task == "mark") & marked.where(sheets.c.round == attempts.c.round).exists()) | (
        (task == "confirm") & (marked.exists() | voted.exists())
    )


Key = tuple[datetime, str]


def plan_by_id(connection: sa.Connection, scope: Scope, plan_id: str) -> Plan:
    """The plan with this id.

    Raises:
        NotFoundError: there is none in `scope`.
    """
    return _only(connection, scope, plans.c.id == plan_id, "There is no such plan.")


def plan_of_attempt(connection: sa.Connection, scope: Scope, attempt_id: str) -> Plan:
    """The plan that holds this attempt.

    Raises:
        NotFoundError: there is no such attempt in `scope`.
    """
    holds = plans.c.id.in_(sa.select(attempts.c.plan_id).where(attempts.c.id == attempt_id))
    return _only(connection, scope, holds, "There is no such attempt.")


def find_plan(connection: sa.Connection, scope: Scope, plan_id: str) -> Plan | None:
    """The plan with this id, None where there is none in `scope`."""
    row = connection.execute(plans.select().where(plans.c.id == plan_id, scope.plans())).first()
    return None if row is None else _loaded(connection, row)


def list_plans(
    connection: sa.Connection, scope: Scope, wanted: PlanFilter, after: Key | None, limit: int
) -> list[sa.RowMapping]:
    """Up to `limit` plans, the earliest end first."""
    statement = plans.select().where(scope.plans(), *wanted.conditions())
    if after is not None:
        statement = statement.where(_later(plans.c.expected_end, plans.c.id, after))
    rows = connection.execute(statement.order_by(plans.c.expected_end, plans.c.id).limit(limit))
    return list(rows.mappings())


def list_attempts(
    connection: sa.Connection, scope: Scope, wanted: AttemptFilter, after: Key | None, limit: int
) -> list[sa.RowMapping]:
    """Up to `limit` attempts, the most pressing first."""
    statement = (
        sa.select(attempts, plans.c.offering_id, plans.c.offering_version, plans.c.enrolment_id)
        .join(plans)
        .where(scope.plans(), *wanted.conditions())
    )
    if after is not None:
        statement = statement.where(_later(attempts.c.task_until, attempts.c.id, after))
    rows = connection.execute(statement.order_by(attempts.c.task_until, attempts.c.id).limit(limit))
    return list(rows.mappings())


def _only(connection: sa.Connection, scope: Scope, condition: sa.ColumnElement[bool], missing: str) -> Plan:
    row = connection.execute(plans.select().where(condition, scope.plans())).first()
    if row is None:
        raise NotFoundError(missing)
    return _loaded(connection, row)


def _loaded(connection: sa.Connection, row: sa.Row[Any]) -> Plan:
    template = template_of(connection, row.offering_id, row.offering_version)
    if template is None:
        raise LookupError(f"plan {row.id} stands without its offering version")
    return load_plan(connection, row, template)


def _later(
    moment: sa.ColumnElement[Any], identifier: sa.ColumnElement[Any], after: Key
) -> sa.ColumnElement[bool]:
    reached = sa.literal(after[0], UtcDateTime)
    return (moment > reached) | ((moment == reached) & (identifier > after[1]))
