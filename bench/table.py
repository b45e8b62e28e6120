"""Lines of the table: what was measured, the figure and, where one is set, the goal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`met` says whether the goal is reached; None where there is no goal."""

    what: str
    figure: str
    goal: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"  {self.what:<44}{self.figure:<44}{self.goal:<28}{verdict}".rstrip()
