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

    @property
    def passed(self) -> bool:
        """With or without a remark."""
        return self.outcome in {"passed", "remark"}


@dataclass(frozen=True, slots=True)
class Finding(Check):
    """A check of anybody's credential; `code` is the name of the error in the W3C's specifications."""

    code: str = "MALFORMED_VALUE_ERROR"


def verdict_of(checks: Iterable[Check]) -> VerdictName:
    """The verdict over `checks`; one that is missing counts as not made, and of several of one name each counts.

    A failure outweighs everything: what is wrong stays wrong whatever else could not be looked at.
    """
    found = {check.outcome for check in whole(checks)}
    if "failed" in found:
        return "not_valid"
    if "unchecked" in found:
        return "could_not_be_checked"
    return "valid_with_remark" if "remark" in found else "valid"


def whole(made: Iterable[Check]) -> tuple[Check, ...]:
    """`made` with the checks that were not reached."""
    checks = tuple(made)
    told = "Not looked at, because of the result above."
    names = {check.name for check in checks}
    return (*checks, *(Check(name, "unchecked", told) for name in CHECKS if name not in names))


def hold(checks: Iterable[Check], *names: str) -> bool:
    """Whether each of the checks of these names passed, with or without a remark."""
    return all(check.passed for check in checks if check.name in names)
