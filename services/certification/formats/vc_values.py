"""What values of credentials look like: URLs, moments, texts, types; one or several of them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MOMENT: Final = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?P<offset>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
)


def is_url(value: object) -> bool:
    """Whether `value` is an absolute URL (DIDs and URNs among them)."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def instant_of(value: object, *, offset_optional: bool = False) -> datetime | None:
    """The moment that an XML Schema dateTimeStamp names; None where `value` is none.

    A dateTime without offset counts as UTC where that is allowed; 24:00:00 is the first moment of the next day.
    """
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or not isinstance(value, str) or not (match["offset"] or offset_optional):
        return None
    begins_next_day = value.partition("T")[2].startswith("24")
    text = value.replace("T24", "T00") if begins_next_day else value
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        moment += timedelta(days=begins_next_day)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def several(value: Any) -> list[Any]:
    """The entries of a member, which may be a list or a single one."""
    return value if isinstance(value, list) else [value]


def is_type(value: object) -> bool:
    """Whether `value` is one or more names."""
    values = several(value)
    return bool(values) and all(isinstance(each, str) and each.strip() for each in values)


def is_text(value: object) -> bool:
    """Whether `value` is a text, or one with its language and direction."""
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or not set(value) <= {"@value", "@language", "@direction"}:
        return False
    language, direction = value.get("@language", "en"), value.get("@direction", "ltr")
    return (
        isinstance(value.get("@value"), str)
        and isinstance(language, str)
        and _LANGUAGE.fullmatch(language) is not None
        and direction in ("ltr", "rtl")
    )
