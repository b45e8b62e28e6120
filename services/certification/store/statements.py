"""Statements about recognition: their intents, their places in status lists, what was signed."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.statement import Statement
from services.certification.store.queries import id_in
from services.certification.store.recognition_tables import recognition_statements, recognitions
from shared.messaging.unit_of_work import UnitOfWork

READY: Final = "ready"
ISSUED: Final = "issued"
SUPERSEDED: Final = "superseded"


def find(connection: sa.Connection, recognition_id: str, number: int) -> sa.Row[Any] | None:
    return connection.execute(
        recognition_statements.select().where(
            recognition_statements.c.recognition_id == recognition_id,
            recognition_statements.c.number == number,
        )
    ).first()


def issued_before(connection: sa.Connection, recognition_id: str, number: int) -> sa.Row[Any] | None:
    """The statement that decision `number` of the case replaces."""
    return connection.execute(
        recognition_statements.select().where(
            recognition_statements.c.recognition_id == recognition_id,
            recognition_statements.c.number < number,
            recognition_statements.c.state == ISSUED,
        )
    ).first()


def put_intent(uow: UnitOfWork, statement: Statement, list_id: str) -> None:
    """What will be signed, and its digest, before anything is."""
    uow.connection.execute(
        recognition_statements.insert().values(
            id=statement.id,
            recognition_id=statement.recognition_id,
            number=statement.number,
            issuer=statement.institution.id,
            state=READY,
            public_id=statement.public_id,
            status_list_id=list_id,
            status_index=statement.status_index,
            snapshot=statement.to_json(),
            snapshot_digest=statement.digest,
        )
    )


def put_signed(uow: UnitOfWork, statement: Statement, verification_method: str, content: bytes) -> None:
    """Keep what was signed; a statement gets it once."""
    _put(
        uow,
        statement.id,
        state=ISSUED,
        verification_method=verification_method,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_at=uow.now,
    )


def supersede(uow: UnitOfWork, statement_id: str) -> None:
    """Its institution has decided again."""
    _put(uow, statement_id, state=SUPERSEDED)


def _put(uow: UnitOfWork, statement_id: str, **values: Any) -> None:
    uow.connection.execute(
        recognition_statements.update().where(recognition_statements.c.id == statement_id).values(**values)
    )


_SIGNED: Final = sa.select(
    recognition_statements, recognitions.c.state.label("case_state"), recognitions.c.cause
).select_from(
    recognition_statements.join(recognitions, recognitions.c.id == recognition_statements.c.recognition_id)
)


def by_credential_id(connection: sa.Connection, credential_id: str) -> sa.Row[Any] | None:
    """The signed statement whose credential has this `id`, with the state of its case."""
    identifier = id_in(credential_id)
    if identifier is None:
        return None
    statement = _SIGNED.where(
        recognition_statements.c.id == identifier, recognition_statements.c.issued_at.is_not(None)
    )
    return connection.execute(statement).first()


def by_public_id(connection: sa.Connection, public_id: str) -> sa.Row[Any] | None:
    """The signed statement behind a verification address."""
    statement = _SIGNED.where(
        recognition_statements.c.public_id == public_id, recognition_statements.c.issued_at.is_not(None)
    )
    return connection.execute(statement).first()


def latest_of(connection: sa.Connection, recognition_ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """The last signed statement of each case that has one."""
    rows = connection.execute(
        recognition_statements.select()
        .where(
            recognition_statements.c.recognition_id.in_(recognition_ids),
            recognition_statements.c.issued_at.is_not(None),
        )
        .order_by(recognition_statements.c.number)
    )
    return {row.recognition_id: row for row in rows}
