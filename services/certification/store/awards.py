"""Load and save the aggregate: the award's root row first, then what belongs to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.certification.domain.award import (
    STACKED,
    Attendance,
    Award,
    Certificate,
    Completion,
    Need,
    Registration,
    Replacement,
)
from services.certification.domain.decisions import Decision
from services.certification.store.stacking_tables import stacks
from services.certification.store.tables import awards, certificates, registrations
from shared.messaging.unit_of_work import UnitOfWork

_Wanted = Callable[[sa.Column[Any]], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Stored:
    """An award with the version it was read at; None where it is not stored yet."""

    award: Award
    version: int | None


def load_award(connection: sa.Connection, award_id: str) -> Stored | None:
    """The award with its registrations and certificates, as one consistent reading."""
    return next(iter(_loaded(connection, lambda column: column == award_id)), None)


def load_awards(connection: sa.Connection, award_ids: Sequence[str]) -> list[Stored]:
    """Several awards, in as few queries as one; in the order of their ids, without those that there are not."""
    found = {stored.award.id: stored for stored in _loaded(connection, lambda column: column.in_(award_ids))}
    return [found[award_id] for award_id in award_ids if award_id in found]


def _loaded(connection: sa.Connection, wanted: _Wanted) -> list[Stored]:
    rows = connection.execute(awards.select().where(wanted(awards.c.id))).all()
    if not rows:
        return []
    registered, made = _registrations(connection, wanted), _certificates(connection, wanted)
    deciding = _deciding_bodies(connection, [row.enrolment_id for row in rows if row.track == STACKED])
    return [
        Stored(
            Award(
                id=row.id,
                enrolment_id=row.enrolment_id,
                learner_id=row.learner_id,
                offering_id=row.offering_id,
                offering_version=row.offering_version,
                track=row.track,
                enrolment_state=row.enrolment_state,
                completion=_completion(row),
                attendance=Attendance(**row.attendance) if row.attendance else None,
                registrations=tuple(registered.get(row.id, ())),
                certificates=tuple(made.get(row.id, ())),
                replacement=Replacement(**row.replacement) if row.replacement else None,
                deciding_body=deciding[row.enrolment_id] if row.track == STACKED else None,
            ),
            row.version,
        )
        for row in rows
    ]


def _deciding_bodies(connection: sa.Connection, stack_ids: Sequence[str]) -> dict[str, str]:
    if not stack_ids:
        return {}
    statement = sa.select(stacks.c.id, stacks.c.deciding_body).where(stacks.c.id.in_(stack_ids))
    return {row.id: row.deciding_body for row in connection.execute(statement)}


def _completion(row: sa.Row[Any]) -> Completion | None:
    if row.completion_number is None:
        return None
    return Completion(row.completion_number, row.completion_state, row.completion_digest, row.completion_at)


def _registrations(connection: sa.Connection, wanted: _Wanted) -> Mapping[str, list[Registration]]:
    """Those of each award, in their order."""
    found: dict[str, list[Registration]] = {}
    statement = registrations.select().where(wanted(registrations.c.award_id))
    for row in connection.execute(statement.order_by(registrations.c.ordinal)):
        registration = Registration(row.id, row.institution, row.required_for, row.state, row.ordinal)
        found.setdefault(row.award_id, []).append(registration)
    return found


def _certificates(connection: sa.Connection, wanted: _Wanted) -> Mapping[str, list[Certificate]]:
    """Those of each award, in their order."""
    found: dict[str, list[Certificate]] = {}
    statement = certificates.select().where(wanted(certificates.c.award_id))
    for row in connection.execute(statement.order_by(certificates.c.ordinal)):
        certificate = Certificate(
            id=row.id,
            ordinal=row.ordinal,
            state=row.state,
            completion_number=row.completion_number,
            results_digest=row.results_digest,
            supersedes=row.supersedes,
            missing=tuple(Need(**need) for need in row.missing),
            reason_code=row.reason_code,
            held=row.held,
            acceptance=row.acceptance,
        )
        found.setdefault(row.award_id, []).append(certificate)
    return found


def save_award(uow: UnitOfWork, stored: Stored, decision: Decision) -> None:
    """Write what `decision` changed, with its events and history; nothing where it changed nothing.

    Raises:
        StaleAggregateError: the award has changed since it was loaded.
    """
    before, after = stored.award, decision.award
    if stored.version is not None and before == after and not decision.changes:
        return
    uow.save(
        awards,
        after.id,
        version=stored.version,
        key=after.enrolment_id,
        values=_root(after),
        events=decision.events,
        changes=decision.changes,
    )
    known = {registration.id: registration for registration in before.registrations}
    for registration in after.registrations:
        if known.get(registration.id) != registration:
            values = {"award_id": after.id, **asdict(registration)}
            _put(uow, registrations, values, new=registration.id not in known)
    _save_certificates(uow, before, decision)


def _root(award: Award) -> dict[str, Any]:
    completion = award.completion
    return {
        "enrolment_id": award.enrolment_id,
        "learner_id": award.learner_id,
        "offering_id": award.offering_id,
        "offering_version": award.offering_version,
        "track": award.track,
        "enrolment_state": award.enrolment_state,
        "completion_number": completion.number if completion else None,
        "completion_state": completion.state if completion else None,
        "completion_digest": completion.results_digest if completion else None,
        "completion_at": completion.at if completion else None,
        "attendance": asdict(award.attendance) if award.attendance else None,
        "replacement": asdict(award.replacement) if award.replacement else None,
    }


def _save_certificates(uow: UnitOfWork, before: Award, decision: Decision) -> None:
    """In the order of the award: the one that is replaced leaves its place before the other takes it."""
    known = {certificate.id: certificate for certificate in before.certificates}
    reasons = {change.subject: change.reason for change in decision.changes}
    for certificate in decision.award.certificates:
        if known.get(certificate.id) == certificate:
            continue
        values = {**asdict(certificate), "award_id": decision.award.id, "changed_at": uow.now}
        if certificate.id in reasons:
            values["reason"] = reasons[certificate.id]
        _put(uow, certificates, values, new=certificate.id not in known)


def _put(uow: UnitOfWork, table: sa.Table, values: Mapping[str, Any], *, new: bool) -> None:
    statement = table.insert() if new else table.update().where(table.c.id == values["id"])
    uow.connection.execute(statement.values(**values))
