"""What is said about a certificate after looking at it: four verdicts, never a green one without every check."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

VerdictName = Literal["valid", "valid_with_remark", "not_valid", "could_not_be_checked"]
Outcome = Literal["passed", "remark", "failed", "unchecked"]

CHECKS: Final = ("format", "issuer", "proof", "status", "dates")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tested: what was found, in a sentence that a layman understands."""

    name: str
    outcome: Outcome
    detail: str


def verdict_of(checks: Iterable[Check]) -> VerdictName:
    """The verdict over `checks`; one that is missing counts as not made.

    A failure outweighs everything: what is wrong stays wrong whatever else could not be looked at.
    """
    outcomes: dict[str, Outcome] = dict.fromkeys(CHECKS, "unchecked")
    outcomes |= {check.name: check.outcome for check in checks}
    found = set(outcomes.values())
    if "failed" in found:
        return "not_valid"
    if "unchecked" in found:
        return "could_not_be_checked"
    return "valid_with_remark" if "remark" in found else "valid"
