"""Say where an input is wrong: marshmallow's messages as JSON pointers and names of parameters."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.web.problems import fragment

_UNKNOWN: Final = "Unknown field."
_HINTS: Final = {
    _UNKNOWN: "Unknown member; leave it out.",
    "Missing data for required field.": "Required; add it.",
    "Field may not be null.": "Must not be null.",
    "Invalid input type.": "Has to be a JSON object.",
    "Not a valid mapping type.": "Has to be a JSON object.",
    "Not a valid list.": "Has to be a list.",
    "Not a valid string.": "Has to be a text.",
    "Not a valid boolean.": "Has to be true or false.",
    "Not a valid integer.": "Has to be a whole number.",
    "Not a valid date.": "Has to be a date such as 2026-03-04.",
    "Not a valid aware datetime.": "Has to be a moment with its offset, such as 2026-03-04T09:30:00Z.",
    "Not a valid datetime.": "Has to be a moment with its offset, such as 2026-03-04T09:30:00Z.",
}


def errors_of(messages: Mapping[str, Any]) -> list[dict[str, str]]:
    """`messages` by location ("json", "query" ...) as entries for a problem document."""
    found: list[dict[str, str]] = []
    for location, tree in messages.items():
        for path, text in _leaves(tree, ()):
            detail = _HINTS.get(text, text)
            if location == "json":
                pointer = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
                found.append({"pointer": fragment(pointer), "detail": detail})
            else:
                name = path[0] if path else ""
                if text == _UNKNOWN:
                    detail = "Unknown parameter; leave it out."
                found.append({"parameter": name[:100], "detail": detail})
    return found


def _leaves(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, Mapping):
        for key, branch in tree.items():
            # marshmallow names what is wrong with a whole object "_schema", with a key or value "key"/"value".
            step = () if key == "_schema" else (str(key),)
            yield from _leaves(branch, path + step)
    elif isinstance(tree, list | tuple):
        for each in tree:
            yield from _leaves(each, path)
    else:
        yield path, str(tree)
