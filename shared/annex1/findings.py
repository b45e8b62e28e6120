"""What is found wrong with an element, by number and name."""

from dataclasses import dataclass
from typing import Literal

from shared.annex1.elements import MICRO_CREDENTIAL
from shared.annex1.names import NAMES_OF

Problem = Literal["missing", "malformed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one mandatory element, and the JSON pointer to where it stands or ought to stand."""

    element: int
    problem: Problem
    reason: str
    pointer: str
    document_type: str = MICRO_CREDENTIAL

    @property
    def name(self) -> str:
        return NAMES_OF[self.document_type][self.element]
