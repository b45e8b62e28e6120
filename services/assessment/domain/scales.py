"""Marks are strings on a scale; nothing is converted, and rounding is explicit (practice C2, AST-05)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from shared.domain import InvalidError

PASS_OR_FAIL: Final = "pass_or_fail"  # noqa: S105 - a scale, not a password
_HIGHEST: Final = {"grade_0_100": Decimal(100), "grade_0_10": Decimal(10)}
_WORDS: Final = {"fail": Decimal(0), "pass": Decimal(1)}
_DECIMAL: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of the field (OOAPI `resultValueType`) and the lowest passing mark on it.

    `pass_or_fail` knows the marks `pass` and `fail`; the others decimal strings with a point and at most two
    places, of which `lowest_pass` and above pass (half of the scale where the template names none).
    """

    type: str
    lowest_pass: str | None = None

    def __post_init__(self) -> None:
        if self.type == PASS_OR_FAIL:
            return
        if self.type not in _HIGHEST:
            raise InvalidError(f"'{self.type}' is not a scale: {PASS_OR_FAIL}, {', '.join(_HIGHEST)}")
        highest = _HIGHEST[self.type]
        lowest = highest / 2 if self.lowest_pass is None else Decimal(self.lowest_pass)
        if not 0 <= lowest <= highest:
            raise InvalidError(f"nobody can pass at {self.lowest_pass} on the scale {self.type}")
        object.__setattr__(self, "lowest_pass", _spelled(lowest))

    def read(self, mark: str) -> str:
        """`mark` in its one spelling (`072.50` is `72.5`).

        Raises:
            InvalidError: it is not a mark of this scale.
        """
        if self.type == PASS_OR_FAIL:
            if mark not in _WORDS:
                raise InvalidError("a mark of this scale is 'pass' or 'fail'")
            return mark
        if not _DECIMAL.fullmatch(mark) or Decimal(mark) > _HIGHEST[self.type]:
            raise InvalidError(
                f"a mark of this scale is a decimal string from 0 to {_HIGHEST[self.type]}, such as '7.25'"
            )
        return _spelled(Decimal(mark))

    def rank(self, mark: str) -> Decimal:
        """A number that orders the marks of this scale."""
        return _WORDS[mark] if self.type == PASS_OR_FAIL else Decimal(mark)

    def passes(self, mark: str) -> bool:
        return self.rank(mark) >= (Decimal(1) if self.lowest_pass is None else Decimal(self.lowest_pass))

    def distance(self, one: str, other: str) -> Decimal:
        return abs(self.rank(one) - self.rank(other))

    def average(self, marks: Sequence[str]) -> str:
        """The mean, rounded half up to two places; on `pass_or_fail` the majority, and `pass` where it is even."""
        mean = sum(self.rank(mark) for mark in marks) / Decimal(len(marks))
        if self.type == PASS_OR_FAIL:
            return "pass" if mean >= Decimal("0.5") else "fail"
        return _spelled(mean.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _spelled(value: Decimal) -> str:
    return format(value.normalize(), "f")
