"""Offering versions as admission published them, among those this service keeps."""

from collections.abc import Iterable

import sqlalchemy as sa

from shared.messaging.documents import Document, kept_document


def all_kept(connection: sa.Connection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Document]:
    """Those of the wanted offering versions that are here."""
    found = {key: kept_document(connection, "offerings", *key) for key in set(wanted)}
    return {key: document for key, document in found.items() if document is not None}
