"""The base of every schema at the edge: nothing unknown, nothing unbounded, nothing quietly converted.

Bounds that a schema does not set are added when a field is bound, so that they are enforced and documented alike.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from shared.web.strict_json import MAX_INTEGER, MIN_INTEGER

MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 1_000
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999


class Schema(ma.Schema):
    """Unknown members are refused; text, lists, integers and dates have bounds; a JSON kind is not another one."""

    paged = False
    """Whether these are the filters of a list, so that the parameters that page through it are not unknown."""

    class Meta:  # noqa: D106 - marshmallow's name for a schema's options
        unknown = ma.RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        if not field_obj.dump_only:
            _bound(field_obj)


def relaxed(schema: ma.Schema) -> Any:
    """`schema` for parameters of a URL, where every value is text."""
    for field in schema.load_fields.values():
        for each in (field, getattr(field, "inner", None)):
            if each is not None:
                each.pre_load = [check for check in each.pre_load if not isinstance(check, _Kind)]
                if isinstance(each, fields.Integer):
                    each.strict = False
    return schema


class _Kind:
    """Lets only values of a JSON kind through: "1" is no number, 1 is no truth value."""

    def __init__(self, message: str, *kinds: type) -> None:
        self._message = message
        self._kinds = kinds

    def __call__(self, value: Any) -> Any:
        if value is None or type(value) in self._kinds:
            return value
        raise ma.ValidationError(self._message)


_INTEGER: Final = _Kind("Not a JSON integer.", int)
_NUMBER: Final = _Kind("Not a JSON number.", int, float)
_TEXT: Final = _Kind("Not a JSON string.", str)
_TRUTH: Final = _Kind("Not true or false.", bool)


class _Years:
    """A validator: the date lies in years that every calendar, database and document can hold."""

    def __call__(self, value: dt.date | dt.datetime) -> None:
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ma.ValidationError(f"The year is not between {FIRST_YEAR} and {LAST_YEAR}.")


_YEARS: Final = _Years()


def _finite(value: Decimal) -> None:
    if not value.is_finite() or len(value.as_tuple().digits) > 30 or abs(value.adjusted()) > 30:  # noqa: PLR2004
        raise ma.ValidationError("Not a number of at most 30 digits.")


def _bound(field: Any) -> None:
    """Add the bounds that `field`, or what it is a list or mapping of, lacks."""
    for part in _parts(field):
        _bound(part)
    if isinstance(field, fields.Integer):
        field.strict = True
    for kind, check in _KINDS:
        if isinstance(field, kind):
            _check_kind(field, check)
            break
    if isinstance(field, fields.Decimal):
        field.pre_load = [_TEXT if field.as_string else _NUMBER, *field.pre_load]
    field.validators = [_to_the_end(validator) for validator in field.validators]
    for kind, validator in _BOUNDS:
        if isinstance(field, kind) and not isinstance(field, fields.UUID):
            _add(field, validator)


def _parts(field: Any) -> list[Any]:
    if isinstance(field, fields.List):
        return [field.inner]
    if isinstance(field, fields.Tuple):
        return list(field.tuple_fields)
    if isinstance(field, fields.Mapping):
        return [part for part in (field.key_field, field.value_field) if part is not None]
    return []


_KINDS: Final[tuple[tuple[type[Any], _Kind], ...]] = (
    (fields.Integer, _INTEGER),
    (fields.Float, _NUMBER),
    (fields.Boolean, _TRUTH),
)
_BOUNDS: Final[tuple[tuple[type[Any], Any], ...]] = (
    (fields.List, validate.Length(max=MAX_ITEMS)),
    (fields.Integer, validate.Range(min=MIN_INTEGER, max=MAX_INTEGER)),
    (fields.Decimal, _finite),
    (fields.Date, _YEARS),
    (fields.DateTime, _YEARS),
    (fields.String, validate.Length(max=MAX_TEXT)),
)


def _to_the_end(validator: Any) -> Any:
    """`validator` where `$` means the end of the text: to Python it also means before a line break at the end."""
    pattern = validator.regex.pattern if isinstance(validator, validate.Regexp) else ""
    if not isinstance(pattern, str) or not pattern.endswith("$") or pattern.endswith("\\$"):
        return validator
    flags = validator.regex.flags & ~re.UNICODE
    return validate.Regexp(pattern[:-1] + r"\Z", flags, error=validator.error)


def _check_kind(field: Any, kind: _Kind) -> None:
    if kind not in field.pre_load:
        field.pre_load = [kind, *field.pre_load]


def _add(field: Any, validator: Any) -> None:
    kind = type(validator)
    bounds = kind in (validate.Length, validate.Range)
    if not any(_bounds_above(each, kind) if bounds else each is validator for each in field.validators):
        field.validators = [*field.validators, validator]


def _bounds_above(validator: Any, kind: type) -> bool:
    """Whether `validator` already limits upwards what `kind` limits."""
    if isinstance(validator, validate.OneOf | validate.Equal):
        return True
    if not isinstance(validator, kind):
        return False
    return getattr(validator, "max", None) is not None or getattr(validator, "equal", None) is not None
