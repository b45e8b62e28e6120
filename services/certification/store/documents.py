"""Immutable documents of admission, fetched once and kept for ever."""

from typing import Any

import sqlalchemy as sa

from services.certification.store.tables import documents
from services.certification.store.upsert import insert_new
from shared.messaging.unit_of_work import UnitOfWork


def kept(connection: sa.Connection, kind: str, identifier: str, version: int) -> dict[str, Any] | None:
    """The document, where it is kept."""
    found: dict[str, Any] | None = connection.execute(
        sa.select(documents.c.content).where(
            documents.c.kind == kind, documents.c.id == identifier, documents.c.version == version
        )
    ).scalar()
    return found


def keep(uow: UnitOfWork, kind: str, identifier: str, version: int, content: dict[str, Any]) -> None:
    """Keep a version; the one that is kept already stays."""
    insert_new(
        uow.connection,
        documents,
        {"kind": kind, "id": identifier, "version": version, "content": content, "fetched_at": uow.now},
    )
