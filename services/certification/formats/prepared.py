"""A short way from documents of ours to their RDF statements, prepared once from the pinned contexts.

It knows the part of JSON-LD 1.1 that these contexts use: terms, coercion by type, and contexts scoped by a node's type.
It takes time in proportion to the document, whatever is in it; PyLD, which knows all of JSON-LD, takes ten times as
long for a document of ours and the square of its size for one made to hurt.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, Final

from services.certification.formats.contexts import UnknownContextError, pinned_context

Triple = tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]
Node = Mapping[str, Any]

_LARGEST_INTEGER: Final = 2**53
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF_TYPE: Final = {"type": "IRI", "value": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}


class NotPreparedError(Exception):
    """The document has something that no document of ours has."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a term stands for, the type its values have, and the terms that hold within them."""

    iri: str
    coercion: str | None = None
    container: str | None = None
    scoped: Mapping[str, "Term"] = field(default_factory=dict)


@cache
def _terms(contexts: tuple[str, ...]) -> dict[str, Term]:
    definitions: dict[str, Any] = {}
    for url in contexts:
        definitions |= pinned_context(url)["@context"]
    return _defined(definitions, definitions)


def _defined(definitions: Mapping[str, Any], outer: Mapping[str, Any]) -> dict[str, Term]:
    return {
        name: _term(definition, {**outer, **definitions})
        for name, definition in definitions.items()
        if not name.startswith("@") and definition not in ("@id", "@type")
    }


def _term(definition: Any, known: Mapping[str, Any]) -> Term:
    if isinstance(definition, str):
        return Term(_iri(definition, known))
    kind = definition.get("@type")
    scoped = definition.get("@context") or {}
    return Term(
        iri=_iri(definition["@id"], known),
        coercion=kind if kind is None or kind.startswith("@") else _iri(kind, known),
        container=definition.get("@container"),
        scoped=_defined(scoped, known) if isinstance(scoped, Mapping) else {},
    )


def _iri(name: str, known: Mapping[str, Any]) -> str:
    """An absolute identifier; a term whose identifier is another term stands for what that one stands for."""
    while name in known:
        definition = known[name]
        name = definition if isinstance(definition, str) else definition["@id"]
    if ":" not in name or name.partition(":")[0] in known:
        raise NotPreparedError(name)
    return name


def statements(document: Node) -> list[dict[str, Mapping[str, str]]]:
    """The RDF statements of `document` in PyLD's shape, its nodes without identifier labelled `_:b0` and on.

    Raises:
        NotPreparedError: it has something that no document of ours has, such as a term of no pinned context.
    """
    try:
        base = _terms(tuple(document["@context"]))
    except (KeyError, TypeError, UnknownContextError) as error:
        raise NotPreparedError("@context") from error
    labels = (f"_:b{number}" for number in count())
    found: dict[tuple[str, ...], dict[str, Mapping[str, str]]] = {}
    _, triples = _node({name: value for name, value in document.items() if name != "@context"}, base, labels)
    for subject, predicate, obj in triples:
        key = (subject["value"], predicate["value"], obj["type"], obj["value"], obj.get("datatype", ""))
        found[key] = {"subject": subject, "predicate": predicate, "object": obj}
    return list(found.values())


def _node(
    node: Node, base: Mapping[str, Term], labels: Iterator[str]
) -> tuple[Mapping[str, str], list[Triple]]:
    subject = _reference(node["id"]) if "id" in node else {"type": "blank node", "value": next(labels)}
    types = _values(node.get("type", ()))
    terms = dict(base)
    for name in sorted(types):
        terms |= _known(base, name).scoped
    triples: list[Triple] = [(subject, _RDF_TYPE, _reference(_known(base, name).iri)) for name in types]
    for name, value in node.items():
        if name in {"id", "type"}:
            continue
        term = _known(terms, name)
        if term.container not in {None, "@set"}:
            raise NotPreparedError(name)
        predicate = _reference(term.iri)
        for each in _values(value):
            obj, inner = _object(each, term, base, labels)
            triples.extend([(subject, predicate, obj), *inner])
    return subject, triples


def _known(terms: Mapping[str, Term], name: str) -> Term:
    if name not in terms:
        raise NotPreparedError(name)
    return terms[name]


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _object(
    value: Any, term: Term, base: Mapping[str, Term], labels: Iterator[str]
) -> tuple[Mapping[str, str], list[Triple]]:
    if isinstance(value, Mapping):
        if term.scoped:
            raise NotPreparedError(term.iri)
        return _node(value, base, labels)
    if isinstance(value, str) and term.coercion == "@id":
        return _reference(value), []
    if isinstance(value, str) and term.coercion == "@vocab":
        return _reference(_known({**base, **term.scoped}, value).iri), []
    lexical, datatype = _lexical(value)
    return _literal(lexical, term.coercion or f"{_XSD}{datatype}"), []


def _lexical(value: Any) -> tuple[str, str]:
    """The text of a JSON value and the XML Schema type it has where no term says otherwise; 2.0 is the integer 2."""
    match value:
        case str():
            return value, "string"
        case bool():
            return "true" if value else "false", "boolean"
        case int() | float() if abs(value) < _LARGEST_INTEGER:
            whole = float(value).is_integer()
            return (str(int(value)), "integer") if whole else (_canonical_double(value), "double")
    raise NotPreparedError(str(value))


def _reference(iri: str) -> Mapping[str, str]:
    return {"type": "IRI", "value": iri}


def _canonical_double(value: float) -> str:
    """The canonical form of xsd:double: 7.5 is `7.5E0`."""
    mantissa, exponent = f"{value:.15E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"


def _literal(value: str, datatype: str) -> Mapping[str, str]:
    if datatype.startswith("@"):
        raise NotPreparedError(datatype)
    return {"type": "literal", "value": value, "datatype": datatype}
