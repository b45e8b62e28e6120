"""Find values in a JSON document that strangers wrote: one or many, nothing expected, each with its JSON pointer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.annex1.reading import Facts, Found

_IDS: Final = ("id", "@id")


class Nodes:
    """A document whose members are followed by name. A list counts as its items, wherever one stands.

    With `linked`, nodes with the same identifier are one node, as in JSON-LD: what is said about it anywhere is said
    about it everywhere, and an identifier alone leads to it.
    """

    def __init__(self, document: Any, *, linked: bool = False) -> None:
        self._root = Found(document, "")
        self._same: Mapping[str, Facts] = _by_identifier(self._root) if linked else {}

    def at(self, *path: str) -> Facts:
        """The values at the end of `path`, from the root."""
        return self.below((self._root,), *path)

    def below(self, found: Facts, *path: str) -> Facts:
        """The values at the end of `path`, from each of `found`; the same value only once."""
        for member in path:
            found = _once(
                child for one in found for node in self.described(one) for child in _members(node, member)
            )
        return found

    def described(self, one: Found) -> Facts:
        """Every description of the node that `one` is or names; `one` itself where it has no identifier."""
        identifier = one.value if isinstance(one.value, str) else _identifier(one.value)
        return self._same.get(identifier, (one,)) if identifier is not None else (one,)


def texts(found: Facts) -> Facts:
    """Each text of `found`: a plain one, or every one of a language map. Other values stay as they are."""
    return tuple(text for one in found for text in _texts(one))


def words(found: Facts) -> tuple[str, ...]:
    """The values of `found` that are strings."""
    return tuple(one.value for one in found if isinstance(one.value, str))


def objects(found: Facts) -> Facts:
    """The values of `found` that are JSON objects."""
    return tuple(one for one in found if isinstance(one.value, dict))


def _texts(one: Found) -> Iterator[Found]:
    if not isinstance(one.value, dict):
        yield one
        return
    for language in one.value:
        yield from _members(one, language)


def _members(node: Found, member: str) -> Iterator[Found]:
    if not isinstance(node.value, dict) or node.value.get(member) is None:
        return
    value, pointer = node.value[member], f"{node.pointer}/{_escaped(member)}"
    if isinstance(value, list):
        yield from _items(Found(value, pointer))
    else:
        yield Found(value, pointer)


def _items(one: Found) -> Iterator[Found]:
    for index, item in enumerate(one.value):
        if item is not None:
            yield Found(item, f"{one.pointer}/{index}")


def _escaped(member: str) -> str:
    return member.replace("~", "~0").replace("/", "~1")


def _identifier(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((value[name] for name in _IDS if isinstance(value.get(name), str)), None)


def _once(found: Iterator[Found]) -> Facts:
    kept: dict[str, Found] = {}
    for one in found:
        kept.setdefault(json.dumps(one.value, sort_keys=True), one)
    return tuple(kept.values())


def _by_identifier(root: Found) -> Mapping[str, Facts]:
    same: dict[str, Facts] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one.value, list):
            waiting.extend(_items(one))
        elif isinstance(one.value, dict):
            identifier = _identifier(one.value)
            if identifier is not None:
                same[identifier] = (*same.get(identifier, ()), one)
            waiting.extend(child for member in one.value for child in _members(one, member))
    return same
