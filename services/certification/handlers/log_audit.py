"""Compute the transparency log again from the database and say where it, the register and the checkpoints differ.

A checkpoint that somebody saved elsewhere is what makes a removed entry or a split view visible; those kept here show
the rest.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature

from services.certification.domain.merkle import parent, root
from services.certification.domain.transparency import LOG_ISSUER, Checkpoint, NoteError, key_id, parse_note
from services.certification.formats.multikey import public_key
from services.certification.formats.renderer import OPEN_BADGES
from services.certification.handlers.log import log_origin
from services.certification.handlers.statement_audit import statement_findings
from services.certification.store import issuer_keys, log
from services.certification.store.tables import certificates, renderings
from shared.settings import Settings

LONGEST_TRANSACTION: Final = timedelta(minutes=1)
"""An entry may bear a moment that much before the checkpoint that it came after, and no more."""

_AT_ONCE: Final = 200
"""Documents that are in memory at the same time."""

_STATE_AFTER: Final = {
    "issued": "issued",
    "reinstated": "issued",
    "suspended": "suspended",
    "revoked": "revoked",
    "superseded": "superseded",
}
Rows = Sequence[sa.Row[Any]]


@dataclass(frozen=True, slots=True)
class LogAudit:
    """The log as computed again: `findings` is empty where everything agrees; `waiting` entries have no place yet."""

    size: int
    root: str
    waiting: int
    findings: tuple[str, ...]


def audit_log(connection: sa.Connection, settings: Settings, saved: Mapping[str, str]) -> LogAudit:
    """Audit the log. `saved` are checkpoints from elsewhere: the text of each note by the name of its source."""
    rows = log.entries(connection)
    placed = [row for row in rows if row.position is not None]
    kept = log.checkpoints(connection)
    notes = {f"the checkpoint of {row.size} entries": row.note for row in kept} | dict(saved)
    findings = [
        *_places(placed),
        *_tree(connection, placed),
        *_checkpoints(connection, settings, placed, notes),
        *_back_dated(placed, kept),
        *_register(connection, rows),
        *statement_findings(connection, rows),
        *_keys(connection, rows),
    ]
    found = roots_at(_leaves(placed), {len(placed)}).get(len(placed), hashlib.sha256(b"").digest())
    return LogAudit(len(placed), found.hex(), len(rows) - len(placed), tuple(findings))


def roots_at(leaves: Iterable[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The roots over the first so many leaves, in one pass over them."""
    found: dict[int, bytes] = {}
    stack: list[tuple[int, bytes]] = []
    for size, leaf in enumerate(leaves, start=1):
        level, hash_ = 0, leaf
        while stack and stack[-1][0] == level:
            hash_ = parent(stack.pop()[1], hash_)
            level += 1
        stack.append((level, hash_))
        if size in sizes:
            whole = stack[-1][1]
            for _, left in stack[-2::-1]:
                whole = parent(left, whole)
            found[size] = whole
    return found


def _leaves(placed: Rows) -> Iterator[bytes]:
    return (log.entry_of(row).leaf for row in placed)


def _places(placed: Rows) -> Iterator[str]:
    expected = 0
    for row in placed:
        if row.position != expected:
            yield f"entry {expected} is gone: after it comes {row.position}"
        expected = row.position + 1
        if log.entry_of(row).leaf.hex() != row.leaf:
            yield f"entry {row.position} says something else than when it was written"


def _tree(connection: sa.Connection, placed: Rows) -> Iterator[str]:
    if not placed:
        return
    recorded = roots_at((bytes.fromhex(row.leaf) for row in placed), {len(placed)})[len(placed)]
    try:
        stored = root(log.nodes(connection), len(placed))
    except sa.exc.NoResultFound:
        stored = b""
    if stored != recorded:
        yield "the stored tree is not that of the entries"


