"""Agreements and offerings: drafted, checked, published as immutable versions, extended by addendum."""

from collections.abc import Mapping
from typing import Any

from services.admission.domain.agreement_checks import agreement_problems
from services.admission.domain.documents import (
    check_in_force,
    institutions_of,
    numbered,
    refuse,
    with_partner,
)
from services.admission.domain.offering_checks import offering_problems
from services.admission.handlers.case import PROMOTION
from services.admission.store import catalogue, seats
from services.admission.store.documents import exists, find_root, insert_version, published
from services.admission.store.tables import agreements, offerings
from shared.domain import Change, ConflictError, DomainEvent, InvalidError, NotFoundError, Pointer
from shared.messaging.unit_of_work import UnitOfWork

Document = Mapping[str, Any]


def draft_agreement(uow: UnitOfWork, institution: str, body: Document) -> None:
    """A first draft, by a coordinator of an institution that governs the agreement."""
    _check_governs(institution, body)
    _insert_draft(uow, agreements, institution, body)


def redraft_agreement(uow: UnitOfWork, institution: str, agreement_id: str, body: Document) -> None:
    _check_governs(institution, body)
    _redraft(uow, agreements, institution, agreement_id, body)


def publish_agreement(uow: UnitOfWork, institution: str, agreement_id: str) -> None:
    """Publish the draft as the next version.

    Raises:
        InvalidError: with a pointer for each thing to mend.
        ConflictError: there is no draft.
    """
    root = find_root(uow.connection, agreements, agreement_id, owner=institution, lock=True)
    draft = _draft_of(root)
    refuse("The agreement", agreement_problems(draft))
    document = numbered(draft, (root.published_version or 0) + 1)
    _publish_agreement(uow, root, document, "publish", _agreement_event("agreement.published", document))


def join_partner(uow: UnitOfWork, institution: str, agreement_id: str, partner: Document) -> None:
    """A partner joins by addendum: the next version, equal to the last but for the new partner (SHR-03, check 25).

    Raises:
        ConflictError: nothing is published yet, a draft is open, or the agreement does not allow it.
    """
    root = find_root(uow.connection, agreements, agreement_id, owner=institution, lock=True)
    if root.published_version is None:
        raise ConflictError("The agreement is not published yet; add the partner to its draft.")
    if root.draft is not None:
        raise ConflictError("A draft of the next version is open; publish it, or add the partner there.")
    today = uow.now.date().isoformat()
    last = published(uow.connection, agreements, agreement_id, root.published_version)
    document = with_partner(last, partner, today)
    refuse("The addendum", agreement_problems(document))
    event = _agreement_event("agreement.partner_joined", document, institution=partner["institution"])
    _publish_agreement(uow, root, document, "join_partner", event)


def _agreement_event(name: str, agreement: Document, **more: Any) -> DomainEvent:
    institutions = institutions_of(agreement)
    return DomainEvent(
        name,
        {
            "agreement_id": agreement["id"],
            "version": agreement["version"],
            "digest": agreement["digest"],
            "institutions": institutions,
            **more,
        },
        frozenset(institutions),
    )


def _publish_agreement(
    uow: UnitOfWork, root: Any, document: Document, trigger: str, event: DomainEvent
) -> None:
    version = document["version"]
    uow.save(
        agreements,
        root.id,
        version=root.version,
        values={"state": "published", "published_version": version, "draft": None},
        events=[event],
        changes=[Change("agreement", root.id, trigger, root.state, "published", detail={"version": version})],
    )
    insert_version(uow.connection, agreements, document, published_at=uow.now)


def draft_offering(uow: UnitOfWork, institution: str, body: Document) -> None:
    """A first draft, by a coordinator of the coordinating institution."""
    _check_coordinates(institution, body)
    _insert_draft(uow, offerings, institution, body)


def redraft_offering(uow: UnitOfWork, institution: str, offering_id: str, body: Document) -> None:
    _check_coordinates(institution, body)
    _redraft(uow, offerings, institution, offering_id, body)


def publish_offering(uow: UnitOfWork, institution: str, offering_id: str) -> None:
    """Publish the draft as the next version, list it, and count its seats anew.

    Raises:
        InvalidError: with a pointer for each thing to mend; a missing element of the certificate by its name.
        ConflictError: there is no draft, the offering is cancelled, or the agreement has ended.
    """
    root = find_root(uow.connection, offerings, offering_id, owner=institution, lock=True)
    draft = _draft_of(root)
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
        frozenset(institutions),
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


def _check_governs(institution: str, body: Document) -> None:
    governance = body["governance"]
    if institution not in {governance["lead_university"], *governance["coordinators"]}:
        raise InvalidError(
            "Agreements are drafted by their coordinators.",
            pointers=[Pointer("/governance/coordinators", f"Name your institution, {institution}, here.")],
        )


def _check_coordinates(institution: str, body: Document) -> None:
    if body["coordinating_institution"] != institution:
        raise InvalidError(
            "Offerings are drafted by their coordinating institution.",
            pointers=[Pointer("/coordinating_institution", f"Yours is {institution}.")],
        )


def _insert_draft(uow: UnitOfWork, table: Any, institution: str, body: Document) -> None:
    kind = table.name.removesuffix("s")
    if exists(uow.connection, table, body["id"]):
        raise ConflictError(f"The id '{body['id']}' is taken; PUT changes the draft of an {kind} of yours.")
    uow.save(
        table,
        body["id"],
        values={"owner": institution, "state": "draft", "published_version": None, "draft": dict(body)},
        changes=[Change(kind, body["id"], "draft", "", "draft")],
    )


def _redraft(uow: UnitOfWork, table: Any, institution: str, root_id: str, body: Document) -> None:
    root = find_root(uow.connection, table, root_id, owner=institution, lock=True)
    if body["id"] != root_id:
        raise InvalidError("The id never changes.", pointers=[Pointer("/id", f"Leave it '{root_id}'.")])
    if root.state == "cancelled":
        raise ConflictError("It has been cancelled and takes no new version.")
    uow.save(
        table,
        root_id,
        version=root.version,
        values={"draft": dict(body)},
        changes=[Change(table.name.removesuffix("s"), root_id, "redraft", root.state, root.state)],
    )


def _draft_of(root: Any) -> dict[str, Any]:
    if root.state == "cancelled":
        raise ConflictError("It has been cancelled and takes no new version.")
    if root.draft is None:
        raise ConflictError("There is no draft to publish; PUT the next one first.")
    return dict(root.draft)
