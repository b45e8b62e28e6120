"""The terms of the pinned contexts: what each stands for, and which of them hold within a node, by its types.

The part of JSON-LD 1.1 that these contexts use: terms, coercion by type, and contexts scoped by a node's type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from services.certification.formats.contexts import identifier_terms, known_types, pinned_context

Types = tuple[str, ...]


class NotPreparedError(Exception):
    """The document has something that no document of ours has, or that would not be signed as it reads."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a term stands for, the type its values have, and the terms that hold within them."""

    predicate: str
    coercion: str | None = None
    container: str | None = None
    scoped: Mapping[str, "Term"] = field(default_factory=dict)
    identifies: bool = False

    @property
    def usable(self) -> bool:
        known = self.coercion is None or not self.coercion.startswith("@")
        return self.container in {None, "@set"} and (known or self.coercion in {"@id", "@vocab"})


@cache
def terms_of(contexts: Types) -> Mapping[str, Term]:
    """The terms that `contexts` define; they are kept.

    Raises:
        UnknownContextError: one of them is not pinned.
    """
    definitions: dict[str, Any] = {}
    for url in contexts:
        definitions |= pinned_context(url)["@context"]
    return _defined(definitions, definitions)


def _defined(definitions: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Term]:
    return {
        name: _term(name, definition, {**outer, **definitions})
        for name, definition in definitions.items()
        if not name.startswith("@") and definition not in ("@id", "@type")
    }


def _term(name: str, definition: Any, known: Mapping[str, Any]) -> Term:
    identifies = name in identifier_terms()
    if isinstance(definition, str):
        return Term(f"<{_iri(definition, known)}>", identifies=identifies)
    kind = definition.get("@type")
    scoped = definition.get("@context") or {}
    return Term(
        predicate=f"<{_iri(definition['@id'], known)}>",
        coercion=kind if kind is None or kind.startswith("@") else _iri(kind, known),
        container=definition.get("@container"),
        scoped=_defined(scoped, known) if isinstance(scoped, Mapping) else {},
        identifies=identifies,
    )


def _iri(name: str, known: Mapping[str, Any]) -> str:
    """An absolute identifier; a term whose identifier is another term stands for what that one stands for."""
    while name in known:
        definition = known[name]
        name = definition if isinstance(definition, str) else definition["@id"]
    if ":" not in name or name.partition(":")[0] in known:
        raise NotPreparedError(f"'{name[:60]}' is not an identifier")
    return name


@lru_cache(maxsize=256)
def terms_within(contexts: Types, types: Types) -> tuple[tuple[str, ...], Mapping[str, Term]]:
    """What a node of `types` is, as identifiers, and the terms that its members may have.

    Raises:
        NotPreparedError: no context defines one of the types, or they disagree.
    """
    base = terms_of(contexts)
    for name in types:
        if name not in known_types() or name not in base:
            raise NotPreparedError(f"no context defines the type '{name[:60]}'")
    terms = dict(base)
    for kind in sorted(types):
        for name, term in base[kind].scoped.items():
            if terms.setdefault(name, term) != term:
                raise NotPreparedError(f"the types of a node disagree over '{name[:60]}'")
    usable = {
        name: term
        for name, term in terms.items()
        if term.usable and ":" not in name and name not in known_types()
    }
    return tuple(base[name].predicate for name in types), usable
