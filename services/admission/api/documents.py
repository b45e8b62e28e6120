"""Agreements and offerings are published documents of one shape: the routes that both have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from flask import Response

from services.admission.api.documents_schema import Administered, Versions
from services.admission.domain.documents import Document
from services.admission.store.documents import find_root, list_versions, published
from shared.domain import ForbiddenError, NotFoundError
from shared.messaging.unit_of_work import UnitOfWork
from shared.web import Blueprint, Caller, Role, Schema, caller, policy
from shared.web.execution import encode

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""How caches keep what is published under a number: it never changes."""

_MOST_VERSION: Final = 2**31 - 1
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document that coordinators draft and publish as immutable versions, and anybody reads.

    `word` is its name in the singular and `table` has its roots. `draft`, `document` and `administered` are its
    schemas; `make`, `change` and `publish` are what a coordinator's institution does with one.
    """

    word: str
    table: sa.Table
    draft: type[Schema]
    document: type[Schema]
    administered: type[Administered]
    make: Callable[[UnitOfWork, str, Document], None]
    change: Callable[[UnitOfWork, str, str, Document], None]
    publish: Callable[[UnitOfWork, str, str], None]


def owner_of(coordinator: Caller) -> str:
    """The institution that the caller coordinates for.

    Raises:
        ForbiddenError: the token names none.
    """
    if coordinator.institution is None:
        raise ForbiddenError("A coordinator acts for an institution, and the token names none.")
    return coordinator.institution


def administered(connection: sa.Connection, table: sa.Table, root_id: str) -> sa.Row[Any]:
    return find_root(connection, table, root_id, owner=None)


def add_routes(blp: Blueprint, kind: Kind) -> None:
    """Give `blp` the routes of drafting, publishing and reading documents of `kind`."""
    _add_drafting(blp, kind)
    _add_publication(blp, kind)
    _add_versions(blp, kind)


def _called(name: str, summary: str) -> Callable[[View], View]:
    """The name and the documentation of a view that is made for several kinds."""

    def decorate(view: View) -> View:
        view.__name__, view.__doc__ = name, summary
        return view

    return decorate


def _add_drafting(blp: Blueprint, kind: Kind) -> None:
    word, table = kind.word, kind.table

    @blp.route(f"/{table.name}", methods=["POST"])
    @policy(Role.COORDINATOR)
    @blp.arguments(kind.draft)
    @blp.command(kind.administered, status=201)
    @_called(f"draft_{word}", f"Draft an {word} that the caller's institution coordinates.")
    def draft(uow: UnitOfWork, body: dict[str, Any]) -> Any:
        kind.make(uow, owner_of(caller()), body)
        location = {"Location": f"/admission/v1/{table.name}/{body['id']}"}
        return administered(uow.connection, table, body["id"]), location

    @blp.route(f"/{table.name}/<id>", methods=["PUT"])
    @policy(Role.COORDINATOR)
    @blp.arguments(kind.draft)
    @blp.command(kind.administered)
    @_called(f"redraft_{word}", "Set the draft of the next version.")
    def redraft(uow: UnitOfWork, body: dict[str, Any], id: str) -> Any:  # noqa: A002
        kind.change(uow, owner_of(caller()), id, body)
        return administered(uow.connection, table, id)

    @blp.route(f"/{table.name}/<id>/draft", methods=["GET"])
    @policy(Role.COORDINATOR)
    @blp.query(kind.administered)
    @_called(f"read_{word}_draft", f"Read the draft and the state of an {word} of the caller's institution.")
    def read_draft(connection: sa.Connection, id: str) -> Any:  # noqa: A002
        return find_root(connection, table, id, owner=owner_of(caller()))


def _add_publication(blp: Blueprint, kind: Kind) -> None:
    summary = "Publish the draft as the next version; the refusal names everything that there is to mend."

    @blp.route(f"/{kind.table.name}/<id>/publication", methods=["POST"])
    @policy(Role.COORDINATOR)
    @blp.command(kind.administered, status=201)
    @_called(f"publish_{kind.word}", summary)
    def publish(uow: UnitOfWork, id: str) -> Any:  # noqa: A002
        kind.publish(uow, owner_of(caller()), id)
        return administered(uow.connection, kind.table, id)


def _add_versions(blp: Blueprint, kind: Kind) -> None:
    word, table = kind.word, kind.table

    @blp.route(f"/{table.name}/<id>", methods=["GET"])
    @policy.public
    @blp.query(kind.document)
    @_called(f"read_{word}", "Read the latest published version.")
    def read(connection: sa.Connection, id: str) -> Response:  # noqa: A002
        return _latest(connection, table, id)

    @blp.route(f"/{table.name}/<id>/versions", methods=["GET"])
    @policy.public
    @blp.query(Versions)
    @_called(f"list_{word}_versions", "List the published versions with their digests.")
    def list_all(connection: sa.Connection, id: str) -> Any:  # noqa: A002
        return _versions(connection, table, id)

    @blp.route(f"/{table.name}/<id>/versions/<int:number>", methods=["GET"])
    @policy.public
    @blp.query(kind.document)
    @_called(f"read_{word}_version", "Read one published version; it never changes.")
    def read_version(connection: sa.Connection, id: str, number: int) -> Response:  # noqa: A002
        return _immutable(connection, table, id, number)


def _versions(connection: sa.Connection, table: sa.Table, root_id: str) -> dict[str, Any]:
    """The published versions.

    Raises:
        NotFoundError: nothing is published under this id.
    """
    found = list_versions(connection, table, root_id)
    if not found:
        raise NotFoundError("Nothing is published under this id.")
    return {"id": root_id, "versions": found}


def published_root(connection: sa.Connection, table: sa.Table, root_id: str) -> sa.Row[Any]:
    """The root of something that anybody may read.

    Raises:
        NotFoundError: nothing is published under this id.
    """
    root = find_root(connection, table, root_id, owner=None)
    if root.published_version is None:
        raise NotFoundError("Nothing is published under this id.")
    return root


def published_version(
    connection: sa.Connection, table: sa.Table, root_id: str, number: int
) -> dict[str, Any]:
    """One published version.

    Raises:
        NotFoundError: nothing is published under this number.
    """
    if number > _MOST_VERSION:
        raise NotFoundError("Nothing is published under this number.")
    return published(connection, table, root_id, number)


def _latest(connection: sa.Connection, table: sa.Table, root_id: str) -> Response:
    """The latest published document; its ETag is that of the resource, for PUT and publication."""
    root = published_root(connection, table, root_id)
    return _document(published(connection, table, root_id, root.published_version), root.version, "no-cache")


def _immutable(connection: sa.Connection, table: sa.Table, root_id: str, number: int) -> Response:
    """One published version, for caches to keep for ever."""
    return _document(published_version(connection, table, root_id, number), number, FOR_EVER)


def _document(document: dict[str, Any], tag: int, caching: str) -> Response:
    response = Response(encode(document), content_type="application/json")
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = caching
    return response
