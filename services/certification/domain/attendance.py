"""What a certificate of attendance says: that somebody took part, for how long, and who confirms it. Nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.certification.domain.award import Award
from shared.annex1 import (
    ATTENDANCE,
    Elements,
    Learner,
    OutcomeResult,
    attended,
    elements_from,
    institution,
)

ATTENDED_ONLY: Final = (
    "This certificate confirms attendance. Nothing was assessed, no learning outcome is certified and no credits are "
    "awarded."
)
NOT_ASSESSED: Final = "Not assessed"

Document = Mapping[str, Any]


def elements_of(
    award: Award,
    offering: Document,
    agreement: Document,
    learner: Learner,
    results: Sequence[OutcomeResult],
    *,
    issued_on: date | None,
) -> Elements:
    """The elements of the award's document, of whichever type, as far as they are there."""
    elements = elements_from(
        offering,
        agreement,
        learner,
        results,
        participation=offering.get("participation"),
        issued_on=issued_on,
        document_type=award.document_type,
    )
    return _attended(elements, award, agreement) if award.document_type == ATTENDANCE else elements


def _attended(elements: Elements, award: Award, agreement: Document) -> Elements:
    confirmed = award.attendance
    if confirmed is None:
        return attended(elements, None, None)
    return attended(elements, institution(agreement, confirmed.institution), confirmed.hours)
