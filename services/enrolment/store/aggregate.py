"""Load and save the enrolment aggregate: its root row first, then the registrations that changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from services.enrolment.domain.model import Conclusion, Enrolment, Money, Profile, Registration
from services.enrolment.domain.proceedings import Outcome
from services.enrolment.domain.requests import is_awaiting
from services.enrolment.store.tables import enrolments, refunds, registrations
from shared.messaging.unit_of_work import UnitOfWork

DEADLINE_JOB = "answer_deadline"


def load(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Enrolment | None:
    """The one enrolment that fulfils `conditions`, with its registrations; None where there is none."""
    row = connection.execute(sa.select(enrolments).where(*conditions)).first()
    return None if row is None else with_registrations(connection, [row])[0]


def rounds_of(connection: sa.Connection, application_id: str) -> list[Enrolment]:
    """The enrolments that started from one application, in order: more than one after a new admission."""
    rows = connection.execute(
        sa.select(enrolments)
        .where(enrolments.c.application_id == application_id)
        .order_by(enrolments.c.round)
    )
    return with_registrations(connection, rows)


def with_registrations(connection: sa.Connection, rows: Iterable[sa.Row[Any]]) -> list[Enrolment]:
    """The aggregates of root `rows`, in their order."""
    found = list(rows)
    ids = [row.id for row in found]
    parts: dict[str, list[Registration]] = {identifier: [] for identifier in ids}
    statement = (
        sa.select(registrations)
        .where(registrations.c.enrolment_id.in_(ids))
        .order_by(registrations.c.number, registrations.c.institution)
    )
    for part in connection.execute(statement):
        parts[part.enrolment_id].append(registration_of(part))
    return [_enrolment_of(row, parts[row.id]) for row in found]


def _enrolment_of(row: sa.Row[Any], parts: list[Registration]) -> Enrolment:
    concluded = row.conclusion is not None
    return Enrolment(
        id=row.id,
        application_id=row.application_id,
        learner_id=row.learner_id,
        offering_id=row.offering_id,
        offering_version=row.offering_version,
        agreement_id=row.agreement_id,
        agreement_version=row.agreement_version,
        target_group=row.target_group,
        contract_type=row.contract_type,
        track=row.track,
        state=row.state,
        state_at=row.state_at,
        contracted_at=row.contracted_at,
        round=row.round,
        reason=row.reason,
        planned_at=row.planned_at,
        coordinating_institution=row.coordinating_institution,
        reviewing_institution=row.reviewing_institution,
        fee=None if row.fee_amount is None else Money(row.fee_amount, row.fee_currency),
        conclusion=Conclusion(row.conclusion, row.conclusion_sequence, row.conclusion_reason)
        if concluded
        else None,
        registrations=tuple(parts),
        version=row.version,
    )


def registration_of(row: sa.Row[Any]) -> Registration:
    """The registration in `row`, which has at least the columns of its table."""
    profile = Profile(
        institution=row.institution,
        role=row.role,
        required_for=row.required_for,
        data=tuple(row.data),
        answer_within=row.answer_within,
        procedure=tuple(sorted(row.procedure.items())),
        entitlement=row.entitlement,
    )
    return Registration(profile=profile, **{name: getattr(row, name) for name in _PLAIN})


_PLAIN = (
    "id",
    "number",
    "version",
    "contract_type",
    "state",
    "state_at",
    "remote_state",
    "remote_at",
    "remote_reference",
    "desired_state",
    "desired_at",
    "requested_at",
    "answer_by",
    "overdue_at",
    "reminders",
    "entitlement_from",
    "entitlement_until",
    "access_provisioned_at",
    "local_student_number",
    "esi",
)


def save(unit_of_work: UnitOfWork, before: Enrolment | None, outcome: Outcome) -> Enrolment:
    """Save what a decision changed, with its events, history, refund and deadlines; returns it with its version.

    Nothing is written where nothing changed. `before` None inserts.

    Raises:
        StaleAggregateError: somebody else changed the enrolment since it was loaded.
    """
    after = outcome.enrolment
    if after == before and not outcome.events and not outcome.changes:
        return after
    version = unit_of_work.save(
        enrolments,
        after.id,
        version=before.version if before else None,
        values=_root_values(after),
        events=outcome.events,
        changes=outcome.changes,
    )
    _save_registrations(unit_of_work, before, after)
    if outcome.refund is not None:
        unit_of_work.connection.execute(
            refunds.insert().values(
                enrolment_id=after.id,
                reason=outcome.refund.reason,
                amount=outcome.refund.fee.amount,
                currency=outcome.refund.fee.currency,
                recorded_at=unit_of_work.now,
            )
        )
    return replace(after, version=version)


def _root_values(enrolment: Enrolment) -> dict[str, Any]:
    conclusion, fee = enrolment.conclusion, enrolment.fee
    return {
        "application_id": enrolment.application_id,
        "round": enrolment.round,
        "learner_id": enrolment.learner_id,
        "offering_id": enrolment.offering_id,
        "offering_version": enrolment.offering_version,
        "agreement_id": enrolment.agreement_id,
        "agreement_version": enrolment.agreement_version,
        "target_group": enrolment.target_group,
        "contract_type": enrolment.contract_type,
        "track": enrolment.track,
        "state": enrolment.state,
        "state_at": enrolment.state_at,
        "contracted_at": enrolment.contracted_at,
        "reason": enrolment.reason,
        "planned_at": enrolment.planned_at,
        "coordinating_institution": enrolment.coordinating_institution,
        "reviewing_institution": enrolment.reviewing_institution,
        "fee_amount": fee.amount if fee else None,
        "fee_currency": fee.currency if fee else None,
        "conclusion": conclusion.wanted if conclusion else None,
        "conclusion_sequence": conclusion.sequence if conclusion else None,
        "conclusion_reason": conclusion.reason if conclusion else None,
    }


def _save_registrations(unit_of_work: UnitOfWork, before: Enrolment | None, after: Enrolment) -> None:
    known: Mapping[str, Registration] = {r.id: r for r in before.registrations} if before else {}
    for registration in after.registrations:
        earlier = known.get(registration.id)
        if registration == earlier:
            continue
        values = _registration_values(registration)
        if earlier is None:
            statement: sa.Insert | sa.Update = registrations.insert().values(enrolment_id=after.id, **values)
        else:
            statement = registrations.update().where(registrations.c.id == registration.id).values(**values)
        unit_of_work.connection.execute(statement)
        _save_deadline(unit_of_work, earlier, registration)


def _registration_values(registration: Registration) -> dict[str, Any]:
    profile = registration.profile
    return {
        **{name: getattr(registration, name) for name in _PLAIN},
        "institution": profile.institution,
        "role": profile.role,
        "required_for": profile.required_for,
        "data": list(profile.data),
        "answer_within": profile.answer_within,
        "procedure": dict(profile.procedure),
        "entitlement": profile.entitlement,
    }


def _save_deadline(unit_of_work: UnitOfWork, before: Registration | None, after: Registration) -> None:
    if is_awaiting(after):
        unit_of_work.schedule(DEADLINE_JOB, after.id, due_at=after.answer_by, replace=True)
    elif before is not None and is_awaiting(before):
        unit_of_work.cancel(DEADLINE_JOB, after.id)
