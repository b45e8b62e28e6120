"""Whether the statements about recognition and the transparency log say the same."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from services.certification.store.recognition_tables import recognition_statements


def statement_findings(connection: sa.Connection, entries: Sequence[sa.Row[Any]]) -> Iterator[str]:
    """A statement that the log does not have, that is another document by now, or that is gone."""
    told = {entry.subject: entry for entry in entries if entry.kind == "stated"}
    signed = sa.select(recognition_statements.c.id, recognition_statements.c.content).where(
        recognition_statements.c.issued_at.is_not(None)
    )
    for statement in connection.execute(signed.execution_options(yield_per=200)):
        entry = told.pop(statement.id, None)
        if entry is None:
            yield f"statement {statement.id} was made beside the log"
        elif entry.digest != "sha256:" + hashlib.sha256(statement.content).hexdigest():
            yield f"statement {statement.id} is not the document that was made"
    for subject in told:
        yield f"statement {subject} was made, and the register has it no more"
