"""The rules in force, a learner's certificates as rules look at them, stacks, and the credits that have counted."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.award import STACKED
from services.certification.domain.machines import LIVE
from services.certification.domain.stack import COUNTING, STANDS, Move, Stack, StackPart
from services.certification.domain.stack_rules import Part, Rule, rules_of
from services.certification.domain.stacking import Holdings
from services.certification.store.queries import Scope
from services.certification.store.stacking_tables import (
    counted_credits,
    stack_parts,
    stacking_agreements,
    stacking_rule_offerings,
    stacking_rules,
    stacks,
)
from services.certification.store.tables import awards, certificates
from services.certification.store.upsert import insert_new
from shared.annex1 import MICRO_CREDENTIAL
from shared.db import UtcDateTime
from shared.domain import ConflictError
from shared.messaging.unit_of_work import UnitOfWork

_PARTS: Final = tuple(StackPart.__dataclass_fields__)
_STACK: Final = tuple(name for name in Stack.__dataclass_fields__ if name != "parts")


def put_rules(uow: UnitOfWork, agreement: Mapping[str, Any]) -> bool:
    """Let the rules of this agreement version be those in force; False where a later version is known already."""
    identifier, version = agreement["id"], agreement["version"]
    connection = uow.connection
    insert_new(connection, stacking_agreements, {"id": identifier, "version": 0})
    newer = (
        stacking_agreements.update()
        .where(stacking_agreements.c.id == identifier, stacking_agreements.c.version < version)
        .values(version=version)
    )
    if connection.execute(newer).rowcount == 0:
        return False
    for table in (stacking_rule_offerings, stacking_rules):
        connection.execute(table.delete().where(table.c.agreement_id == identifier))
    for rule in rules_of(agreement):
        row = {"agreement_id": identifier, "id": rule.id, "agreement_version": version}
        connection.execute(stacking_rules.insert().values(**row, document=dict(rule.document)))
        named = [
            {"agreement_id": identifier, "rule_id": rule.id, "offering_id": name} for name in rule.offerings
        ]
        connection.execute(stacking_rule_offerings.insert(), named)
    return True


def rules_in_force(connection: sa.Connection, offerings: Iterable[str]) -> list[Rule]:
    """The rules that name any of these offerings."""
    named = sa.select(stacking_rule_offerings.c.agreement_id, stacking_rule_offerings.c.rule_id).where(
        stacking_rule_offerings.c.offering_id.in_(sorted(set(offerings)))
    )
    statement = stacking_rules.select().where(
        sa.tuple_(stacking_rules.c.agreement_id, stacking_rules.c.id).in_(named)
    )
    return [_rule(row) for row in connection.execute(statement)]


def _rule(row: sa.Row[Any]) -> Rule:
    return Rule(row.agreement_id, row.agreement_version, row.document)


def stacks_on_something(connection: sa.Connection, offering_id: str) -> bool:
    """Whether a rule in force names the offering, or a stack has a part of it."""
    for table in (stacking_rule_offerings, stack_parts):
        statement = sa.select(sa.literal(1)).where(table.c.offering_id == offering_id).limit(1)
        if connection.execute(statement).first() is not None:
            return True
    return False


def holders(connection: sa.Connection, agreement_id: str) -> list[str]:
    """The learners with a certificate that stands of an offering that the agreement's rules name."""
    named = sa.select(stacking_rule_offerings.c.offering_id).where(
        stacking_rule_offerings.c.agreement_id == agreement_id
    )
    statement = (
        sa.select(awards.c.learner_id)
        .join(certificates, certificates.c.award_id == awards.c.id)
        .where(certificates.c.state == "issued", awards.c.offering_id.in_(named))
    )
    return list(connection.execute(statement.distinct()).scalars())


def holdings_of(connection: sa.Connection, learner_id: str, stacked: Iterable[Stack]) -> Holdings:
    """The learner's certificates: those that may count, and how each part of `stacked` stands."""
    known = list(stacked)
    rows = list(connection.execute(_latest(learner_id)))
    wanted = {award_id for stack in known for award_id in stack.award_ids}
    larger = {stack.larger_award_id for stack in known if stack.state in COUNTING}
    return Holdings(
        learner_id,
        tuple(_part(row) for row in rows if _may_count(row)),
        {row.award_id: _standing(row) for row in rows if row.award_id in wanted},
        frozenset(row.award_id for row in rows if row.award_id in larger and row.state == "revoked"),
    )


def _latest(learner_id: str) -> sa.Select[Any]:
    """Of each award of the learner the certificate that is live, or the last one that was signed."""
    first = sa.func.row_number().over(
        partition_by=certificates.c.award_id,
        order_by=(
            sa.case((certificates.c.state.in_(sorted(LIVE)), 0), else_=1),
            certificates.c.ordinal.desc(),
        ),
    )
    ranked = (
        sa.select(certificates.c.id.label("certificate_id"), first.label("place"))
        .join(awards, awards.c.id == certificates.c.award_id)
        .where(certificates.c.issued_at.is_not(None), awards.c.learner_id == learner_id)
        .subquery()
    )
    return (
        sa.select(
            certificates.c.award_id,
            certificates.c.id,
            certificates.c.state,
            certificates.c.acceptance,
            certificates.c.results_digest,
            certificates.c.issued_at,
            certificates.c.snapshot,
            awards.c.offering_id,
            awards.c.track,
        )
        .join(ranked, sa.and_(ranked.c.certificate_id == certificates.c.id, ranked.c.place == 1))
        .join(awards, awards.c.id == certificates.c.award_id)
    )


def _may_count(row: sa.Row[Any]) -> bool:
    """It stands, its holder has not rejected it, something was assessed, and it is not itself a larger one."""
    assessed: bool = row.snapshot["elements"]["document_type"] == MICRO_CREDENTIAL
    return row.state == "issued" and row.acceptance != "rejected" and assessed and row.track != STACKED


def _part(row: sa.Row[Any]) -> Part:
    elements = row.snapshot["elements"]
    ects = elements["workload"]["ects"]
    return Part(
        award_id=row.award_id,
        certificate_id=row.id,
        offering_id=row.offering_id,
        issued_at=row.issued_at,
        results_digest=row.results_digest,
        ects=None if ects is None else Decimal(ects),
        eqf=elements["level"]["eqf"],
        outcomes=frozenset(outcome["id"] for outcome in elements["outcomes"]),
        skills=frozenset(skill for outcome in elements["outcomes"] for skill in outcome["esco"]),
    )


def _standing(row: sa.Row[Any]) -> StackPart:
    standing = {"issued": STANDS, "suspended": "suspended"}.get(row.state, "revoked")
    return StackPart(row.award_id, row.offering_id, row.id, row.results_digest, standing)


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
    connection: sa.Connection, scope: Scope, state: str | None, after: tuple[Any, str] | None, limit: int
) -> list[sa.Row[Any]]:
    """Up to `limit` stacks, those longest in their state first, after the key (changed_at, id)."""
    statement = _limited(scope).order_by(stacks.c.changed_at, stacks.c.id).limit(limit)
    if state is not None:
        statement = statement.where(stacks.c.state == state)
    if after is not None:
        key = sa.tuple_(stacks.c.changed_at, stacks.c.id)
        statement = statement.where(key > sa.tuple_(sa.literal(after[0], UtcDateTime), sa.literal(after[1])))
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
