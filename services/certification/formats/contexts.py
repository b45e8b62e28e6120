"""The JSON-LD contexts that we read: shipped with openbadgeslib, pinned by hash, never fetched."""

import hashlib
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import rfc8785
from openbadgeslib.ob3.contexts import load_context

CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

BADGE_CONTEXTS: Final = (CREDENTIALS, OPEN_BADGES)
STATUS_LIST_CONTEXTS: Final = (CREDENTIALS,)

# SHA-256 over the RFC 8785 form of each document: a changed context would change what every signature says.
_PINNED: Final = MappingProxyType(
    {
        CREDENTIALS: "b463c8d6a066214123ddd9827b135e1b50e1fc73322cc52a9b12a4f1fc7d86cf",
        OPEN_BADGES: "04b1136ddc4eda9a8966bc7ef182789f233a26739473140ef75d6968c29a2966",
    }
)


class UnknownContextError(Exception):
    """A document names a context that is not pinned here, or the pinned one has changed."""


@cache
def pinned_context(url: str) -> dict[str, Any]:
    """The context document at `url`, exactly as it was when it was pinned.

    Raises:
        UnknownContextError: no such context is pinned, or the installed copy differs from the pinned one.
    """
    if url not in _PINNED:
        raise UnknownContextError(f"the context {url} is not one of the pinned ones")
    document: dict[str, Any] = load_context(url)
    if hashlib.sha256(rfc8785.dumps(document)).hexdigest() != _PINNED[url]:
        raise UnknownContextError(f"the installed copy of {url} differs from the pinned one")
    return document


def _definitions(node: object) -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return [
            pair
            for term, definition in node.items()
            for pair in ((term, definition), *_definitions(definition))
        ]
    if isinstance(node, list):
        return [pair for part in node for pair in _definitions(part)]
    return []


@cache
def identifier_terms() -> frozenset[str]:
    """The terms whose string values are identifiers: a relative one would silently fall out of the signature."""
    found = {
        term
        for url in _PINNED
        for term, definition in _definitions(pinned_context(url)["@context"])
        if isinstance(definition, dict) and definition.get("@type") == "@id"
    }
    return frozenset({"id", *found})


@cache
def known_types() -> frozenset[str]:
    """The names that a node's `type` may hold: terms of the pinned contexts that begin with a capital or digit."""
    return frozenset(
        term
        for url in _PINNED
        for term in pinned_context(url)["@context"]
        if not term.startswith("@") and not term[0].islower()
    )
