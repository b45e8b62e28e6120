"""Agreements and offerings as immutable, numbered documents with a digest; consumers keep them for ever."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import rfc8785

from shared.domain import ConflictError, InvalidError, Pointer

Document = Mapping[str, Any]


def digest_of(document: Document) -> str:
    """`sha256:` and the hex digest of the RFC 8785 form of `document` without its own digest."""
    content = {key: value for key, value in document.items() if key != "digest"}
    return "sha256:" + hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def numbered(draft: Document, version: int) -> dict[str, Any]:
    """The draft as version `version`, with its digest."""
    document = {**draft, "version": version}
    return {**document, "digest": digest_of(document)}


def institutions_of(agreement: Document) -> list[str]:
    """All partners of an agreement version, sorted."""
    return sorted(partner["institution"] for partner in agreement["partners"])


def with_partner(agreement: Document, partner: Document, today: str) -> dict[str, Any]:
    """The next version of an agreement, which `partner` joins by addendum; nothing else changes (SHR-03).

    Raises:
        ConflictError: the agreement does not allow addenda, has ended, or has this partner already.
    """
    if not agreement["addendum_allowed"]:
        raise ConflictError(
            "The agreement does not allow a partner to join by addendum; it has to be amended."
        )
    check_in_force(agreement, today)
    if partner["institution"] in institutions_of(agreement):
        raise ConflictError(f"{partner['institution']} is a partner of the agreement already.")
    draft = {key: value for key, value in agreement.items() if key not in {"version", "digest"}}
    draft["partners"] = [*agreement["partners"], partner]
    return numbered(draft, agreement["version"] + 1)


def check_in_force(agreement: Document, today: str) -> None:
    """Refuse new business under an agreement whose term is over (ENR-14: who is in may complete)."""
    until = agreement["term"]["until"]
    if until is not None and until < today:
        raise ConflictError(f"The agreement '{agreement['id']}' ended on {until}.")


def refuse(what: str, found: Sequence[Pointer]) -> None:
    """Raise InvalidError with all of `found`, if there is any."""
    if found:
        count = "one thing" if len(found) == 1 else f"{len(found)} things"
        raise InvalidError(f"{what} cannot be published: {count} to mend.", pointers=found)


def repeated(items: Iterable[Document], pointer: str, key: str = "id") -> list[Pointer]:
    """A pointer for each of `items` whose `key` has occurred before."""
    seen: set[str] = set()
    found = []
    for index, item in enumerate(items):
        if item[key] in seen:
            found.append(
                Pointer(f"{pointer}/{index}/{key}", f"'{item[key]}' occurs twice; each needs its own.")
            )
        seen.add(item[key])
    return found


def strangers(names: Iterable[tuple[str, str | None]], known: Iterable[str], reason: str) -> list[Pointer]:
    """A pointer for each (pointer, name) whose name is not among `known`; None names nothing."""
    allowed = set(known)
    return [
        Pointer(pointer, f"'{name}' {reason}")
        for pointer, name in names
        if name is not None and name not in allowed
    ]


def cycle(requires: Mapping[str, Iterable[str]]) -> list[str]:
    """A cycle among things that require others, as the list of its members; empty where there is none."""
    done: set[str] = set()
    for start in requires:
        path: list[str] = []
        stack = [(start, iter(requires.get(start, ())))]
        path.append(start)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done.add(name)
                path.pop()
                stack.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            elif following not in done and following in requires:
                path.append(following)
                stack.append((following, iter(requires[following])))
    return []
