"""Applications: the root row of the aggregate, and the lists that people work from."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.application import Application
from services.admission.store.scope import Scope
from services.admission.store.tables import applications
from shared.domain import NotFoundError

_FIELDS: Final = tuple(field.name for field in fields(Application))


def application_of(row: sa.Row[Any]) -> Application:
    return Application(**{name: getattr(row, name) for name in _FIELDS})


def values_of(application: Application) -> dict[str, Any]:
    """The columns of the root row, without those that the unit of work writes."""
    return {name: value for name, value in asdict(application).items() if name != "id"}


def find_application(
    connection: sa.Connection, scope: Scope, application_id: str, *, lock: bool = False
) -> sa.Row[Any]:
    """The root row, locked where `lock`.

    Raises:
        NotFoundError: there is none in this scope.
    """
    statement = applications.select().where(applications.c.id == application_id, scope.of_applications())
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFoundError("There is nothing of that id, or it is not yours to see.")
    return row


def live_application(
    connection: sa.Connection, learner_id: str, offering_id: str, *, other_than: str = ""
) -> str | None:
    """The application that keeps this learner from applying to the offering again."""
    return connection.execute(
        sa.select(applications.c.id).where(
            applications.c.learner_id == learner_id,
            applications.c.offering_id == offering_id,
            applications.c.live,
            applications.c.id != other_than,
        )
    ).scalar()


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
        .where(scope.of_applications())
        .order_by(due(applications), applications.c.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(
            sa.tuple_(due(applications), applications.c.id) > sa.tuple_(*_typed(after))
        )
    for name, value in filters.items():
        statement = statement.where(_condition(name, value))
    return list(connection.execute(statement))


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
                Scope(institution=institution).of_applications(),
                applications.c.offering_id == offering_id,
                applications.c.state == "waitlisted",
            )
            .order_by(applications.c.rank, applications.c.waitlisted_at, applications.c.id)
        )
    )
