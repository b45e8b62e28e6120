"""Applications: the root row of the aggregate, and the lists that people work from."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.application import Application
from services.admission.store.scope import CONDITIONS, Scope
from services.admission.store.tables import applications
from shared.domain import NotFoundError

_FIELDS: Final = tuple(field.name for field in fields(Application))


def application_of(row: sa.Row[Any]) -> Application:
    return Application(**{name: getattr(row, name) for name in _FIELDS})


def values_of(application: Application) -> dict[str, Any]:
    """The columns of a new root row, without those that the unit of work writes."""
    return {name: getattr(application, name) for name in _FIELDS if name != "id"}


def changed_values(before: Application, after: Application) -> dict[str, Any]:
    """The columns that a step changed."""
    return {
        name: value
        for name in _FIELDS
        if (value := getattr(after, name)) is not getattr(before, name) and value != getattr(before, name)
    }


def find_application(
    connection: sa.Connection, scope: Scope, application_id: str, *, lock: bool = False
) -> sa.Row[Any]:
    """The root row, locked where `lock`.

    Raises:
        NotFoundError: there is none in this scope.
    """
    statement = (_LOCK if lock else _FIND)[scope.kind]
    row = connection.execute(statement, {"application": application_id, **scope.parameters}).first()
    if row is None:
        raise NotFoundError("There is nothing of that id, or it is not yours to see.")
    return row


# Statements of the busiest routes are built once: building one costs more than running it.
_FIND: Final = {
    kind: applications.select().where(applications.c.id == sa.bindparam("application"), condition)
    for kind, condition in CONDITIONS.items()
}
_LOCK: Final = {kind: statement.with_for_update() for kind, statement in _FIND.items()}
_LIVE: Final = sa.select(applications.c.id).where(
    applications.c.learner_id == sa.bindparam("learner"),
    applications.c.offering_id == sa.bindparam("offering"),
    applications.c.live,
    applications.c.id != sa.bindparam("other_than"),
)


def live_application(
    connection: sa.Connection, learner_id: str, offering_id: str, *, other_than: str = ""
) -> str | None:
    """The application that keeps this learner from applying to the offering again."""
    found = {"learner": learner_id, "offering": offering_id, "other_than": other_than}
    identifier: str | None = connection.execute(_LIVE, found).scalar()
    return identifier


def list_applications(
    connection: sa.Connection,
    scope: Scope,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Up to `limit` applications in `scope`, the next deadline first and those without one last.

    `filters`: `state`, `offering`, `learner`, `deadline_before`, `track`, `target_group`, `duplicate_hold`,
    `information_overdue`; all have to hold.
    """
    statement = (
        sa.select(applications, due(applications).label("due"))
        .where(CONDITIONS[scope.kind])
        .order_by(due(applications), applications.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(
            sa.tuple_(due(applications), applications.c.id) > sa.tuple_(*_typed(after))
        )
    for name, value in filters.items():
        statement = statement.where(_condition(name, value))
    return list(connection.execute(statement, scope.parameters))


LAST: Final = datetime.fromisoformat("2999-12-31T00:00:00+00:00")
"""Sorts after every deadline."""


def due(table: sa.Table) -> sa.ColumnElement[datetime]:
    return sa.func.coalesce(table.c.deadline_at, sa.literal(LAST, table.c.deadline_at.type))


def _typed(after: tuple[datetime, str]) -> tuple[Any, Any]:
    return sa.literal(after[0], applications.c.deadline_at.type), sa.literal(after[1])


def _condition(name: str, value: Any) -> sa.ColumnElement[bool]:
    if name == "deadline_before":
        condition: sa.ColumnElement[bool] = applications.c.deadline_at < value
    else:
        condition = applications.c[_COLUMN_OF.get(name, name)] == value
    return condition


_COLUMN_OF: Final = {"offering": "offering_id", "learner": "learner_id"}


def waiting_list(connection: sa.Connection, institution: str, offering_id: str) -> list[sa.Row[Any]]:
    """The queue of one offering in the order of promotion, for the institution that reviews it."""
    return list(
        connection.execute(
            applications.select()
            .where(
                CONDITIONS["institution"],
                applications.c.offering_id == offering_id,
                applications.c.state == "waitlisted",
            )
            .order_by(applications.c.rank, applications.c.waitlisted_at, applications.c.id),
            {"institution": institution},
        )
    )
