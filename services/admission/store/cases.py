"""The parts of an application's aggregate: evidence, evaluations, offers with conditions, decisions, waivers.

Callers hold the lock of the application's root row whenever they write here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.criteria import Evidence
from services.admission.domain.decision import DECISION, Decision
from services.admission.domain.offer import CURRENT, Condition
from services.admission.store.tables import conditions, decisions, evaluations, evidence, offers, waivers
from shared.domain import NotFoundError


def add(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    connection.execute(_ADD[table.name], dict(values))


def change(connection: sa.Connection, table: sa.Table, part_id: str, **values: Any) -> None:
    connection.execute(table.update().where(table.c.id == part_id).values(**values))


# Statements of the busiest routes are built once: building one costs more than running it.
_ADD: Final = {table.name: table.insert() for table in (evidence, offers, conditions, decisions, waivers)}


def _of_application(table: sa.Table) -> sa.Select[Any]:
    return table.select().where(table.c.application_id == sa.bindparam("application"))


_PARTS: Final = {
    table.name: _of_application(table).order_by(table.c.created_at, table.c.id)
    for table in (evidence, evaluations, offers, conditions, decisions, waivers)
}
_IS_CURRENT: Final = offers.c.state.in_(sorted(CURRENT))
_CURRENT_OFFER: Final = _of_application(offers).where(_IS_CURRENT)
_LATEST_OFFER: Final = _of_application(offers).order_by(offers.c.created_at.desc(), offers.c.id).limit(1)
_REVIEW: Final = (
    sa.select(
        evaluations.c.result,
        evaluations.c.automatic.label("evaluated_automatically"),
        evaluations.c.created_at.label("evaluated_at"),
        *offers.c,
    )
    .outerjoin(offers, sa.and_(offers.c.application_id == evaluations.c.application_id, _IS_CURRENT))
    .where(evaluations.c.application_id == sa.bindparam("application"))
    .order_by(evaluations.c.number.desc())
    .limit(1)
)


def list_parts(connection: sa.Connection, table: sa.Table, application_id: str) -> list[sa.Row[Any]]:
    """The parts of one application, oldest first."""
    return list(connection.execute(_PARTS[table.name], {"application": application_id}))


def find_part(connection: sa.Connection, table: sa.Table, part_id: str) -> sa.Row[Any]:
    """One part by its id; the caller then checks that its application is in scope.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(table.select().where(table.c.id == part_id)).first()
    if row is None:
        raise NotFoundError("There is nothing of that id, or it is not yours to see.")
    return row


def evidence_of(row: sa.Row[Any]) -> Evidence:
    return Evidence(row.id, row.kind, row.facts, row.verification, row.valid_until, row.criterion)


def condition_of(row: sa.Row[Any]) -> Condition:
    return Condition(row.id, row.text, row.criterion, row.due_by, row.state)


def decision_of(row: sa.Row[Any]) -> Decision:
    return Decision(
        row.id,
        row.application_id,
        row.kind,
        row.state,
        row.reason,
        row.about,
        row.proposed_by,
        row.confirmed_by,
    )


def proposals(connection: sa.Connection, application_id: str) -> list[Decision]:
    """The decisions on one application that await their second person, oldest first."""
    rows = list_parts(connection, decisions, application_id)
    return [decision_of(row) for row in rows if row.state == DECISION.initial]


def waived_criteria(connection: sa.Connection, application_id: str) -> frozenset[str]:
    rows = connection.execute(
        sa.select(waivers.c.criterion).where(waivers.c.application_id == application_id)
    )
    return frozenset(rows.scalars())


def add_evaluation(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    """Store an evaluation under the next number of its application."""
    connection.execute(_ADD_EVALUATION, {**values, "of_application": values["application_id"]})


_earlier: Final = evaluations.alias("earlier")
_ADD_EVALUATION: Final = evaluations.insert().values(
    number=sa.select(sa.func.coalesce(sa.func.max(_earlier.c.number), 0) + 1)
    .where(_earlier.c.application_id == sa.bindparam("of_application"))
    .scalar_subquery()
)


def latest_review(connection: sa.Connection, application_id: str) -> sa.Row[Any] | None:
    """What the rules said last, beside the current offer: its columns are None where there is none."""
    return connection.execute(_REVIEW, {"application": application_id}).first()


def current_offer(connection: sa.Connection, application_id: str) -> sa.Row[Any] | None:
    """The offer that is prepared, open or accepted; at most one is."""
    return connection.execute(_CURRENT_OFFER, {"application": application_id}).first()


def latest_offer(connection: sa.Connection, application_id: str) -> sa.Row[Any] | None:
    return connection.execute(_LATEST_OFFER, {"application": application_id}).first()


def conditions_of(connection: sa.Connection, offer_id: str) -> list[sa.Row[Any]]:
    return list(
        connection.execute(
            conditions.select()
            .where(conditions.c.offer_id == offer_id)
            .order_by(conditions.c.created_at, conditions.c.id)
        )
    )


def has_confirmed(connection: sa.Connection, application_id: str, kind: str, since: datetime | None) -> bool:
    """Whether two people took a decision of `kind`, at or after `since`."""
    statement = sa.select(decisions.c.id).where(
        decisions.c.application_id == application_id,
        decisions.c.kind == kind,
        decisions.c.state == "confirmed",
    )
    if since is not None:
        statement = statement.where(decisions.c.settled_at >= since)
    return connection.execute(statement.limit(1)).first() is not None


def waiting_for_second(connection: sa.Connection, application_ids: Iterable[str]) -> frozenset[str]:
    """Those of the applications on which a decision is proposed and not settled."""
    statement = sa.select(decisions.c.application_id).where(
        decisions.c.application_id.in_(list(application_ids)), decisions.c.state == DECISION.initial
    )
    return frozenset(connection.execute(statement).scalars())


def list_decisions(
    connection: sa.Connection,
    institution: str,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Decisions of one institution, oldest first; `filters`: `state`, `kind`, `application_id`."""
    statement = (
        decisions.select()
        .where(decisions.c.institution == institution)
        .order_by(decisions.c.created_at, decisions.c.id)
        .limit(limit)
    )
    if after is not None:
        place = (sa.literal(after[0], decisions.c.created_at.type), sa.literal(after[1]))
        statement = statement.where(sa.tuple_(decisions.c.created_at, decisions.c.id) > sa.tuple_(*place))
    for name, value in filters.items():
        statement = statement.where(decisions.c[name] == value)
    return list(connection.execute(statement))
