"""Load and save the aggregate: the award's root row first, then what belongs to it."""

from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Stored:
    """An award with the version it was read at; None where it is not stored yet."""

    award: Award
    version: int | None


def load_award(connection: sa.Connection, award_id: str) -> Stored | None:
    """The award with its registrations and certificates, as one consistent reading."""
    row = connection.execute(awards.select().where(awards.c.id == award_id)).first()
    if row is None:
        return None
    return Stored(
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
            registrations=_registrations(connection, award_id),
            certificates=_certificates(connection, award_id),
            replacement=Replacement(**row.replacement) if row.replacement else None,
            deciding_body=_deciding_body(connection, row) if row.track == STACKED else None,
        ),
        row.version,
    )


def _deciding_body(connection: sa.Connection, row: sa.Row[Any]) -> str:
    statement = sa.select(stacks.c.deciding_body).where(stacks.c.id == row.enrolment_id)
    return str(connection.execute(statement).scalar_one())


def _completion(row: sa.Row[Any]) -> Completion | None:
    if row.completion_number is None:
        return None
    return Completion(row.completion_number, row.completion_state, row.completion_digest, row.completion_at)


def _registrations(connection: sa.Connection, award_id: str) -> tuple[Registration, ...]:
    rows = connection.execute(
        registrations.select().where(registrations.c.award_id == award_id).order_by(registrations.c.ordinal)
    )
    return tuple(
        Registration(row.id, row.institution, row.required_for, row.state, row.ordinal) for row in rows
    )


def _certificates(connection: sa.Connection, award_id: str) -> tuple[Certificate, ...]:
    rows = connection.execute(
        certificates.select().where(certificates.c.award_id == award_id).order_by(certificates.c.ordinal)
    )
    return tuple(
        Certificate(
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
        for row in rows
    )


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
