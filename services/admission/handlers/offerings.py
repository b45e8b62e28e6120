"""Offerings: drafted, checked, published as immutable versions, cancelled."""

from typing import Any

from services.admission.domain.documents import (
    Document,
    check_in_force,
    numbered,
    refuse,
)
from services.admission.domain.offering_checks import offering_problems
from services.admission.handlers.case import PROMOTION
from services.admission.handlers.drafts import draft_of, insert_draft, redraft
from services.admission.store import catalogue, seats
from services.admission.store.documents import find_root, insert_version, published
from services.admission.store.tables import agreements, offerings
from shared.domain import Change, ConflictError, DomainEvent, InvalidError, NotFoundError, Pointer
from shared.messaging.unit_of_work import UnitOfWork


def draft_offering(uow: UnitOfWork, institution: str, body: Document) -> None:
    """A first draft, by a coordinator of the coordinating institution."""
    _check_coordinates(institution, body)
    insert_draft(uow, offerings, institution, body)


def redraft_offering(uow: UnitOfWork, institution: str, offering_id: str, body: Document) -> None:
    _check_coordinates(institution, body)
    redraft(uow, offerings, institution, offering_id, body)


def publish_offering(uow: UnitOfWork, institution: str, offering_id: str) -> None:
    """Publish the draft as the next version, list it, and count its seats anew.

    Raises:
        InvalidError: with a pointer for each thing to mend; a missing element of the certificate by its name.
        ConflictError: there is no draft, the offering is cancelled, or the agreement has ended.
    """
    root = find_root(uow.connection, offerings, offering_id, owner=institution, lock=True)
    draft = draft_of(root)
    agreement = _agreement_of(uow, draft)
    today = uow.now.date().isoformat()
    check_in_force(agreement, today)
    refuse("The offering", offering_problems(draft, agreement, today))
    document = numbered(draft, (root.published_version or 0) + 1)
    uow.save(
        offerings,
        root.id,
        version=root.version,
        values={"state": "published", "published_version": document["version"], "draft": None},
        events=[_offering_event("offering.published", document)],
        changes=[
            Change(
                "offering",
                root.id,
                "publish",
                root.state,
                "published",
                detail={"version": document["version"]},
            )
        ],
    )
    insert_version(
        uow.connection,
        offerings,
        document,
        published_at=uow.now,
        agreement_id=agreement["id"],
        agreement_version=agreement["version"],
    )
    catalogue.list_offering(uow.connection, document)
    capacity = document["admission"]["capacity"]
    seats.set_capacity(uow.connection, root.id, capacity and capacity["max"])
    uow.schedule(PROMOTION, root.id)


def cancel_offering(uow: UnitOfWork, institution: str, offering_id: str, reason: str) -> None:
    """Take no more applications and make no more offers; who is in the procedure hears from the reviewers.

    Raises:
        ConflictError: it is not published, or cancelled already.
    """
    root = find_root(uow.connection, offerings, offering_id, owner=institution, lock=True)
    if root.state != "published":
        raise ConflictError(f"The offering is '{root.state}'; only a published one can be cancelled.")
    document = published(uow.connection, offerings, offering_id, root.published_version)
    uow.save(
        offerings,
        root.id,
        version=root.version,
        values={"state": "cancelled"},
        events=[_offering_event("offering.cancelled", document)],
        changes=[Change("offering", root.id, "cancel", root.state, "cancelled", reason)],
    )
    catalogue.remove_offering(uow.connection, offering_id)


def offering_institutions(offering: Document) -> list[str]:
    """Every institution that an offering version names in a role, sorted."""
    named = {
        offering[role]
        for role in ("reviewing_institution", "coordinating_institution", "host_institution", "issuer")
    }
    named |= {*offering["partners"], *offering["awarding_bodies"]}
    named |= {part["institution"] for part in (*offering["components"], *offering["registration_profiles"])}
    return sorted(name for name in named if name is not None)


def _offering_event(name: str, offering: Document) -> DomainEvent:
    institutions = offering_institutions(offering)
    recognising = {entry["institution"] for entry in offering["recognition"]}
    return DomainEvent(
        name,
        {
            "offering_id": offering["id"],
            "version": offering["version"],
            "digest": offering["digest"],
            "agreement_id": offering["agreement"]["id"],
            "agreement_version": offering["agreement"]["version"],
            "institutions": institutions,
        },
        frozenset({*institutions, *recognising}),
    )


def _agreement_of(uow: UnitOfWork, draft: Document) -> dict[str, Any]:
    named = draft["agreement"]
    try:
        return published(uow.connection, agreements, named["id"], named["version"])
    except NotFoundError as error:
        raise InvalidError(
            "The offering names an agreement version that is not published.",
            pointers=[
                Pointer("/agreement", f"Publish {named['id']} version {named['version']}, or name another.")
            ],
        ) from error


def _check_coordinates(institution: str, body: Document) -> None:
    if body["coordinating_institution"] != institution:
        raise InvalidError(
            "Offerings are drafted by their coordinating institution.",
            pointers=[Pointer("/coordinating_institution", f"Yours is {institution}.")],
        )
