"""A direct way from documents of ours to their RDF statements, prepared once from the pinned contexts.

It takes time in proportion to the document, whatever is in it; PyLD, which knows all of JSON-LD, takes forty times as
long for a document of ours and the square of its size for one made to hurt. JSON-LD drops undefined terms, null and
relative identifiers silently; here each of them is refused, so that nothing is left out of a signature.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from services.certification.formats.contexts import BADGE_CONTEXTS, STATUS_LIST_CONTEXTS, UnknownContextError
from services.certification.formats.terms import NotPreparedError, Term, Types, terms_of, terms_within
from services.certification.formats.vc_values import is_url

MAX_OBJECTS: Final = 400
MAX_DEPTH: Final = 16
MAX_VALUES: Final = 2_500
MAX_TYPES: Final = 3

Quad = tuple[str, str, str]

# By these alone terms are kept: strangers may name the pinned contexts in any order, and any number of times.
_CONTEXTS: Final = (list(BADGE_CONTEXTS), list(STATUS_LIST_CONTEXTS))
_LARGEST_INTEGER: Final = 2**53
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF_TYPE: Final = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LONGEST_KEPT: Final = 300
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a document as terms of N-Quads, once each.

    `ground` are whole lines without blank nodes, `blank` the others, their nodes labelled `_:b0` and on.
    """

    ground: set[str]
    blank: set[Quad]


def statements(document: Mapping[str, Any]) -> Statements:
    """The RDF statements of `document`.

    Raises:
        NotPreparedError: an undefined term or type, a relative identifier, an unprintable character, null, or a
            structure larger than any document of ours.
    """
    if document.get("@context") not in _CONTEXTS:
        raise NotPreparedError("its contexts are others than ours")
    contexts = tuple(document["@context"])
    try:
        terms_of(contexts)
    except UnknownContextError as error:
        raise NotPreparedError(str(error)) from error
    walk = _Walk(contexts)
    walk.node({name: value for name, value in document.items() if name != "@context"}, 1)
    return Statements(walk.ground, walk.blank)


class _Walk:
    """One walk over a document, which counts what it meets."""

    def __init__(self, contexts: Types) -> None:
        self.ground: set[str] = set()
        self.blank: set[Quad] = set()
        self._contexts = contexts
        self._objects = self._values = self._labels = 0

    def node(self, node: Mapping[str, Any], depth: int) -> str:
        """The subject of a node, its statements said."""
        self._objects += 1
        self._values += len(node)
        if self._objects > MAX_OBJECTS or depth > MAX_DEPTH:
            raise NotPreparedError("it is larger, or nested deeper, than any document of ours")
        subject = self._subject(node)
        kinds, terms = terms_within(self._contexts, _types(node))
        for kind in kinds:
            self._say(subject, _RDF_TYPE, kind)
        for name, value in node.items():
            if name in {"id", "type"}:
                continue
            term = terms.get(name)
            if term is None:
                raise NotPreparedError(f"'{name[:60]}' is not a term for a member")
            if isinstance(value, list | tuple):
                self._count(len(value))
                for each in value:
                    self._say(subject, term.predicate, self._object(term, each, depth))
            else:
                self._say(subject, term.predicate, self._object(term, value, depth))
        return subject

    def _subject(self, node: Mapping[str, Any]) -> str:
        if "id" in node:
            return _reference(node["id"])
        self._labels += 1
        return f"_:b{self._labels - 1}"

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            raise NotPreparedError("it is larger, or nested deeper, than any document of ours")

    def _say(self, subject: str, predicate: str, found: str) -> None:
        if subject[0] == "_" or found[0] == "_":
            self.blank.add((subject, predicate, found))
        else:
            self.ground.add(f"{subject} {predicate} {found} .\n")

    def _object(self, term: Term, value: Any, depth: int) -> str:
        if isinstance(value, str):
            return self._text(term, value)
        if isinstance(value, dict):
            if term.scoped:
                raise NotPreparedError(f"{term.predicate} holds an object")
            return self.node(value, depth + 1)
        return _number(term, value)

    def _text(self, term: Term, value: str) -> str:
        if term.coercion == "@id":
            return _reference(value)
        if term.coercion == "@vocab":
            found = term.scoped.get(value) or terms_of(self._contexts).get(value)
            if found is None:
                raise NotPreparedError(f"no context defines '{value[:60]}'")
            return found.predicate
        if term.identifies:
            _reference(value)
        return _literal(value, term.coercion)


def _types(node: Mapping[str, Any]) -> Types:
    named = node.get("type", ())
    types = tuple(named) if isinstance(named, list | tuple) else (named,)
    if len(types) > MAX_TYPES or not all(isinstance(name, str) for name in types):
        raise NotPreparedError(f"a node's types are no texts, or more than {MAX_TYPES}")
    return types


def _reference(value: object) -> str:
    if not isinstance(value, str):
        raise NotPreparedError("an identifier is not a string")
    return _kept_reference(value) if len(value) <= _LONGEST_KEPT else _new_reference(value)


def _new_reference(value: str) -> str:
    if not is_url(value) or _FORBIDDEN.search(value):
        raise NotPreparedError("an identifier is not absolute")
    return f"<{value}>"


_kept_reference: Final = lru_cache(maxsize=4096)(_new_reference)


def _literal(value: str, datatype: str | None) -> str:
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise NotPreparedError("a text holds a character that cannot be printed")
    text = value.translate(_ESCAPES) if '"' in value or "\\" in value or "\n" in value else value
    return f'"{text}"' if datatype in {None, f"{_XSD}string"} else f'"{text}"^^<{datatype}>'


def _number(term: Term, value: object) -> str:
    """The text of a JSON number or truth value, of the type that the term says or it has by itself; 2.0 is 2."""
    if term.coercion is not None and term.coercion.startswith("@"):
        raise NotPreparedError(f"{term.predicate} holds a value that is no identifier")
    match value:
        case bool():
            text, kind = ("true" if value else "false"), "boolean"
        case int() | float() if abs(value) < _LARGEST_INTEGER:
            whole = float(value).is_integer()
            text, kind = (str(int(value)), "integer") if whole else (_canonical_double(value), "double")
        case _:
            raise NotPreparedError(f"{term.predicate} holds null, a list within a list, or a large number")
    return _literal(text, term.coercion or f"{_XSD}{kind}")


def _canonical_double(value: float) -> str:
    """The canonical form of xsd:double: 7.5 is `7.5E0`."""
    mantissa, exponent = f"{value:.15E}".split("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"
