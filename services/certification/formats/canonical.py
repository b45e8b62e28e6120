"""The canonical form of a document (RDFC-1.0): what is hashed and signed, with nothing lost on the way.

There are two ways to it: a short one of our own, and PyLD's as a second opinion. JSON-LD drops undefined terms and
relative identifiers silently, so a document is refused before that can happen. Documents whose blank nodes cannot be
told apart by their own statements are refused too: none of ours is such a one, and the general algorithm takes
factorial time on those made to hurt.
"""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pyld import jsonld
from pyld.context_resolver import ContextResolver

from services.certification.formats.contexts import identifier_terms, known_types, load_pinned
from services.certification.formats.prepared import NotPreparedError, statements

MAX_OBJECTS: Final = 400
MAX_DEPTH: Final = 16
MAX_VALUES: Final = 2_500
MAX_TYPES: Final = 3

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_STRING_TYPE: Final = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"'})

# PyLD's processor keeps caches that are not safe across threads.
_lock: Final = threading.Lock()
_resolved: Final[dict[str, Any]] = {}


class NotCanonicalError(Exception):
    """The document cannot be put into canonical form without losing or guessing something."""


def canonical_form(document: Mapping[str, Any]) -> str:
    """The N-Quads of `document` in canonical order and with canonical labels, byte for byte as RDFC-1.0 has them.

    Raises:
        NotCanonicalError: an undefined term or type, a relative identifier, an unprintable character, blank nodes
            that cannot be told apart, or a structure larger than any document of ours.
    """
    _screen(document)
    try:
        return _labelled(statements(document))
    except NotPreparedError as error:
        raise NotCanonicalError(f"something that no document of ours has: {str(error)[:60]}") from error


def reference_form(document: Mapping[str, Any]) -> str:
    """The same by PyLD. Only for documents whose signature holds over `canonical_form`: PyLD's time is not bounded.

    Raises:
        NotCanonicalError: as `canonical_form`.
    """
    _screen(document)
    return _labelled(_statements_by_pyld(document))


def _statements_by_pyld(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    dropped: list[str] = []
    processor = jsonld.JsonLdProcessor(on_property_dropped=dropped.append)
    with _lock:
        options = {
            "base": None,
            "documentLoader": load_pinned,
            "contextResolver": ContextResolver(_resolved, load_pinned),
        }
        try:
            dataset: Mapping[str, Any] = processor.to_rdf(dict(document), options)
        except jsonld.JsonLdError as error:
            raise NotCanonicalError(f"not JSON-LD of the pinned contexts: {error.type}") from error
    if dropped:
        raise NotCanonicalError(f"terms that no context defines: {', '.join(sorted(set(map(str, dropped))))}")
    if set(dataset) != {"@default"}:
        raise NotCanonicalError("the document holds a graph within the graph")
    triples: Iterable[Mapping[str, Any]] = dataset["@default"]
    return triples


def _screen(document: Mapping[str, Any]) -> None:
    """Refuse what PyLD would drop silently, and structures that cost more than any document of ours."""
    values = 0
    for count, (depth, node) in enumerate(_objects(document, 1), start=1):
        for term, value in node.items():
            values += _screen_member(term, value, at_root=depth == 1)
        if count > MAX_OBJECTS or depth > MAX_DEPTH or values > MAX_VALUES:
            raise NotCanonicalError("it is larger, or nested deeper, than any document of ours")


def _objects(value: object, depth: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield depth, value
        if depth <= MAX_DEPTH:
            for part in value.values():
                yield from _objects(part, depth + 1)
    elif isinstance(value, list | tuple) and depth <= MAX_DEPTH:
        for part in value:
            yield from _objects(part, depth + 1)


def _screen_member(term: str, value: object, *, at_root: bool) -> int:
    """Refuse a member that would not be signed as it reads; returns how many values it has."""
    values = value if isinstance(value, list | tuple) else [value]
    if term == "@context" and at_root and all(isinstance(entry, str) for entry in values):
        return 1
    if term.startswith("@") or ":" in term or term in known_types():
        raise NotCanonicalError(f"'{term[:60]}' is not a term for a member")
    if term == "type" and len(values) > MAX_TYPES:
        raise NotCanonicalError(f"a node has more than {MAX_TYPES} types")
    for entry in values:
        _screen_value(term, entry)
    return len(values)


def _screen_value(term: str, value: object) -> None:
    if value is None or isinstance(value, list | tuple):
        raise NotCanonicalError(f"'{term}' holds null or a list within a list")
    if not isinstance(value, str):
        if term in {"id", "type"}:
            raise NotCanonicalError(f"'{term}' is not a string")
        return
    if _FORBIDDEN.search(value):
        raise NotCanonicalError(f"'{term}' holds a character that cannot be printed")
    if term == "type" and value not in known_types():
        raise NotCanonicalError(f"no context defines the type '{value[:60]}'")
    if term in identifier_terms() and _IRI.fullmatch(value) is None:
        raise NotCanonicalError(f"'{term}' is not an absolute identifier")


def _labelled(triples: Iterable[Mapping[str, Any]]) -> str:
    """Serialise with canonical labels, issued in the order of the nodes' first-degree hashes."""
    quads = [_parts(triple) for triple in triples]
    of_node: dict[str, list[tuple[str, str, str]]] = {}
    for quad in quads:
        for node in {quad[0], quad[2]}:
            if node.startswith("_:"):
                of_node.setdefault(node, []).append(quad)
    by_hash = {_first_degree(node, mentions): node for node, mentions in of_node.items()}
    if len(by_hash) < len(of_node):
        raise NotCanonicalError("blank nodes that cannot be told apart")
    label = {by_hash[digest]: f"_:c14n{number}" for number, digest in enumerate(sorted(by_hash))}
    return "".join(sorted(f"{label.get(s, s)} {p} {label.get(o, o)} .\n" for s, p, o in quads))


def _first_degree(node: str, quads: Iterable[tuple[str, str, str]]) -> str:
    def seen(part: str) -> str:
        return part if not part.startswith("_:") else "_:a" if part == node else "_:z"

    lines = sorted(f"{seen(s)} {p} {seen(o)} .\n" for s, p, o in quads)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _parts(triple: Mapping[str, Any]) -> tuple[str, str, str]:
    return _term(triple["subject"]), _term(triple["predicate"]), _term(triple["object"])


def _term(term: Mapping[str, Any]) -> str:
    value: str = term["value"]
    if term["type"] == "blank node":
        return value
    if term["type"] == "IRI":
        return f"<{value}>"
    literal = f'"{value.translate(_ESCAPES)}"'
    return literal if term["datatype"] == _STRING_TYPE else f"{literal}^^<{term['datatype']}>"
