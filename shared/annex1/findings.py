"""What is found wrong with an element, by number and name."""

from dataclasses import dataclass
from typing import Literal

from shared.annex1.looks import ELEMENT_NAMES

Problem = Literal["missing", "malformed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one mandatory element, and the JSON pointer to where it stands or ought to stand."""

    element: int
    problem: Problem
    reason: str
    pointer: str

    @property
    def name(self) -> str:
        return ELEMENT_NAMES[self.element]