def _checkpoints(
    connection: sa.Connection, settings: Settings, placed: Rows, notes: Mapping[str, str]
) -> Iterator[str]:
    parsed: dict[str, Checkpoint] = {}
    for source, note in notes.items():
        try:
            parsed[source] = _signed(connection, settings, note)
        except NoteError as error:
            yield f"{source}: {error}"
    roots = roots_at(_leaves(placed), {checkpoint.size for checkpoint in parsed.values()})
    for source, checkpoint in parsed.items():
        if checkpoint.size > len(placed):
            yield f"{source}: the log has {len(placed)} entries, and had {checkpoint.size}"
        elif roots.get(checkpoint.size) != checkpoint.root:
            yield f"{source}: signed for another history of the first {checkpoint.size} entries (a split view)"


def _signed(connection: sa.Connection, settings: Settings, note: str) -> Checkpoint:
    checkpoint, identifier, signature = parse_note(note)
    if checkpoint.origin != log_origin(settings):
        raise NoteError(f"it is of another log, {checkpoint.origin}")
    for key in issuer_keys.in_states(connection, LOG_ISSUER, issuer_keys.SIGNED):
        public = public_key(key)
        if key_id(checkpoint.origin, public.public_bytes_raw()) == identifier:
            try:
                public.verify(signature, checkpoint.text.encode())
            except InvalidSignature:
                raise NoteError("its signature does not hold") from None
            return checkpoint
    raise NoteError("it is not signed by a key of this log")


def _back_dated(placed: Rows, kept: Rows) -> Iterator[str]:
    for earlier, later in pairwise(kept):
        if later.at < earlier.at:
            yield f"the checkpoint of {later.size} entries is older than that of {earlier.size}"
    before: datetime | None = None
    waiting = list(kept)
    for row in placed:
        while waiting and waiting[0].size <= row.position:
            before = waiting.pop(0).at
        if before is not None and row.at < before - LONGEST_TRANSACTION:
            yield f"entry {row.position} is back-dated: it came after {before}, and says {row.at}"


def _register(connection: sa.Connection, rows: Rows) -> Iterator[str]:
    told: dict[str, list[sa.Row[Any]]] = {}
    for row in rows:
        told.setdefault(row.subject, []).append(row)
    statement = (
        sa.select(certificates.c.id, certificates.c.state, certificates.c.issued_at, renderings.c.content)
        .join(renderings, renderings.c.certificate_id == certificates.c.id)
        .where(renderings.c.format == OPEN_BADGES)
    )
    known = set()
    for certificate in connection.execute(statement.execution_options(yield_per=_AT_ONCE)):
        known.add(certificate.id)
        yield from _certificate(certificate, told.get(certificate.id, []))
    for row in rows:
        if row.kind == "issued" and row.subject not in known:
            yield f"certificate {row.subject} was issued, and the register has it no more"


def _certificate(certificate: Any, told: Rows) -> Iterator[str]:
    issued = [row for row in told if row.kind == "issued"]
    if len(issued) != 1:
        yield f"certificate {certificate.id} was issued {len(issued)} times by the log"
        return
    if issued[0].at != certificate.issued_at:
        yield f"certificate {certificate.id} says it was issued at {certificate.issued_at}, the log {issued[0].at}"
    if issued[0].digest != "sha256:" + hashlib.sha256(certificate.content).hexdigest():
        yield f"certificate {certificate.id} is not the document that was issued"
    last = max(row.at for row in told)
    if certificate.state not in {_STATE_AFTER[row.kind] for row in told if row.at == last}:
        yield f"certificate {certificate.id} is {certificate.state}, which the log does not say"


def _keys(connection: sa.Connection, rows: Rows) -> Iterator[str]:
    activated = {row.subject for row in rows if row.kind == "key_activated"}
    for key in issuer_keys.everyone(connection):
        if key.activated_at is not None and key.multikey not in activated:
            yield f"key {key.multikey} of {key.institution} was activated beside the log"
