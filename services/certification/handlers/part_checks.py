"""The parts of a larger certificate as a verifier sees them: each by its id and digest, each as it stands now."""

from typing import Any

import sqlalchemy as sa

from services.certification.domain.larger import PartReference, StackReference
from services.certification.domain.snapshot import text_in
from services.certification.domain.verdict import Check
from services.certification.handlers.standing import why_not
from services.certification.store import queries


def part_checks(connection: sa.Connection, row: sa.Row[Any] | None) -> tuple[Check, ...]:
    """A check for each part of the certificate behind `row`; none where it is made of nothing else.

    A part that does not stand is a remark: what follows for the larger award is decided by its body (CRT-24).
    """
    stack = (row.snapshot or {}).get("stack") if row is not None else None
    if stack is None:
        return ()
    parts = StackReference.from_json(stack).parts
    known = queries.signed(connection, [part.certificate_id for part in parts])
    return tuple(
        _check(known.get(part.certificate_id), part, f"part-{number}")
        for number, part in enumerate(parts, start=1)
    )


def _check(row: sa.Row[Any] | None, part: PartReference, name: str) -> Check:
    what = f"'{text_in(part.title, 'en')}' of {part.issuer}, certificate {part.certificate_id}"
    if row is None or f"sha256:{row.sha256}" != part.digest:
        return Check(name, "unchecked", f"{what}: it is not on record as it is named here.")
    if (reason := why_not(row)) is not None:
        follows = "What follows for this certificate, its awarding body decides."
        return Check(name, "remark", f"{what}: {reason[0].lower()}{reason[1:]} {follows}")
    return Check(name, "passed", f"{what}: it is on record with the digest {part.digest}, and stands.")
