"""What a certificate is beside its state: its snapshot, its place in a status list, its renderings."""

import hashlib
from collections.abc import Iterable
from typing import Any, Protocol

import sqlalchemy as sa

from services.certification.domain.snapshot import Snapshot
from services.certification.store.intent_tables import intents
from services.certification.store.tables import award_institutions, certificates, renderings
from services.certification.store.upsert import insert_new
from shared.ids import new_id
from shared.messaging.unit_of_work import UnitOfWork


class Made(Protocol):
    """One rendering."""

    @property
    def format(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def content(self) -> bytes: ...


def put_institutions(uow: UnitOfWork, award_id: str, issuer: str, bodies: Iterable[str]) -> None:
    """Whose staff the award concerns: the issuer and every awarding body."""
    for institution in {issuer, *bodies}:
        insert_new(uow.connection, award_institutions, {"award_id": award_id, "institution": institution})


def place_of(connection: sa.Connection, certificate_id: str) -> tuple[str, str, int] | None:
    """The public identifier, status list and index that the certificate has already."""
    row = connection.execute(
        sa.select(certificates.c.public_id, certificates.c.status_list_id, certificates.c.status_index).where(
            certificates.c.id == certificate_id
        )
    ).one()
    return None if row.public_id is None else (row.public_id, row.status_list_id, row.status_index)


def put_place(uow: UnitOfWork, certificate_id: str, public_id: str, list_id: str, index: int) -> None:
    _put(uow, certificate_id, public_id=public_id, status_list_id=list_id, status_index=index)


def put_snapshot(uow: UnitOfWork, issuer: str, snapshot: Snapshot) -> None:
    """The intent: what will be signed, and its digest, before anything is. Earlier ones stay on record."""
    _put(
        uow,
        snapshot.certificate_id,
        issuer=issuer,
        snapshot=snapshot.to_json(),
        snapshot_digest=snapshot.digest,
    )
    intent = {"id": new_id(), "certificate_id": snapshot.certificate_id, "at": uow.now}
    uow.connection.execute(intents.insert().values(**intent, snapshot_digest=snapshot.digest))


def snapshot_of(connection: sa.Connection, certificate_id: str) -> dict[str, Any]:
    """What a certificate says; it has been assembled."""
    found: dict[str, Any] = connection.execute(
        sa.select(certificates.c.snapshot).where(certificates.c.id == certificate_id)
    ).scalar_one()
    return found


def ready_of(connection: sa.Connection, award_id: str) -> sa.Row[Any] | None:
    """The certificate of the award that waits for its signature."""
    return connection.execute(
        certificates.select().where(certificates.c.award_id == award_id, certificates.c.state == "ready")
    ).first()


def ready_awards(connection: sa.Connection, issuer: str) -> list[str]:
    """The awards of the issuer with a certificate that waits for its signature."""
    statement = sa.select(certificates.c.award_id).where(
        certificates.c.issuer == issuer, certificates.c.state == "ready"
    )
    return list(connection.execute(statement).scalars())


def has_snapshot(connection: sa.Connection, snapshot: Snapshot) -> bool:
    """Whether `snapshot` is still the certificate's intent."""
    stored = connection.execute(
        sa.select(certificates.c.snapshot_digest).where(certificates.c.id == snapshot.certificate_id)
    ).scalar()
    return stored == snapshot.digest


def put_renderings(
    uow: UnitOfWork, certificate_id: str, verification_method: str, made: Iterable[Made]
) -> None:
    """Keep the signed formats; a certificate gets them once."""
    _put(uow, certificate_id, verification_method=verification_method, issued_at=uow.now)
    uow.connection.execute(
        renderings.insert(),
        [
            {
                "certificate_id": certificate_id,
                "format": each.format,
                "media_type": each.media_type,
                "content": each.content,
                "sha256": hashlib.sha256(each.content).hexdigest(),
            }
            for each in made
        ],
    )


def _put(uow: UnitOfWork, certificate_id: str, **values: Any) -> None:
    uow.connection.execute(certificates.update().where(certificates.c.id == certificate_id).values(**values))
