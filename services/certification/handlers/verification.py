"""Verify a certificate: one of ours by its address, or a credential that somebody presents.

The issuer's identity and everything shown come from this installation's own records, never from the document.
Nothing is fetched: a credential of another installation could not be checked, and is said to be so.
"""

import hashlib
import hmac
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.snapshot import Snapshot, text_in
from services.certification.domain.statement import STATEMENT, Statement
from services.certification.domain.verdict import Check, VerdictName, hold, verdict_of
from services.certification.formats.statements import title_of
from services.certification.handlers.checks import Checks, Document, registered, signed_content
from services.certification.store import queries, statements
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a certificate to anybody who has it; the holder's name is not part of it."""

    title: str
    issuer: str
    awarding_bodies: tuple[str, ...]
    issued_on: str
    language: str
    document_type: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome. `shown` is None where the signature does not hold: nothing of such a document is repeated."""

    verdict: VerdictName
    checks: tuple[Check, ...]
    checked_at: datetime
    shown: Shown | None = None


def verify_address(
    connection: sa.Connection, settings: Settings, now: datetime, public_id: str
) -> Verdict | None:
    """The verdict on the certificate behind a verification address; None where there is none."""
    row = queries.by_public_id(connection, public_id) or statements.by_public_id(connection, public_id)
    content = signed_content(connection, row)
    if content is None:
        return None
    return verdict_by(Checks(connection, settings, now, json.loads(content), row))


def verify_presented(
    connection: sa.Connection, settings: Settings, now: datetime, document: Document
) -> Verdict:
    """The verdict on a credential that somebody presents."""
    return verdict_by(Checks(connection, settings, now, document, registered(connection, document.get("id"))))


def verdict_by(checks: Checks) -> Verdict:
    """The verdict of `checks`."""
    made = checks.run()
    shown = shown_of(checks.row) if hold(made, "format", "issuer", "proof") else None
    return Verdict(verdict_of(made), made, checks.now, shown)


def shown_of(row: sa.Row[Any] | None) -> Shown | None:
    """What the register shows of a credential whose signature holds, by its row."""
    if row is None:
        return None
    if hasattr(row, "recognition_id"):
        return _statement_shown(Statement.from_json(row.snapshot))
    snapshot = Snapshot.from_json(row.snapshot)
    elements, language = snapshot.elements, snapshot.language
    return Shown(
        title=text_in(elements.title, language),
        issuer=text_in(elements.issuer.name, language),
        awarding_bodies=tuple(text_in(body.name, language) for body in elements.awarding_bodies),
        issued_on=elements.issued_on or "",
        language=language,
        document_type=elements.document_type,
    )


def _statement_shown(statement: Statement) -> Shown:
    institution = text_in(statement.institution.name, "en")
    return Shown(
        title=title_of(statement),
        issuer=institution,
        awarding_bodies=(institution,),
        issued_on=statement.issued_at[:10],
        language="en",
        document_type=STATEMENT,
    )


# Letters that no decomposition turns into their base letter.
_WITHOUT_STROKE: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
)


def is_holder(connection: sa.Connection, public_id: str, name: str) -> bool:
    """Whether `name` is the holder's, as somebody with another keyboard types it from paper.

    Case, accents, punctuation and the order of the names do not count. The comparison takes the same time wherever
    the names differ.
    """
    row = queries.by_public_id(connection, public_id)
    if row is not None:
        holder = Snapshot.from_json(row.snapshot).elements.learner.full_name
        return same_name(name, holder)
    statement = statements.by_public_id(connection, public_id)
    if statement is None:
        return False
    return same_name(name, Statement.from_json(statement.snapshot).learner.full_name)


def same_name(one: str, other: str) -> bool:
    """Whether two people would read the same name, whatever the case, accents, punctuation and order."""
    return hmac.compare_digest(_fingerprint(one), _fingerprint(other))


def _fingerprint(name: str) -> bytes:
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_WITHOUT_STROKE)
    letters = "".join(
        " " if not character.isalnum() else character
        for character in plain
        if not unicodedata.combining(character)
    )
    words = " ".join(sorted(letters.split()))
    return hashlib.sha256(words.encode("utf-8", "replace")).digest()
