"""A plan to its rows and back: the root first, then only those parts that changed."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from services.assessment.domain.decision import Decision
from services.assessment.domain.plan import (
    Attempt,
    Claim,
    Dispute,
    Evidence,
    Feedback,
    IntegrityHold,
    Overturn,
    Plan,
    Recognition,
    Sheet,
    Vote,
)
from services.assessment.domain.steps import next_steps, task_of
from services.assessment.domain.template import Template
from services.assessment.store import tables
from shared.messaging.unit_of_work import UnitOfWork

Row = dict[str, Any]

_OF_ATTEMPT: Final[tuple[tuple[str, sa.Table, type[Any]], ...]] = (
    ("claims", tables.claims, Claim),
    ("sheets", tables.sheets, Sheet),
    ("votes", tables.votes, Vote),
    ("disputes", tables.disputes, Dispute),
    ("overturns", tables.overturns, Overturn),
)
_OF_PLAN: Final[tuple[tuple[str, sa.Table, type[Any]], ...]] = (
    ("recognitions", tables.recognitions, Recognition),
    ("holds", tables.holds, IntegrityHold),
)
_LISTS: Final[Mapping[str, type[Any]]] = {"evidence": Evidence, "feedback": Feedback}
_PARTS: Final = frozenset({name for name, _, _ in _OF_ATTEMPT})


def load_plan(connection: sa.Connection, row: sa.Row[Any], template: Template) -> Plan:
    """The plan whose root row is `row`, with all its parts."""
    parts = {name: _grouped(connection, row.id, table, kind) for name, table, kind in _OF_ATTEMPT}
    return Plan(
        id=row.id,
        enrolment_id=row.enrolment_id,
        learner_id=row.learner_id,
        track=row.track,
        template=template,
        assigned_at=row.assigned_at,
        expected_end=row.expected_end,
        state=row.state,
        version=row.version,
        briefed_at=row.briefed_at,
        held_since=row.held_since,
        paused=timedelta(microseconds=row.paused_microseconds),
        completion_number=row.completion_number,
        results_digest=row.results_digest,
        attempts=_attempts(connection, row.id, parts),
        **{name: _parts_of_plan(connection, row.id, table, kind) for name, table, kind in _OF_PLAN},
    )


def save_plan(uow: UnitOfWork, before: Plan | None, decision: Decision) -> int:
    """Write what `decision` changed, its events and its history; returns the plan's new version.

    Raises:
        StaleAggregateError: somebody else changed the plan since `before` was loaded.
    """
    plan = decision.plan
    version = uow.save(
        tables.plans,
        plan.id,
        values=_root(plan),
        version=None if before is None else before.version,
        key=plan.enrolment_id,
        events=decision.events,
        changes=decision.changes,
    )
    old, new = _rows(before), _rows(plan)
    for table, rows in new.items():
        _write(uow.connection, table, old.get(table, {}), rows)
    return version


def _root(plan: Plan) -> Row:
    following = next(iter(next_steps(plan)), None)
    return {
        "enrolment_id": plan.enrolment_id,
        "learner_id": plan.learner_id,
        "offering_id": plan.template.offering_id,
        "offering_version": plan.template.offering_version,
        "track": plan.track,
        "state": plan.state,
        "assigned_at": plan.assigned_at,
        "expected_end": plan.expected_end,
        "briefed_at": plan.briefed_at,
        "held_since": plan.held_since,
        "paused_microseconds": plan.paused // timedelta(microseconds=1),
        "on_integrity_hold": plan.integrity_hold is not None,
        "completion_number": plan.completion_number,
        "results_digest": plan.results_digest,
        "next_what": following and following.what,
        "next_who": following and following.who,
        "next_until": following and following.until,
    }


def _rows(plan: Plan | None) -> dict[sa.Table, dict[str, Row]]:
    """Every row below the root, by table and id; attempts come first, because the others point at them."""
    if plan is None:
        return {}
    rows = {tables.attempts: {attempt.id: _attempt_row(plan, attempt) for attempt in plan.attempts}}
    for name, table, _ in _OF_ATTEMPT:
        rows[table] = {
            part.id: {**_row(part), "plan_id": plan.id, "attempt_id": attempt.id, "number": number}
            for attempt in plan.attempts
            for number, part in enumerate(getattr(attempt, name), start=1)
        }
    for name, table, _ in _OF_PLAN:
        rows[table] = {
            part.id: {**_row(part), "plan_id": plan.id, "number": number}
            for number, part in enumerate(getattr(plan, name), start=1)
        }
    return rows


def _attempt_row(plan: Plan, attempt: Attempt) -> Row:
    step = task_of(plan, attempt)
    return {
        **_row(attempt),
        "plan_id": plan.id,
        "task": None if step is None else step.what,
        "task_until": plan.expected_end if step is None or step.until is None else step.until,
        "task_after": None if step is None else step.after,
    }


def _write(
    connection: sa.Connection, table: sa.Table, old: Mapping[str, Row], new: Mapping[str, Row]
) -> None:
    added = [row for key, row in new.items() if key not in old]
    if added:
        connection.execute(table.insert(), added)
    for key, row in new.items():
        if key in old and old[key] != row:
            connection.execute(table.update().where(table.c.id == key).values(row))


def _row(part: Any) -> Row:
    values = {f.name: getattr(part, f.name) for f in fields(part) if f.name not in _PARTS}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _attempts(
    connection: sa.Connection, plan_id: str, parts: Mapping[str, Mapping[str, tuple[Any, ...]]]
) -> tuple[Attempt, ...]:
    table = tables.attempts
    rows = connection.execute(table.select().where(table.c.plan_id == plan_id).order_by(table.c.ordinal))
    return tuple(
        _read(Attempt, row, {name: found.get(row.id, ()) for name, found in parts.items()}) for row in rows
    )


def _grouped(
    connection: sa.Connection, plan_id: str, table: sa.Table, kind: type[Any]
) -> dict[str, tuple[Any, ...]]:
    rows = connection.execute(table.select().where(table.c.plan_id == plan_id).order_by(table.c.number))
    found: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        found[row.attempt_id] = (*found.get(row.attempt_id, ()), _read(kind, row))
    return found


def _parts_of_plan(
    connection: sa.Connection, plan_id: str, table: sa.Table, kind: type[Any]
) -> tuple[Any, ...]:
    rows = connection.execute(table.select().where(table.c.plan_id == plan_id).order_by(table.c.number))
    return tuple(_read(kind, row) for row in rows)


def _read(kind: type[Any], row: sa.Row[Any], given: Mapping[str, Any] | None = None) -> Any:
    values = dict(given or {})
    for name in _names(kind):
        if name not in values:
            values[name] = _revived(name, getattr(row, name))
    return kind(**values)


def _names(kind: type[Any]) -> Iterable[str]:
    return (field.name for field in fields(kind))


def _revived(name: str, value: Any) -> Any:
    return tuple(_LISTS[name](**each) for each in value) if name in _LISTS else value
