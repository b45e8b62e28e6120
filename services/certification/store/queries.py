"""Readings for reactions and readers. Who may see what is a parameter of every query behind a person's request."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.machines import OPEN
from services.certification.store.paging import Place, in_order
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
    """The awards of a learner who has completed, by assessment or attendance, whatever became of the certificates."""
    statement = sa.select(awards.c.id).where(
        awards.c.learner_id == learner_id,
        sa.or_(awards.c.completion_state == "achieved", awards.c.track == "attendance"),
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
    awards.c.track,
)


def _certificates(scope: Scope) -> sa.Select[Any]:
    joined = certificates.join(awards, awards.c.id == certificates.c.award_id)
    return scope.limit(sa.select(*_CERTIFICATE).select_from(joined))


def certificate(connection: sa.Connection, scope: Scope, certificate_id: str) -> sa.Row[Any] | None:
    return connection.execute(_certificates(scope).where(certificates.c.id == certificate_id)).first()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of a list; None does not filter."""

    state: str | None = None
    offering: str | None = None
    enrolment: str | None = None


def certificate_page(
    connection: sa.Connection, scope: Scope, wanted: Wanted, after: Place | None, limit: int
) -> list[sa.Row[Any]]:
    """Up to `limit` certificates, those longest in their state first, after the key (changed_at, id)."""
    statement = in_order(_certificates(scope), certificates.c.changed_at, certificates.c.id, after, limit)
    if wanted.state is not None:
        statement = statement.where(certificates.c.state == wanted.state)
    if wanted.offering is not None:
        statement = statement.where(awards.c.offering_id == wanted.offering)
    if wanted.enrolment is not None:
        statement = statement.where(awards.c.enrolment_id == wanted.enrolment)
    return list(connection.execute(statement))


def award_page(
    connection: sa.Connection, scope: Scope, wanted: Wanted, after: str | None, limit: int
) -> list[str]:
    """Up to `limit` ids of awards after the id `after`."""
    statement = scope.limit(sa.select(awards.c.id)).order_by(awards.c.id).limit(limit)
    if after is not None:
        statement = statement.where(awards.c.id > after)
    if wanted.offering is not None:
        statement = statement.where(awards.c.offering_id == wanted.offering)
    if wanted.enrolment is not None:
        statement = statement.where(awards.c.enrolment_id == wanted.enrolment)
    return list(connection.execute(statement).scalars())


def sees_award(connection: sa.Connection, scope: Scope, award_id: str) -> bool:
    """Whether the award is in `scope`."""
    statement = scope.limit(sa.select(awards.c.id).where(awards.c.id == award_id))
    return connection.execute(statement).first() is not None


def issuer_of(connection: sa.Connection, certificate_id: str) -> str:
    """The issuer of a signed certificate."""
    statement = sa.select(certificates.c.issuer).where(certificates.c.id == certificate_id)
    return str(connection.execute(statement).scalar_one())


def by_public_id(connection: sa.Connection, public_id: str) -> sa.Row[Any] | None:
    """The certificate behind a verification address; one that is not signed yet is not there."""
    statement = _certificates(Scope()).where(
        certificates.c.public_id == public_id,
        certificates.c.state.not_in(OPEN),
        certificates.c.issued_at.is_not(None),
    )
    return connection.execute(statement).first()


_UUID: Final = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def id_in(credential_id: str) -> str | None:
    """The id of ours that a credential's `id` may stand for; None for any other text, which no register is asked for.

    A stranger's may hold what a database refuses to compare with.
    """
    match = _UUID.fullmatch(credential_id)
    return match[1] if match else None


def by_credential_id(connection: sa.Connection, credential_id: str) -> sa.Row[Any] | None:
    """The signed certificate whose credential has this `id` (`urn:uuid:` and the certificate's own)."""
    identifier = id_in(credential_id)
    if identifier is None:
        return None
    statement = _certificates(Scope()).where(
        certificates.c.id == identifier, certificates.c.issued_at.is_not(None)
    )
    return connection.execute(statement).first()


def rendering(connection: sa.Connection, certificate_id: str, format_: str) -> sa.Row[Any] | None:
    return connection.execute(
        renderings.select().where(
            renderings.c.certificate_id == certificate_id, renderings.c.format == format_
        )
    ).first()


def formats_of(connection: sa.Connection, certificate_ids: Sequence[str]) -> dict[str, list[str]]:
    """The formats in which each certificate was made."""
    statement = sa.select(renderings.c.certificate_id, renderings.c.format).where(
        renderings.c.certificate_id.in_(certificate_ids)
    )
    found: dict[str, list[str]] = {}
    for certificate_id, format_ in connection.execute(statement.order_by(renderings.c.format)):
        found.setdefault(certificate_id, []).append(format_)
    return found


def successors_of(connection: sa.Connection, certificate_ids: Sequence[str]) -> dict[str, str]:
    """The issued certificate that replaced each, where one did."""
    statement = sa.select(certificates.c.supersedes, certificates.c.id).where(
        certificates.c.supersedes.in_(certificate_ids), certificates.c.issued_at.is_not(None)
    )
    return {row.supersedes: row.id for row in connection.execute(statement)}


def awards_of_offering(connection: sa.Connection, offering_id: str, version: int) -> list[str]:
    statement = sa.select(awards.c.id).where(
        awards.c.offering_id == offering_id, awards.c.offering_version == version
    )
    return list(connection.execute(statement).scalars())


def latest_snapshot(connection: sa.Connection, issuer: str) -> dict[str, Any] | None:
    """What the issuer's newest signed certificate says; None where it has signed none."""
    statement = sa.select(certificates.c.snapshot).where(
        certificates.c.issuer == issuer, certificates.c.issued_at.is_not(None)
    )
    found: dict[str, Any] | None = connection.execute(
        statement.order_by(certificates.c.issued_at.desc()).limit(1)
    ).scalar()
    return found


def signed(connection: sa.Connection, certificate_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """Signed certificates by id, each with the SHA-256 of its Open Badges form as `sha256`."""
    joined = certificates.join(renderings, renderings.c.certificate_id == certificates.c.id)
    statement = sa.select(certificates, renderings.c.sha256).select_from(joined)
    wanted = (certificates.c.id.in_(sorted(set(certificate_ids))), renderings.c.format == "open_badges_3")
    return {row.id: row for row in connection.execute(statement.where(*wanted))}


def latest_certificates(connection: sa.Connection, award_ids: Iterable[str]) -> dict[str, str]:
    """The newest certificate of each award that has one, in whatever state."""
    statement = sa.select(certificates.c.award_id, certificates.c.id).where(
        certificates.c.award_id.in_(sorted(set(award_ids)))
    )
    return {row.award_id: row.id for row in connection.execute(statement.order_by(certificates.c.ordinal))}
