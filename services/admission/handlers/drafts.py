"""The draft of an agreement's or offering's next version."""

from typing import Any

from services.admission.domain.documents import (
    Document,
)
from services.admission.store.documents import exists, find_root
from shared.domain import Change, ConflictError, InvalidError, Pointer
from shared.messaging.unit_of_work import UnitOfWork


def insert_draft(uow: UnitOfWork, table: Any, institution: str, body: Document) -> None:
    kind = table.name.removesuffix("s")
    if exists(uow.connection, table, body["id"]):
        raise ConflictError(f"The id '{body['id']}' is taken; PUT changes the draft of an {kind} of yours.")
    uow.save(
        table,
        body["id"],
        values={"owner": institution, "state": "draft", "published_version": None, "draft": dict(body)},
        changes=[Change(kind, body["id"], "draft", "", "draft")],
    )


def redraft(uow: UnitOfWork, table: Any, institution: str, root_id: str, body: Document) -> None:
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


def draft_of(root: Any) -> dict[str, Any]:
    if root.state == "cancelled":
        raise ConflictError("It has been cancelled and takes no new version.")
    if root.draft is None:
        raise ConflictError("There is no draft to publish; PUT the next one first.")
    return dict(root.draft)
