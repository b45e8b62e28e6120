"""Published offering and agreement versions of admission, fetched once by REST and kept for ever (ADR 0004)."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal

import rfc8785
import sqlalchemy as sa

from shared.messaging.jobs import JobContext
from shared.messaging.parking import insert_once
from shared.messaging.tables import kept_documents

Document = dict[str, Any]
Kind = Literal["offerings", "agreements"]
_DIGEST: Final = "digest"


class WrongDocumentError(Exception):
    """What came is not the version asked for, or not what its digest says."""


def digest_of(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hex digest of the RFC 8785 form of `document` without its own digest."""
    content = {name: value for name, value in document.items() if name != _DIGEST}
    return f"sha256:{hashlib.sha256(rfc8785.dumps(content)).hexdigest()}"


def kept_document(connection: sa.Connection, kind: Kind, identifier: str, version: int) -> Document | None:
    """The version, where this service keeps it already."""
    where = (
        kept_documents.c.kind == kind,
        kept_documents.c.id == identifier,
        kept_documents.c.version == version,
    )
    found: Document | None = connection.execute(sa.select(kept_documents.c.content).where(*where)).scalar()
    return found


def published_document(context: JobContext, kind: Kind, identifier: str, version: int) -> Document:
    """The version, kept by this service or fetched from admission and kept from now on.

    Raises:
        RestError: admission cannot give it now; the job is tried again.
        WrongDocumentError: admission's answer is not that version, or its digest does not fit.
    """
    with context.read() as connection:
        known = kept_document(connection, kind, identifier, version)
    if known is not None:
        return known
    fetched: Document = context.rest.get("admission", f"/admission/v1/{kind}/{identifier}/versions/{version}")
    if (fetched.get("id"), fetched.get("version")) != (identifier, version):
        raise WrongDocumentError(f"asked for {kind} {identifier}@{version} and got another document")
    if fetched.get(_DIGEST) != digest_of(fetched):
        raise WrongDocumentError(f"{kind} {identifier}@{version} is not what its digest says")
    with context.unit_of_work() as unit_of_work:
        row = {"kind": kind, "id": identifier, "version": version, "content": fetched}
        insert_once(unit_of_work.connection, kept_documents, {**row, "kept_at": unit_of_work.now})
    return fetched
