"""Agreements: drafted, checked, published as immutable versions, extended by addendum."""

from typing import Any

from services.admission.domain.agreement_checks import agreement_problems
from services.admission.domain.documents import (
    Document,
    institutions_of,
    numbered,
    refuse,
    with_partner,
)
from services.admission.domain.recognition_checks import criteria_problems
from services.admission.domain.stacking_checks import stacking_problems
from services.admission.handlers.drafts import draft_of, insert_draft, redraft
from services.admission.store.documents import find_root, insert_version, published
from services.admission.store.stacking import index_rules, latest_offerings, rules_so_far
from services.admission.store.tables import agreements
from shared.domain import Change, ConflictError, DomainEvent, InvalidError, Pointer
from shared.messaging.unit_of_work import UnitOfWork
from shared.stacking import offerings_in


def draft_agreement(uow: UnitOfWork, institution: str, body: Document) -> None:
    """A first draft, by a coordinator of an institution that governs the agreement."""
    _check_governs(institution, body)
    insert_draft(uow, agreements, institution, body)


def redraft_agreement(uow: UnitOfWork, institution: str, agreement_id: str, body: Document) -> None:
    _check_governs(institution, body)
    redraft(uow, agreements, institution, agreement_id, body)


def publish_agreement(uow: UnitOfWork, institution: str, agreement_id: str) -> None:
    """Publish the draft as the next version.

    Raises:
        InvalidError: with a pointer for each thing to mend.
        ConflictError: there is no draft.
    """
    root = find_root(uow.connection, agreements, agreement_id, owner=institution, lock=True)
    draft, last = draft_of(root), None
    if root.published_version is not None:
        last = published(uow.connection, agreements, agreement_id, root.published_version)
    problems = [
        *agreement_problems(draft),
        *criteria_problems(draft, last),
        *_stacking_problems(uow, draft, agreement_id),
    ]
    refuse("The agreement", problems)
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
    index_rules(uow.connection, document)


def _stacking_problems(uow: UnitOfWork, draft: Document, agreement_id: str) -> list[Pointer]:
    """What is wrong with the rules of stacking; an addendum changes none of them."""
    rules = draft.get("stacking") or ()
    named = {name for rule in rules for name in (rule["id"], *offerings_in(rule["requirement"]))}
    known = latest_offerings(uow.connection, named)
    return list(stacking_problems(draft, known, rules_so_far(uow.connection, agreement_id)))


def _check_governs(institution: str, body: Document) -> None:
    governance = body["governance"]
    if institution not in {governance["lead_university"], *governance["coordinators"]}:
        raise InvalidError(
            "Agreements are drafted by their coordinators.",
            pointers=[Pointer("/governance/coordinators", f"Name your institution, {institution}, here.")],
        )
