"""One way in which a mandatory element is missing or malformed."""

from dataclasses import dataclass

from shared.annex1.elements import MICRO_CREDENTIAL
from shared.annex1.names import NAMES_OF


@dataclass(frozen=True, slots=True)
class Missing:
    """One mandatory element that is missing or malformed.

    `source` says from whom it comes: learner, offering, agreement, assessment or certification.
    `pointer` leads to the field of the document it comes from, where there is one.
    """

    element: int
    reason: str
    source: str
    pointer: str | None = None
    document_type: str = MICRO_CREDENTIAL

    @property
    def name(self) -> str:
        return NAMES_OF[self.document_type][self.element]
