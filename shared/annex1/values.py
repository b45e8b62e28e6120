"""Whether a value, of our record or from a stranger's hand, can be used as what it stands for."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.+)?")
_LAYOUT: Final = frozenset("\t\n\r")


def is_text(value: object) -> bool:
    """Whether `value` is a string that shows something and hides nothing (no control characters)."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)
    )


def is_readable(value: object) -> bool:
    """Whether `value` is a string that shows something; line breaks may be in it, other control characters not."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not any(unicodedata.category(each) in {"Cc", "Cs"} for each in value if each not in _LAYOUT)
    )


def is_date(value: str | None) -> bool:
    """Whether `value` is a date of the calendar and nothing more."""
    try:
        date.fromisoformat(value or "")
    except ValueError:
        return False
    return True


def is_day(value: object) -> bool:
    """Whether `value` is an ISO 8601 date of the calendar, alone or with a time of day."""
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def is_positive(value: object) -> bool:
    """Whether `value` is a number above zero, or the decimal text of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0
