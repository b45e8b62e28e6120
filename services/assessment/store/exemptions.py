"""What was heard of recognised certificates that take the place of outcomes."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.assessment.domain.exemption import Exemption
from services.assessment.store.tables import enrolments, exemptions, plans
from shared.messaging.unit_of_work import UnitOfWork


def record(uow: UnitOfWork, exemption: Exemption, number: int) -> bool:
    """Remember decision `number` of a recognition; False where that one, or a later one, is known already."""
    known = uow.connection.execute(
        sa.select(exemptions.c.number).where(exemptions.c.id == exemption.id).with_for_update()
    ).scalar()
    if known is not None and known >= number:
        return False
    values = {
        "learner_id": exemption.learner_id,
        "offering_id": exemption.offering_id,
        "offering_version": exemption.offering_version,
        "institution": exemption.institution,
        "outcomes": list(exemption.outcomes),
        "number": number,
        "at": exemption.at,
    }
    if known is None:
        uow.connection.execute(exemptions.insert().values(id=exemption.id, **values))
    else:
        uow.connection.execute(exemptions.update().where(exemptions.c.id == exemption.id).values(**values))
    return True


def find(connection: sa.Connection, exemption_id: str) -> Exemption | None:
    row = connection.execute(exemptions.select().where(exemptions.c.id == exemption_id)).first()
    return None if row is None else _exemption(row)


def ids_for(connection: sa.Connection, learner_id: str, offering_id: str, version: int) -> Sequence[str]:
    """The exemptions of a learner from outcomes of an offering version."""
    statement = sa.select(exemptions.c.id).where(
        exemptions.c.learner_id == learner_id,
        exemptions.c.offering_id == offering_id,
        exemptions.c.offering_version == version,
    )
    return connection.execute(statement.order_by(exemptions.c.id)).scalars().all()


def lock_enrolments(uow: UnitOfWork, exemption: Exemption) -> None:
    """Wait for whoever is just making a plan that the exemption concerns."""
    uow.connection.execute(
        sa.select(enrolments.c.id)
        .where(
            enrolments.c.learner_id == exemption.learner_id,
            enrolments.c.offering_id == exemption.offering_id,
            enrolments.c.offering_version == exemption.offering_version,
        )
        .order_by(enrolments.c.id)
        .with_for_update()
    ).all()


def plans_for(connection: sa.Connection, exemption: Exemption) -> Sequence[str]:
    """The plans that the exemption concerns."""
    statement = sa.select(plans.c.id).where(
        plans.c.learner_id == exemption.learner_id,
        plans.c.offering_id == exemption.offering_id,
        plans.c.offering_version == exemption.offering_version,
    )
    return connection.execute(statement.order_by(plans.c.id)).scalars().all()


def _exemption(row: sa.Row[Any]) -> Exemption:
    return Exemption(
        id=row.id,
        learner_id=row.learner_id,
        offering_id=row.offering_id,
        offering_version=row.offering_version,
        institution=row.institution,
        outcomes=tuple(row.outcomes),
        at=row.at,
    )
