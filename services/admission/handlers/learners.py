"""A learner's record: made and kept by the learner, looked up by those who have a reason to."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.admission.domain.learner import name_key, released
from services.admission.store import learners as store
from services.admission.store.documents import procedure_for
from services.admission.store.tables import learners
from shared.domain import Change, ConflictError, DomainEvent, InvalidError, NotFoundError, Pointer
from shared.messaging.unit_of_work import UnitOfWork

_IDENTITY = ("given_name", "family_name", "date_of_birth")


def create(
    uow: UnitOfWork, learner_id: str, issuer: str, subject: str, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The record of the caller, as it is from now on.

    Raises:
        ConflictError: there is one already.
        InvalidError: the birth date is a day to come.
    """
    _check_born(uow, body)
    if store.find_home(uow.connection, learner_id) is not None:
        raise ConflictError(
            f"Your learner record exists: PATCH /admission/v1/learners/{learner_id} changes it."
        )
    values = {
        **body,
        **_keys(body),
        "issuer": issuer,
        "subject": subject,
        "identity_verification": "unverified",
    }
    change = Change("learner", learner_id, "create", "", "active")
    version = uow.save(learners, learner_id, values=values, changes=[change])
    return {**dict.fromkeys(learners.c.keys()), **values, "id": learner_id, "version": version}


def change(uow: UnitOfWork, learner_id: str, body: Mapping[str, Any]) -> None:
    """Change the record; a name or birth date changed has to be verified anew.

    Raises:
        NotFoundError: there is no record.
        InvalidError: the birth date is a day to come.
    """
    _check_born(uow, body)
    row = _locked(uow, learner_id)
    changed = {name: value for name, value in body.items() if getattr(row, name) != value}
    values: dict[str, Any] = {**changed, **_keys({**row._mapping, **changed})}  # noqa: SLF001 - SQLAlchemy's name
    if changed.keys() & set(_IDENTITY):
        values |= {
            "identity_verification": "unverified",
            "identity_verified_by": None,
            "identity_verified_at": None,
        }
    _save(uow, row, values, "change", {"fields": sorted(changed)})


def _check_born(uow: UnitOfWork, body: Mapping[str, Any]) -> None:
    born: date | None = body.get("date_of_birth")
    if born is not None and born > uow.now.date():
        raise InvalidError(
            "The birth date is a day to come.",
            pointers=[Pointer("/date_of_birth", "Give a day up to today.")],
        )


def verify_identity(uow: UnitOfWork, learner_id: str, institution: str | None) -> None:
    """An officer has compared the record with an identity document (ENR-01; assurance before the certificate)."""
    row = _locked(uow, learner_id)
    values = {
        "identity_verification": "by_person",
        "identity_verified_by": institution,
        "identity_verified_at": uow.now,
    }
    _save(uow, row, values, "verify_identity", {})


def own_or_all(connection: sa.Connection, learner_id: str) -> sa.Row[Any]:
    """The whole record, for the learner, for services and for officers who review the learner.

    Raises:
        NotFoundError: there is none.
    """
    row = store.find_learner(connection, learner_id)
    if row is None:
        raise _missing()
    return row


def released_to(connection: sa.Connection, learner_id: str, institution: str | None) -> dict[str, Any]:
    """The part of the record that the registrations at this institution need, after admission (SHR-25).

    Raises:
        NotFoundError: there is none, or the learner is not admitted to anything that concerns the institution.
    """
    row = store.find_learner(connection, learner_id)
    items: set[str] = set()
    for offering_id, version, target_group in store.admissions_of(connection, learner_id):
        procedure = procedure_for(connection, offering_id, version)
        items |= procedure.released_data.get((target_group, institution or ""), frozenset())
    if row is None or not items:
        raise _missing()
    return released(dict(row._mapping), items) | {"version": row.version}  # noqa: SLF001 - SQLAlchemy's name


def _locked(uow: UnitOfWork, learner_id: str) -> sa.Row[Any]:
    row = store.find_learner(uow.connection, learner_id, lock=True)
    if row is None:
        raise _missing()
    return row


def _save(
    uow: UnitOfWork, row: sa.Row[Any], values: Mapping[str, Any], trigger: str, detail: Mapping[str, Any]
) -> None:
    uow.save(
        learners,
        row.id,
        version=row.version,
        values=values,
        events=[DomainEvent("learner.changed", {"learner_id": row.id, "version": row.version + 1})],
        changes=[Change("learner", row.id, trigger, "active", "active", detail=detail)],
    )


def _keys(record: Mapping[str, Any]) -> dict[str, str]:
    return {
        "family_key": name_key(record["family_name"]),
        "search_key": store.search_keys(
            record["given_name"],
            record["family_name"],
            record.get("latin_given_name"),
            record.get("latin_family_name"),
        ),
    }


def _missing() -> NotFoundError:
    return NotFoundError("There is no such learner, or the record is not yours to see.")
