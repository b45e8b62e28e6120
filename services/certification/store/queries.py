"""Readings for reactions and readers. Who may see what is a parameter of every query behind a person's request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.certification.domain.machines import OPEN
from services.certification.store.tables import award_institutions, awards, certificates, renderings


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose certificates a caller may see: a learner's own, an awarding body's, or (both None) all of them."""

    learner_id: str | None = None
    institution: str | None = None

    def limit(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """`statement` over awards, bounded to this scope."""
        if self.learner_id is not None:
            statement = statement.where(awards.c.learner_id == self.learner_id)
        if self.institution is not None:
            mine = sa.select(award_institutions.c.award_id).where(
                award_institutions.c.institution == self.institution
            )
            statement = statement.where(awards.c.id.in_(mine))
        return statement


def completed_awards(connection: sa.Connection, learner_id: str) -> list[str]:
    """The awards of a learner whose assessment is completed, whatever became of their certificates."""
    statement = sa.select(awards.c.id).where(
        awards.c.learner_id == learner_id, awards.c.completion_state == "achieved"
    )
    return list(connection.execute(statement).scalars())


def status_lists_of(connection: sa.Connection, certificate_ids: Iterable[str]) -> list[str]:
    """The status lists that these certificates have their places in."""
    wanted = list(certificate_ids)
    if not wanted:
        return []
    statement = sa.select(certificates.c.status_list_id).where(
        certificates.c.id.in_(wanted), certificates.c.status_list_id.is_not(None)
    )
    return list(connection.execute(statement.distinct()).scalars())


_CERTIFICATE = (
    certificates,
    awards.c.version,
    awards.c.enrolment_id,
    awards.c.learner_id,
    awards.c.offering_id,
    awards.c.offering_version,
)


def _certificates(scope: Scope) -> sa.Select[Any]:
    joined = certificates.join(awards, awards.c.id == certificates.c.award_id)
    return scope.limit(sa.select(*_CERTIFICATE).select_from(joined))


def certificate(connection: sa.Connection, scope: Scope, certificate_id: str) -> sa.Row[Any] | None:
    return connection.execute(_certificates(scope).where(certificates.c.id == certificate_id)).first()


def certificate_page(
    connection: sa.Connection,
    scope: Scope,
    *,
    after: str | None,
    limit: int,
    states: Iterable[str] = (),
    offering_id: str | None = None,
) -> list[sa.Row[Any]]:
    """Up to `limit` certificates after the id `after`, in the order of their ids."""
    statement = _certificates(scope).order_by(certificates.c.id).limit(limit)
    if after is not None:
        statement = statement.where(certificates.c.id > after)
    if wanted := list(states):
        statement = statement.where(certificates.c.state.in_(wanted))
    if offering_id is not None:
        statement = statement.where(awards.c.offering_id == offering_id)
    return list(connection.execute(statement))


def by_public_id(connection: sa.Connection, public_id: str) -> sa.Row[Any] | None:
    """The certificate behind a verification address; one that is not signed yet is not there."""
    statement = _certificates(Scope()).where(
        certificates.c.public_id == public_id,
        certificates.c.state.not_in(OPEN),
        certificates.c.issued_at.is_not(None),
    )
    return connection.execute(statement).first()


def rendering(connection: sa.Connection, certificate_id: str, format_: str) -> sa.Row[Any] | None:
    return connection.execute(
        renderings.select().where(
            renderings.c.certificate_id == certificate_id, renderings.c.format == format_
        )
    ).first()


def formats_of(connection: sa.Connection, certificate_id: str) -> list[str]:
    """The formats in which the certificate was made."""
    statement = sa.select(renderings.c.format).where(renderings.c.certificate_id == certificate_id)
    return sorted(connection.execute(statement).scalars())
