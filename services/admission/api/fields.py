"""Fields of the documents and records of admission. Documents stay JSON: dates and decimals remain strings."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import available_timezones

import marshmallow as ma
from marshmallow import fields, validate

from shared.durations import is_duration
from shared.web.schema import FIRST_YEAR, LAST_YEAR

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MAX_TEXT: Final = 5_000
_MAX_LANGUAGES: Final = 40


class Text(fields.Dict):
    """A language map: BCP 47 keys, non-empty texts, English among them unless it is empty and may be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Regexp(_LANGUAGE.pattern + r"\Z")),
            values=fields.String(validate=validate.Length(min=1, max=_MAX_TEXT)),
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            texts: dict[str, str] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ma.ValidationError as error:
            raise ma.ValidationError(_by_language(error.messages)) from error
        if len(texts) > _MAX_LANGUAGES:
            raise ma.ValidationError(f"At most {_MAX_LANGUAGES} languages.")
        if texts and "en" not in texts:
            raise ma.ValidationError("A text in English ('en') is required beside the others.")
        return texts


def _by_language(messages: Any) -> Any:
    """What is wrong by language, without marshmallow's step between keys and values."""
    if not isinstance(messages, dict):
        return messages
    return {
        language: [text for texts in parts.values() for text in texts] for language, parts in messages.items()
    }


def text(**kwargs: Any) -> Text:
    """A language map; empty when left out."""
    return Text(**_left_out(dict, kwargs))


def _left_out(default: Any, options: dict[str, Any]) -> dict[str, Any]:
    return options if options.get("required") else {"load_default": default, **options}


def _checked(check: Any, message: str) -> Any:
    def validator(value: str) -> None:
        try:
            good = check(value)
        except (ValueError, OverflowError):
            good = False
        if not good:
            raise ma.ValidationError(message)

    return validator


def string(*checks: Any, **kwargs: Any) -> fields.String:
    """A string member of a document."""
    return fields.String(validate=list(checks), **kwargs)


def optional(field: Any, **kwargs: Any) -> Any:
    """`field` that may be null, and is null when left out."""
    field.allow_none = True
    field.required = False
    field.load_default = kwargs.get("default")
    return field


def identifier(**kwargs: Any) -> fields.String:
    """The id of a part of a document, or a code."""
    return string(validate.Regexp(r"[a-z0-9][a-z0-9_.-]{0,63}\Z"), **{"required": True, **kwargs})


def slug(**kwargs: Any) -> fields.String:
    """The id of an agreement or offering."""
    return string(
        validate.Regexp(r"[a-z0-9][a-z0-9-]{2,63}\Z", error="3 to 64 of a-z, 0-9 and hyphens."),
        **{"required": True, **kwargs},
    )


def institution(**kwargs: Any) -> fields.String:
    """A SCHAC code, such as helsinki.fi."""
    return string(
        validate.Regexp(
            r"(?=.{4,100}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+\Z",
            error="A SCHAC code, such as helsinki.fi.",
        ),
        **{"required": True, **kwargs},
    )


def code(*allowed: str, **kwargs: Any) -> fields.String:
    """One of the given codes."""
    return string(validate.OneOf(allowed), **{"required": True, **kwargs})


def words(**kwargs: Any) -> fields.String:
    """A line of text."""
    return string(validate.Length(min=1, max=500), **{"required": True, **kwargs})


def country(**kwargs: Any) -> fields.String:
    return string(
        validate.Regexp(r"[A-Z]{2}\Z", error="An ISO 3166-1 alpha-2 code."), **{"required": True, **kwargs}
    )


def duration(**kwargs: Any) -> fields.String:
    kwargs["metadata"] = {"format": "duration"}
    return string(
        validate.Length(max=40),
        _checked(is_duration, "An ISO 8601 duration such as P14D or PT48H."),
        **{"required": True, **kwargs},
    )


def day(**kwargs: Any) -> fields.String:
    """A calendar date that stays a string."""
    kwargs["metadata"] = {"format": "date"}
    return string(
        validate.Length(equal=10),
        _checked(_is_day, "A date such as 2026-01-31."),
        **{"required": True, **kwargs},
    )


def moment(**kwargs: Any) -> Any:
    """A moment with a time zone that stays a string, in UTC."""
    return MomentText(**{"required": True, **kwargs}, metadata={"format": "date-time"})


class MomentText(fields.String):
    """A moment of ISO 8601 with its offset, kept as text in UTC, so that texts sort by time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        given = super()._deserialize(value, attr, data, **kwargs)
        parsed = _parsed(given)
        if parsed is None or parsed.tzinfo is None or not FIRST_YEAR < parsed.year < LAST_YEAR:
            raise ma.ValidationError("A moment with its offset, such as 2026-01-31T12:00:00Z.")
        return parsed.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parsed(given: str) -> datetime | None:
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        return None


def credit(**kwargs: Any) -> fields.String:
    """A decimal string such as ECTS credits or a mark."""
    return string(
        validate.Regexp(r"[0-9]{1,6}(\.[0-9]{1,3})?\Z", error="A decimal number as a string, such as 7.5."),
        **{"required": True, **kwargs},
    )


def address(**kwargs: Any) -> fields.String:
    """A web address."""
    return string(
        validate.Length(max=500),
        validate.URL(schemes={"http", "https"}, require_tld=False),
        **{"required": True, **kwargs},
    )


def time_zone(**kwargs: Any) -> fields.String:
    zones = available_timezones()
    return string(
        validate.Length(max=60),
        _checked(zones.__contains__, "An IANA time zone such as Europe/Helsinki."),
        **{"required": True, **kwargs},
    )


def number(least: int, most: int, **kwargs: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(min=least, max=most), **{"required": True, **kwargs})


def listed(inner: Any, *, most: int = 100, **kwargs: Any) -> Any:
    """A list; empty when left out."""
    return fields.List(inner, validate=validate.Length(max=most), **_left_out(list, kwargs))


def distinct(inner: Any, *, least: int = 0, most: int = 100, **kwargs: Any) -> Any:
    """A list without repetition; empty when left out."""
    length = validate.Length(min=least, max=most)
    return fields.List(inner, validate=[length, _no_repetition], **_left_out(list, kwargs))


def _no_repetition(values: Sequence[Any]) -> None:
    if len(set(values)) != len(values):
        raise ma.ValidationError("Each entry once.")


def nested(schema: Any, **kwargs: Any) -> fields.Nested:
    return fields.Nested(schema, **{"required": True, **kwargs})


def _is_day(value: str) -> bool:
    day = date.fromisoformat(value)
    # Python reads other spellings too, such as 2026-W05-6; days are compared as texts.
    return day.isoformat() == value and FIRST_YEAR <= day.year <= LAST_YEAR
