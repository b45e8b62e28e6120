"""Find values in a JSON document that strangers wrote: one or many, nothing expected, each with its JSON pointer."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
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
            found = self._once(
                child for one in found for node in self.described(one) for child in members(node, member)
            )
        return found

    def described(self, one: Found) -> Facts:
        """Every description of the node that `one` is or names; `one` itself where it has no identifier."""
        return self._same.get(_name(one.value), (one,))

    def _once(self, found: Iterable[Found]) -> Facts:
        kept: dict[str, Found] = {}
        for one in found:
            name = _name(one.value)
            kept.setdefault(name if name in self._same else json.dumps(one.value, sort_keys=True), one)
        return tuple(kept.values())


def texts(found: Facts) -> Facts:
    """Each text of `found`: a plain one, or every one of a language map. Other values stay as they are."""
    return tuple(text for one in found for text in _texts(one))


def words(found: Facts) -> tuple[str, ...]:
    """The values of `found` that are strings."""
    return tuple(one.value for one in found if isinstance(one.value, str))


def members(node: Found, member: str) -> Iterator[Found]:
    """What the object has under `member`, one or many; nothing where it is no object."""
    if not isinstance(node.value, dict) or node.value.get(member) is None:
        return
    value, pointer = node.value[member], f"{node.pointer}/{_escaped(member)}"
    if isinstance(value, list):
        yield from _items(Found(value, pointer))
    else:
        yield Found(value, pointer)


def word(one: Found, member: str) -> str | None:
    """The string that the object has under `member`; None where it has none, or something else."""
    value = one.value.get(member) if isinstance(one.value, dict) else None
    return value if isinstance(value, str) else None


def objects(found: Facts) -> Facts:
    """The values of `found` that are JSON objects."""
    return tuple(one for one in found if isinstance(one.value, dict))


def _texts(one: Found) -> Iterator[Found]:
    if not isinstance(one.value, dict):
        yield one
        return
    for language in one.value:
        yield from members(one, language)


def _items(one: Found) -> Iterator[Found]:
    for index, item in enumerate(one.value):
        if item is not None:
            yield Found(item, f"{one.pointer}/{index}")


def _escaped(member: str) -> str:
    return member.replace("~", "~0").replace("/", "~1")


def _name(value: Any) -> str:
    """The identifier that `value` has or is; empty where it is neither."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    return next((value[name] for name in _IDS if isinstance(value.get(name), str)), "")


def _by_identifier(root: Found) -> Mapping[str, Facts]:
    same: dict[str, list[Found]] = {}
    waiting = deque([root])
    while waiting:
        one = waiting.popleft()
        if isinstance(one.value, list):
            waiting.extend(_items(one))
        elif isinstance(one.value, dict):
            if identifier := _name(one.value):
                same.setdefault(identifier, []).append(one)
            waiting.extend(child for member in one.value for child in members(one, member))
    return {identifier: tuple(nodes) for identifier, nodes in same.items()}
