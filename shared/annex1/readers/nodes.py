"""Find values in a JSON document that strangers wrote: one or many, nothing expected, each with its JSON pointer."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from shared.annex1.reading import Facts, Found

_SEVERAL: Final = 2
# A value, what holds it, and its name or number there: enough to say where it is, once somebody asks.
_Held: TypeAlias = tuple[Any, "_Held | None", str | int]


class Nodes:
    """A document whose members are followed by name. A list counts as its items, wherever one stands.

    With `linked`, nodes with the same identifier are one node, as in JSON-LD: what is said about it anywhere is said
    about it everywhere, and an identifier alone leads to it.
    """

    def __init__(self, document: Any, *, linked: bool = False) -> None:
        self._root = Found(document, "")
        holds_nodes = linked and isinstance(document, dict | list)
        self._same: Mapping[str, list[_Held]] = _by_identifier(document) if holds_nodes else {}
        self._described: dict[str, Facts] = {}

    def at(self, *path: str) -> Facts:
        """The values at the end of `path`, from the root."""
        return self.below((self._root,), *path)

    def below(self, found: Facts, *path: str) -> Facts:
        """The values at the end of `path`, from each of `found`."""
        for member in path:
            found = self._once(
                child for one in found for node in self.described(one) for child in members(node, member)
            )
        return found

    def described(self, one: Found) -> Facts:
        """Every description of the node that `one` is or names; `one` itself where it has no identifier."""
        name = _name(one.value)
        same = self._same.get(name, ())
        if not same or (len(same) == 1 and same[0][0] is one.value):
            return (one,)
        if name not in self._described:
            self._described[name] = tuple(_found(held) for held in same)
        return self._described[name]

    def _once(self, found: Iterable[Found]) -> Facts:
        """What several descriptions of a node repeat counts once; without such, nothing is repeated."""
        children = tuple(found)
        if not self._same or len(children) < _SEVERAL:
            return children
        kept: dict[str, Found] = {}
        for one in children:
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
    if isinstance(value, dict):
        value = value.get("id") or value.get("@id")
    return value if isinstance(value, str) else ""


def _by_identifier(document: Any) -> Mapping[str, list[_Held]]:
    same: dict[str, list[_Held]] = {}
    waiting: list[_Held] = [(document, None, "")]
    for held in waiting:  # it grows while it is read: every level after the one above
        value = held[0]
        if isinstance(value, dict) and (identifier := _name(value)):
            same.setdefault(identifier, []).append(held)
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        waiting.extend((child, held, step) for step, child in inner if isinstance(child, dict | list))
    return same


def _found(held: _Held) -> Found:
    value, holder, step = held
    steps: list[str] = []
    while holder is not None:
        steps.append(_escaped(str(step)))
        _, holder, step = holder
    return Found(value, "".join(f"/{each}" for each in reversed(steps)))
