"""Offering versions as admission published them: immutable, fetched once, kept for ever."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.enrolment.store.tables import offering_versions

Document = Mapping[str, Any]


def kept(connection: sa.Connection, offering_id: str, version: int) -> Document | None:
    """The offering version as it was published; None where it has not been fetched yet."""
    document: Document | None = connection.execute(
        sa.select(offering_versions.c.document).where(
            offering_versions.c.offering_id == offering_id, offering_versions.c.version == version
        )
    ).scalar()
    return document


def keep(connection: sa.Connection, document: Document, now: datetime) -> None:
    """Keep a published offering version; one that is here already stays as it is."""
    offering_id, version = document["id"], document["version"]
    if kept(connection, offering_id, version) is None:
        connection.execute(
            offering_versions.insert().values(
                offering_id=offering_id, version=version, document=dict(document), kept_at=now
            )
        )


def all_kept(connection: sa.Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Document]:
    """Those of the wanted offering versions that are here."""
    found = {key: kept(connection, *key) for key in set(wanted)}
    return {key: document for key, document in found.items() if document is not None}
