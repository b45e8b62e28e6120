"""Load and save recognitions, and the certificates that were presented for them."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.certification.domain.recognition import (
    WAITING,
    Basis,
    Examination,
    Exemption,
    Recognition,
    Step,
)
from services.certification.domain.statement import programme_from, rule_from, ruling_from
from services.certification.store.recognition_tables import recognition_documents, recognitions
from shared.durations import NEVER
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StoredRecognition:
    """A case with the version it was read at; None where it is not stored yet."""

    case: Recognition
    version: int | None


def load(connection: sa.Connection, recognition_id: str) -> StoredRecognition | None:
    row = connection.execute(recognitions.select().where(recognitions.c.id == recognition_id)).first()
    return None if row is None else StoredRecognition(case_of(row), row.version)


def decided_at(connection: sa.Connection, recognition_id: str) -> datetime | None:
    """When the last decision of the case was made."""
    statement = sa.select(recognitions.c.decided_at).where(recognitions.c.id == recognition_id)
    return connection.execute(statement).scalar()


def case_of(row: sa.Row[Any]) -> Recognition:
    return Recognition(
        id=row.id,
        origin=row.origin,
        learner_id=row.learner_id,
        programme=programme_from(row.programme),
        rule=rule_from(row.rule),
        basis=Basis(**row.basis),
        state=row.state,
        exemption=_exemption(row.exemption),
        examination=_examination(row.examination),
        decide_by=row.decide_by,
        overdue=row.overdue,
        paused_at=row.paused_at,
        cause=row.cause,
        number=row.number,
        ruling=ruling_from(row.ruling) if row.ruling else None,
        ruled_on=row.ruled_on,
        answered=row.answered,
    )


def _exemption(data: Mapping[str, Any] | None) -> Exemption | None:
    return Exemption(**{**data, "outcomes": tuple(data["outcomes"])}) if data else None


def _examination(data: Mapping[str, Any] | None) -> Examination | None:
    if not data:
        return None
    lists = {name: tuple(data[name]) for name in ("checks", "objections")}
    return Examination(**{**data, **lists})


def save(uow: UnitOfWork, stored: StoredRecognition, step: Step) -> None:
    """Write what `step` changed, with its events and history; nothing where it changed nothing.

    Raises:
        StaleAggregateError: the case has changed since it was loaded.
    """
    before, after = stored.case, step.case
    if stored.version is not None and before == after and not step.changes and not step.events:
        return
    values = _values(after)
    if stored.version is None:
        values["filed_digest"] = after.basis.digest
    if after.number > before.number:
        values |= {"decided_by": uow.actor.subject, "decided_at": uow.now}
    uow.save(
        recognitions,
        after.id,
        version=stored.version,
        values=values,
        events=step.events,
        changes=step.changes,
    )


def _values(case: Recognition) -> dict[str, Any]:
    waiting = case.state in WAITING and case.decide_by is not None
    return {
        "origin": case.origin,
        "learner_id": case.learner_id,
        "institution": case.institution,
        "award_id": case.basis.award_id,
        "certificate_id": case.basis.certificate_id,
        "programme": asdict(case.programme),
        "programme_key": programme_key(case.programme.title),
        "rule": asdict(case.rule),
        "basis": asdict(case.basis),
        "exemption": asdict(case.exemption) if case.exemption else None,
        "examination": asdict(case.examination) if case.examination else None,
        "state": case.state,
        "cause": case.cause,
        "decide_by": case.decide_by,
        "due_at": case.decide_by if waiting else NEVER,
        "overdue": case.overdue,
        "paused_at": case.paused_at,
        "number": case.number,
        "ruling": asdict(case.ruling) if case.ruling else None,
        "ruled_on": case.ruled_on,
        "answered": case.answered,
    }


def programme_key(title: Mapping[str, str]) -> str:
    """Two titles that differ in case and spaces only are the same programme."""
    plain = " ".join(title.get("en", "").casefold().split())
    return "sha256:" + hashlib.sha256(plain.encode()).hexdigest()


def put_document(uow: UnitOfWork, recognition_id: str, media_type: str, content: bytes) -> None:
    """Keep the certificate that was presented, as it was presented."""
    uow.connection.execute(
        recognition_documents.insert().values(
            recognition_id=recognition_id, media_type=media_type, content=content
        )
    )


def document_of(connection: sa.Connection, recognition_id: str) -> sa.Row[Any] | None:
    return connection.execute(
        recognition_documents.select().where(recognition_documents.c.recognition_id == recognition_id)
    ).first()


def forget_document(uow: UnitOfWork, recognition_id: str) -> None:
    """Keep no longer what was presented."""
    uow.connection.execute(
        recognition_documents.delete().where(recognition_documents.c.recognition_id == recognition_id)
    )
