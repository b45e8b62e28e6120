"""Read JSON the way every other parser will: what two parsers could read differently is refused (ASVS 1.5.3)."""

import json
from typing import Any, Final, NoReturn

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**63 - 1
MIN_INTEGER: Final = -(2**63)
_MAX_DIGITS: Final = 20
_MAX_NUMBER_TEXT: Final = 64
_INFINITIES: Final = (float("inf"), float("-inf"))


class MalformedJsonError(ValueError):
    """The bytes are not JSON that all parsers read alike; the message says what to mend."""


def loads(data: bytes) -> Any:
    """The document in `data`: UTF-8, nested at most 32 deep, integers of 64 bits, every member once.

    Raises:
        MalformedJsonError: not JSON; or deeper, longer in digits, with a member twice, a lone surrogate or NUL.
    """
    try:
        text = data.decode("utf-8")
        document = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"The body is not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise MalformedJsonError(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise MalformedJsonError(_TOO_DEEP) from error
    _check(document, 1, escaped="\\u" in text)
    return document


_TOO_DEEP: Final = f"The body is nested deeper than {MAX_DEPTH} levels."


def _check(value: Any, depth: int, *, escaped: bool) -> None:
    """Refuse what is nested too deep and, where the text had escapes, strings that are not Unicode text."""
    if isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise MalformedJsonError(_TOO_DEEP)
        if isinstance(value, dict) and escaped:
            _check(list(value), depth, escaped=True)
        for member in value.values() if isinstance(value, dict) else value:
            if escaped or isinstance(member, dict | list):
                _check(member, depth + 1, escaped=escaped)
    elif escaped and isinstance(value, str):
        _check_text(value)


def _check_text(text: str) -> None:
    # Raw NUL and raw surrogates cannot get this far: strict JSON and strict UTF-8 refuse them. Escapes can.
    if "\x00" in text:
        raise MalformedJsonError("The body has a NUL character in a string; leave it out.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedJsonError("The body has half of a surrogate pair in a string.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJsonError("The body has an object with the same member twice.")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or not MIN_INTEGER <= (number := int(digits)) <= MAX_INTEGER:
        raise MalformedJsonError("The body has an integer beyond 64 bits.")
    return number


def _fraction(text: str) -> float:
    if len(text) > _MAX_NUMBER_TEXT or (number := float(text)) in _INFINITIES:
        raise MalformedJsonError("The body has a number out of range.")
    return number


def _constant(name: str) -> NoReturn:
    raise MalformedJsonError(f"The body has {name}, which is not JSON.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
