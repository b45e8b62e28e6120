"""Agreements and offerings: one root each, with a draft beside any number of immutable versions."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from services.admission.domain.procedure import Procedure, procedure_of
from services.admission.store.tables import (
    agreement_versions,
    agreements,
    offering_versions,
    offerings,
)
from shared.domain import NotFoundError

_VERSIONS: Final = {agreements.name: agreement_versions, offerings.name: offering_versions}
_MOST_PROCEDURES: Final = 500


def find_root(
    connection: sa.Connection, table: sa.Table, root_id: str, *, owner: str | None, lock: bool = False
) -> sa.Row[Any]:
    """The root row; with `owner`, only one that this institution drafts.

    Raises:
        NotFoundError: there is none in this scope.
    """
    statement = table.select().where(table.c.id == root_id)
    if owner is not None:
        statement = statement.where(table.c.owner == owner)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise _missing(table)
    return row


def exists(connection: sa.Connection, table: sa.Table, root_id: str) -> bool:
    return connection.execute(sa.select(table.c.id).where(table.c.id == root_id)).first() is not None


def published(connection: sa.Connection, table: sa.Table, root_id: str, version: int) -> dict[str, Any]:
    """The immutable document of one published version.

    Raises:
        NotFoundError: it was never published.
    """
    versions = _VERSIONS[table.name]
    statement = sa.select(versions.c.document).where(versions.c.id == root_id, versions.c.version == version)
    document = connection.execute(statement).scalar()
    if document is None:
        raise _missing(table)
    return dict(document)


def insert_version(
    connection: sa.Connection, table: sa.Table, document: Mapping[str, Any], **columns: Any
) -> None:
    connection.execute(
        _VERSIONS[table.name].insert(),
        {
            "id": document["id"],
            "version": document["version"],
            "digest": document["digest"],
            "document": document,
            **columns,
        },
    )


def list_versions(connection: sa.Connection, table: sa.Table, root_id: str) -> list[dict[str, Any]]:
    """Number, digest and time of each published version, oldest first."""
    versions = _VERSIONS[table.name]
    rows = connection.execute(
        sa.select(versions.c.version, versions.c.digest, versions.c.published_at)
        .where(versions.c.id == root_id)
        .order_by(versions.c.version)
    )
    return [dict(row) for row in rows.mappings()]


# Versions are immutable and named by digest, so what is made of them never goes stale, in any database.
_procedures: Final[dict[tuple[str, str], Procedure]] = {}


def procedure_for(connection: sa.Connection, offering_id: str, version: int) -> Procedure:
    """The admission procedure of a published offering version.

    Raises:
        NotFoundError: it was never published.
    """
    statement = (
        sa.select(
            offering_versions.c.digest,
            offering_versions.c.agreement_id,
            offering_versions.c.agreement_version,
            agreement_versions.c.digest.label("agreement_digest"),
        )
        .join(
            agreement_versions,
            sa.and_(
                agreement_versions.c.id == offering_versions.c.agreement_id,
                agreement_versions.c.version == offering_versions.c.agreement_version,
            ),
        )
        .where(offering_versions.c.id == offering_id, offering_versions.c.version == version)
    )
    row = connection.execute(statement).first()
    if row is None:
        raise _missing(offerings)
    key = (row.digest, row.agreement_digest)
    if key not in _procedures:
        if len(_procedures) >= _MOST_PROCEDURES:
            _procedures.clear()
        _procedures[key] = procedure_of(
            published(connection, offerings, offering_id, version),
            published(connection, agreements, row.agreement_id, row.agreement_version),
        )
    return _procedures[key]


def reviews(connection: sa.Connection, institution: str | None, root: sa.Row[Any]) -> bool:
    """Whether `institution` decides on the applications to a published offering, by its latest version (ADM-02)."""
    document = published(connection, offerings, root.id, root.published_version)
    return bool(document["reviewing_institution"] == institution)


def _missing(table: sa.Table) -> NotFoundError:
    return NotFoundError(f"There is no such {table.name.removesuffix('s')}, or it is not yours to see.")
