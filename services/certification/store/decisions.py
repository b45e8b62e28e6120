"""The decisions of two people about certificates."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from services.certification.domain.proposal import Proposal
from services.certification.store.paging import Place, in_order
from services.certification.store.queries import Scope
from services.certification.store.tables import awards, certificates, decisions
from shared.messaging.unit_of_work import UnitOfWork

_PROPOSAL = tuple(Proposal.__dataclass_fields__)


def add(uow: UnitOfWork, proposal: Proposal) -> None:
    uow.connection.execute(decisions.insert().values(**asdict(proposal), created_at=uow.now))


def settle(uow: UnitOfWork, proposal: Proposal) -> None:
    uow.connection.execute(
        decisions.update()
        .where(decisions.c.id == proposal.id)
        .values(state=proposal.state, confirmed_by=proposal.confirmed_by, settled_at=uow.now)
    )


def proposed_for(connection: sa.Connection, certificate_id: str) -> bool:
    """Whether a decision about the certificate waits for its second person."""
    statement = sa.select(decisions.c.id).where(
        decisions.c.certificate_id == certificate_id, decisions.c.state == "proposed"
    )
    return connection.execute(statement).first() is not None


def waiting_for_second(connection: sa.Connection, certificate_ids: Iterable[str]) -> frozenset[str]:
    """Those of the certificates about which a decision waits for its second person."""
    statement = sa.select(decisions.c.certificate_id).where(
        decisions.c.certificate_id.in_(list(certificate_ids)), decisions.c.state == "proposed"
    )
    return frozenset(connection.execute(statement).scalars())


def find(connection: sa.Connection, scope: Scope, decision_id: str) -> sa.Row[Any] | None:
    """The decision, where its certificate is in `scope`."""
    return connection.execute(_decisions(scope).where(decisions.c.id == decision_id)).first()


def proposal_of(row: sa.Row[Any]) -> Proposal:
    return Proposal(**{name: getattr(row, name) for name in _PROPOSAL})


def page(
    connection: sa.Connection, scope: Scope, state: str | None, after: Place | None, limit: int
) -> list[sa.Row[Any]]:
    """Up to `limit` decisions, oldest first, after the key (created_at, id)."""
    statement = in_order(_decisions(scope), decisions.c.created_at, decisions.c.id, after, limit)
    if state is not None:
        statement = statement.where(decisions.c.state == state)
    return list(connection.execute(statement))


def _decisions(scope: Scope) -> sa.Select[Any]:
    joined = decisions.join(certificates, certificates.c.id == decisions.c.certificate_id).join(
        awards, awards.c.id == certificates.c.award_id
    )
    return scope.limit(sa.select(decisions).select_from(joined))
