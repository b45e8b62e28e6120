"""Stacks with their parts, and the credits that have counted."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.stack import COUNTING, Stack, StackPart
from services.certification.domain.stack_steps import Move
from services.certification.store.paging import Place, in_order
from services.certification.store.queries import Scope
from services.certification.store.stacking_tables import counted_credits, stack_parts, stacks
from services.certification.store.upsert import insert_new
from shared.domain import ConflictError
from shared.messaging.unit_of_work import UnitOfWork

_PARTS: Final = tuple(StackPart.__dataclass_fields__)
_STACK: Final = tuple(name for name in Stack.__dataclass_fields__ if name != "parts")


def stacks_of(connection: sa.Connection, learner_id: str) -> dict[str, tuple[Stack, int]]:
    """The learner's stacks by id, each with its version."""
    rows = connection.execute(stacks.select().where(stacks.c.learner_id == learner_id)).all()
    parts = _parts_of(connection, [row.id for row in rows])
    return {row.id: (_stack(row, parts.get(row.id, ())), row.version) for row in rows}


def stack_of(connection: sa.Connection, scope: Scope, stack_id: str) -> tuple[Stack, int] | None:
    """One stack with its version, where it is in `scope`."""
    row = row_of(connection, scope, stack_id)
    if row is None:
        return None
    return _stack(row, _parts_of(connection, [row.id]).get(row.id, ())), row.version


def row_of(connection: sa.Connection, scope: Scope, stack_id: str) -> sa.Row[Any] | None:
    return connection.execute(_limited(scope).where(stacks.c.id == stack_id)).first()


def page(
    connection: sa.Connection, scope: Scope, state: str | None, after: Place | None, limit: int
) -> list[sa.Row[Any]]:
    """Up to `limit` stacks, those longest in their state first, after the key (changed_at, id)."""
    statement = in_order(_limited(scope), stacks.c.changed_at, stacks.c.id, after, limit)
    if state is not None:
        statement = statement.where(stacks.c.state == state)
    return list(connection.execute(statement))


def _limited(scope: Scope) -> sa.Select[Any]:
    """A learner's own, those of a deciding body, or all."""
    statement = stacks.select()
    if scope.learner_id is not None:
        statement = statement.where(stacks.c.learner_id == scope.learner_id)
    if scope.institution is not None:
        statement = statement.where(stacks.c.deciding_body == scope.institution)
    return statement


def with_parts(connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> list[tuple[Stack, sa.Row[Any]]]:
    """The stacks of these rows, each beside its row."""
    found = list(rows)
    parts = _parts_of(connection, [row.id for row in found])
    return [(_stack(row, parts.get(row.id, ())), row) for row in found]


def _parts_of(connection: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[StackPart, ...]]:
    statement = stack_parts.select().where(stack_parts.c.stack_id.in_(list(ids)))
    found: dict[str, tuple[StackPart, ...]] = {}
    for row in connection.execute(statement.order_by(stack_parts.c.award_id)):
        part = StackPart(**{name: getattr(row, name) for name in _PARTS})
        found[row.stack_id] = (*found.get(row.stack_id, ()), part)
    return found


def _stack(row: sa.Row[Any], parts: tuple[StackPart, ...]) -> Stack:
    return Stack(**{name: getattr(row, name) for name in _STACK}, parts=parts)


def save_move(uow: UnitOfWork, version: int | None, move: Move) -> None:
    """Write a stack and its parts, and keep account of the credits that count.

    Raises:
        StaleAggregateError: the stack has changed since it was loaded.
        ConflictError: credits of a part have counted towards another award of the kind.
    """
    stack, before = move.after, move.before
    values = {name: getattr(stack, name) for name in _STACK if name != "id"}
    if before is None or before.state != stack.state:
        values["changed_at"] = uow.now
    uow.save(stacks, stack.id, version=version, values=values, events=move.events, changes=move.changes)
    known = {part.award_id: part for part in before.parts} if before is not None else {}
    for part in stack.parts:
        if part.award_id not in known:
            uow.connection.execute(stack_parts.insert().values(stack_id=stack.id, **asdict(part)))
        elif known[part.award_id] != part:
            mine = (stack_parts.c.stack_id == stack.id, stack_parts.c.award_id == part.award_id)
            uow.connection.execute(stack_parts.update().where(*mine).values(**asdict(part)))
    _count(uow, stack)


def _count(uow: UnitOfWork, stack: Stack) -> None:
    """The credits of a granted award have counted; those of a withdrawn one have not."""
    if stack.state not in COUNTING:
        uow.connection.execute(counted_credits.delete().where(counted_credits.c.stack_id == stack.id))
        return
    for offering in sorted(stack.offerings):
        row = {"learner_id": stack.learner_id, "kind": stack.kind, "offering_id": offering}
        if insert_new(uow.connection, counted_credits, {**row, "stack_id": stack.id}):
            continue
        mine = [counted_credits.c[name] == value for name, value in row.items()]
        held = uow.connection.execute(sa.select(counted_credits.c.stack_id).where(*mine)).scalar_one()
        if held != stack.id:
            raise ConflictError(
                f"The credits of '{offering}' have counted towards another award of the same kind."
            )
