"""What the routes of agreements and offerings have in common."""

from typing import Any, Final

import sqlalchemy as sa
from flask import Response

from services.admission.store.documents import find_root, list_versions, published
from shared.domain import ForbiddenError, NotFoundError
from shared.web import Caller
from shared.web.execution import encode

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_MOST_VERSION: Final = 2**31 - 1


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


def own_draft(connection: sa.Connection, table: sa.Table, root_id: str, owner: str) -> sa.Row[Any]:
    return find_root(connection, table, root_id, owner=owner)


def versions_of(connection: sa.Connection, table: sa.Table, root_id: str) -> dict[str, Any]:
    """The published versions.

    Raises:
        NotFoundError: nothing is published under this id.
    """
    found = list_versions(connection, table, root_id)
    if not found:
        raise NotFoundError("Nothing is published under this id.")
    return {"id": root_id, "versions": found}


def latest_version(connection: sa.Connection, table: sa.Table, root_id: str) -> Response:
    """The latest published document; its ETag is that of the resource, for PUT and publication."""
    root = find_root(connection, table, root_id, owner=None)
    if root.published_version is None:
        raise NotFoundError("Nothing is published under this id.")
    return _document(published(connection, table, root_id, root.published_version), root.version, "no-cache")


def immutable(connection: sa.Connection, table: sa.Table, root_id: str, number: int) -> Response:
    """One published version, for caches to keep for ever."""
    if number > _MOST_VERSION:
        raise NotFoundError("Nothing is published under this number.")
    return _document(published(connection, table, root_id, number), number, _FOR_EVER)


def _document(document: dict[str, Any], tag: int, caching: str) -> Response:
    response = Response(encode(document), content_type="application/json")
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = caching
    return response
