"""Agreements and offerings: one root each, with a draft beside any number of immutable versions."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class InForce:
    """A published offering version as a procedure, with the state of the offering at this moment."""

    procedure: Procedure
    offering_state: str


# Versions are immutable and named by digest, so what is made of them never goes stale, in any database.
_procedures: Final[dict[tuple[str, str], Procedure]] = {}

_BY_VERSION: Final = (
    sa.select(
        offerings.c.state,
        offering_versions.c.id,
        offering_versions.c.version,
        offering_versions.c.digest,
        offering_versions.c.agreement_id,
        offering_versions.c.agreement_version,
        agreement_versions.c.digest.label("agreement_digest"),
    )
    .join(offering_versions, offering_versions.c.id == offerings.c.id)
    .join(
        agreement_versions,
        sa.and_(
            agreement_versions.c.id == offering_versions.c.agreement_id,
            agreement_versions.c.version == offering_versions.c.agreement_version,
        ),
    )
    .where(
        offerings.c.id == sa.bindparam("offering"),
        offering_versions.c.version
        == sa.func.coalesce(sa.bindparam("number", type_=sa.Integer), offerings.c.published_version),
    )
)


def in_force(connection: sa.Connection, offering_id: str, version: int | None = None) -> InForce:
    """The procedure of a published offering version, the latest where `version` is None.

    Raises:
        NotFoundError: it was never published.
    """
    row = connection.execute(_BY_VERSION, {"offering": offering_id, "number": version}).first()
    if row is None:
        raise _missing(offerings)
    key = (row.digest, row.agreement_digest)
    if key not in _procedures:
        if len(_procedures) >= _MOST_PROCEDURES:
            _procedures.clear()
        _procedures[key] = procedure_of(
            published(connection, offerings, row.id, row.version),
            published(connection, agreements, row.agreement_id, row.agreement_version),
        )
    return InForce(_procedures[key], row.state)


def procedure_for(connection: sa.Connection, offering_id: str, version: int) -> Procedure:
    """The admission procedure of a published offering version.

    Raises:
        NotFoundError: it was never published.
    """
    return in_force(connection, offering_id, version).procedure


def reviews(connection: sa.Connection, institution: str | None, root: sa.Row[Any]) -> bool:
    """Whether `institution` decides on the applications to a published offering, by its latest version (ADM-02)."""
    return in_force(connection, root.id).procedure.reviewing_institution == institution


def _missing(table: sa.Table) -> NotFoundError:
    return NotFoundError(f"There is no such {table.name.removesuffix('s')}, or it is not yours to see.")
