"""Why a signed certificate does not stand, in the words that its awarding body has published."""

from typing import Any, Final

import sqlalchemy as sa

from services.certification.domain.manual import REPLACEMENT_REASONS, REVOCATION_REASONS, SUSPENSION_REASONS

_STANDING: Final = {
    "suspended": ("It is suspended", SUSPENSION_REASONS),
    "revoked": ("It was revoked", REVOCATION_REASONS),
    "superseded": ("It was replaced by a newer certificate", REPLACEMENT_REASONS),
}


def why_not(row: sa.Row[Any]) -> str | None:
    """Why the certificate, or the statement about recognition, of `row` does not stand; None where it does."""
    if row.state not in _STANDING:
        return None
    if hasattr(row, "recognition_id"):
        return "It was replaced by a later decision of the same institution."
    said, reasons = _STANDING[row.state]
    why = reasons.get(row.reason_code)
    return f"{said}: {why}." if why else f"{said}."
