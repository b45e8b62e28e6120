"""Certificates and awards as a caller sees them: within its scope, without anybody's name."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.certification.domain.award import STACKED
from services.certification.domain.next_step import Next, what_is_next
from services.certification.store import decisions, queries
from services.certification.store.awards import Stored, load_award, load_awards
from services.certification.store.queries import Scope
from shared.domain import NotFoundError
from shared.messaging.history import history_of
from shared.web import Caller, Role

View = dict[str, Any]


def scope_of(caller: Caller) -> Scope:
    """What `caller` may see, from its token alone."""
    if caller.sees_all:
        return Scope()
    if caller.role is Role.LEARNER:
        return Scope(learner_id=caller.learner_id)
    return Scope(institution=caller.institution or "")


def certificate_row(connection: sa.Connection, scope: Scope, certificate_id: str) -> sa.Row[Any]:
    """The certificate's row.

    Raises:
        NotFoundError: there is none, or none in `scope`; both look the same.
    """
    row = queries.certificate(connection, scope, certificate_id)
    if row is None:
        raise NotFoundError("There is no such certificate, or it is not yours to see.")
    return row


def certificate_views(connection: sa.Connection, scope: Scope, rows: Sequence[sa.Row[Any]]) -> list[View]:
    """Views of certificates whose rows are in `scope`."""
    ids = [row.id for row in rows]
    of_holder = scope.learner_id is not None
    proposed = frozenset[str]() if of_holder else decisions.waiting_for_second(connection, ids)
    formats = queries.formats_of(connection, ids)
    successors = queries.successors_of(connection, ids)
    return [
        {
            **_certificate(row, formats.get(row.id, []), successors.get(row.id)),
            "next": _next(row, proposed=row.id in proposed),
        }
        for row in rows
    ]


def _next(row: sa.Row[Any], *, proposed: bool) -> Next | None:
    return what_is_next(
        row.state,
        acceptance=row.acceptance,
        issuer=row.issuer,
        missing_from=[need["source"] for need in row.missing],
        held=row.held,
        proposed=proposed,
    )


def _certificate(row: sa.Row[Any], formats: list[str], successor: str | None) -> View:
    snapshot = row.snapshot or {}
    issued = row.issued_at is not None
    return {
        "id": row.id,
        "version": row.version,
        "award_id": row.award_id,
        "enrolment_id": row.enrolment_id,
        "stack_id": row.enrolment_id if row.track == STACKED else None,
        "learner_id": row.learner_id,
        "offering": {"id": row.offering_id, "version": row.offering_version},
        "state": row.state,
        "reason": row.reason,
        "reason_code": row.reason_code,
        "document_type": snapshot["elements"]["document_type"] if snapshot else None,
        "acceptance": row.acceptance,
        "missing": row.missing,
        "title": snapshot["elements"]["title"] if snapshot else None,
        "issuer": row.issuer,
        "completion_number": row.completion_number,
        "issued_at": row.issued_at,
        "changed_at": row.changed_at,
        "supersedes": row.supersedes,
        "superseded_by": successor,
        "formats": formats,
        "verify_url": f"{snapshot['base_url']}/verify/{row.public_id}" if issued else None,
    }


def history_view(connection: sa.Connection, scope: Scope, certificate_id: str) -> View:
    """The steps of one certificate, oldest first."""
    row = certificate_row(connection, scope, certificate_id)
    steps = history_of(connection, "awards", row.award_id)
    return {"items": [step for step in steps if step["subject"] == certificate_id]}


def award_view(connection: sa.Connection, scope: Scope, award_id: str) -> View:
    """One award with its facts.

    Raises:
        NotFoundError: there is none, or none in `scope`.
    """
    stored = load_award(connection, award_id) if queries.sees_award(connection, scope, award_id) else None
    if stored is None:
        raise NotFoundError("There is no such award, or it is not yours to see.")
    return _award(stored)


def award_views(connection: sa.Connection, award_ids: Sequence[str]) -> list[View]:
    """Views of awards that are in the caller's scope."""
    return [_award(stored) for stored in load_awards(connection, award_ids)]


def _award(stored: Stored) -> View:
    award = stored.award
    return {
        "id": award.id,
        "version": stored.version,
        "enrolment_id": award.enrolment_id,
        "stack_id": award.enrolment_id if award.stacked else None,
        "learner_id": award.learner_id,
        "offering": {"id": award.offering_id, "version": award.offering_version},
        "track": award.track,
        "enrolment_state": award.enrolment_state,
        "completion": award.completion,
        "attendance": award.attendance,
        "registrations": award.registrations,
        "certificates": award.certificates,
        "replacement": award.replacement,
    }
