"""Readings of recognitions. Who may see what is a parameter of every query behind a person's request."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.certification.domain.recognition import REQUEST, Recognition
from services.certification.store.paging import Place, in_order
from services.certification.store.queries import Scope
from services.certification.store.recognition_tables import recognitions
from services.certification.store.recognitions import programme_key


def of_award(connection: sa.Connection, award_id: str) -> list[str]:
    """The cases that look at a certificate of the award."""
    statement = sa.select(recognitions.c.id).where(recognitions.c.award_id == award_id)
    return list(connection.execute(statement.order_by(recognitions.c.id)).scalars())


def answering(connection: sa.Connection, case: Recognition) -> str | None:
    """A case of the same learner before the same programme about the same certificate; None where there is none."""
    same = recognitions.c.filed_digest == case.basis.digest
    if case.basis.award_id is not None:
        same = sa.or_(same, recognitions.c.award_id == case.basis.award_id)
    statement = sa.select(recognitions.c.id).where(
        same,
        recognitions.c.learner_id == case.learner_id,
        recognitions.c.institution == case.institution,
        recognitions.c.programme_key == programme_key(case.programme.title),
        recognitions.c.state.not_in(("withdrawn", "closed")),
    )
    found: str | None = connection.execute(statement).scalar()
    return found


def waiting_requests(connection: sa.Connection, learner_id: str) -> int:
    """How many requests of the learner wait for an answer."""
    statement = sa.select(sa.func.count()).where(
        recognitions.c.learner_id == learner_id,
        recognitions.c.origin == REQUEST,
        recognitions.c.state.in_(("received", "open", "paused")),
    )
    return int(connection.execute(statement).scalar_one())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of a list; None does not filter."""

    state: str | None = None
    origin: str | None = None
    overdue: bool | None = None
    certificate: str | None = None


def find(connection: sa.Connection, scope: Scope, recognition_id: str) -> sa.Row[Any] | None:
    return connection.execute(_within(scope).where(recognitions.c.id == recognition_id)).first()


def page(
    connection: sa.Connection, scope: Scope, wanted: Wanted, after: Place | None, limit: int
) -> list[sa.Row[Any]]:
    """Up to `limit` cases, those to be decided soonest first, after the key (due_at, id)."""
    statement = in_order(_within(scope), recognitions.c.due_at, recognitions.c.id, after, limit)
    for column, value in (
        (recognitions.c.state, wanted.state),
        (recognitions.c.origin, wanted.origin),
        (recognitions.c.overdue, wanted.overdue),
        (recognitions.c.certificate_id, wanted.certificate),
    ):
        if value is not None:
            statement = statement.where(column == value)
    return list(connection.execute(statement))


def _within(scope: Scope) -> sa.Select[Any]:
    """A request is its institution's to see once its certificate has been looked at."""
    statement = sa.select(recognitions)
    if scope.learner_id is not None:
        statement = statement.where(recognitions.c.learner_id == scope.learner_id)
    if scope.institution is not None:
        statement = statement.where(
            recognitions.c.institution == scope.institution, recognitions.c.state != "received"
        )
    return statement
