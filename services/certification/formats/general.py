"""The canonical form (RDFC-1.0) of documents of strangers: any of the shelved contexts, and contexts written inline.

Those that are like ours take the direct way of `canonical`, which is far shorter. The others have other contexts,
graphs within the graph and values in several languages; PyLD does the work. What would be lost on the way is refused,
and so is what would take long.
"""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from services.certification.formats.canonical import MAX_ALIKE, NotCanonicalError, canonical_form
from services.certification.formats.contexts import UnknownContextError
from services.certification.formats.shelf import load_shelved
from services.certification.formats.vc_values import is_url, several

MAX_OBJECTS: Final = 600
MAX_DEPTH: Final = 24
MAX_VALUES: Final = 3_000

_KEYWORDS: Final = frozenset({"@context", "@id", "@type", "@value", "@language", "@direction"})
_UNREADABLE: Final = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")

# PyLD's processor keeps caches that are not safe across threads.
_lock: Final = threading.Lock()
_resolved: Final[dict[str, Any]] = {}


class UnreadContextError(NotCanonicalError):
    """A document names a context that is not read here, so nobody can say what its terms mean."""


def general_form(document: Mapping[str, Any], *, inline_contexts: bool = False) -> str:
    """The N-Quads of `document` in canonical order and with canonical labels.

    Raises:
        NotCanonicalError: an undefined term or type, a relative identifier, a context that is not pinned, or a
            structure that would take long.
    """
    try:
        return canonical_form(document)
    except NotCanonicalError:
        return reference_form(document, inline_contexts=inline_contexts)


def reference_form(document: Mapping[str, Any], *, inline_contexts: bool = False) -> str:
    """The same by PyLD alone, whatever the document: the second opinion on ours.

    Raises:
        NotCanonicalError: as `general_form`.
    """
    _screen(document, inline_contexts=inline_contexts)
    written = _writes_contexts(document)
    dropped: list[str] = []
    processor = jsonld.JsonLdProcessor(on_property_dropped=dropped.append)
    with _lock:
        # Contexts that strangers wrote are forgotten with the document.
        resolved = dict(_resolved) if written else _resolved
        options: dict[str, Any] = {
            "base": None,
            "documentLoader": load_shelved,
            "contextResolver": ContextResolver(resolved, load_shelved),
        }
        try:
            expanded = processor.expand(dict(document), options)
            _require_absolute(expanded)
            dataset = processor.to_rdf(dict(document), options)
        except UnknownContextError as error:
            raise UnreadContextError(str(error)) from error
        except jsonld.JsonLdError as error:
            raise _refusal(error) from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise NotCanonicalError("not JSON-LD: a member has a value of the wrong kind") from error
    if dropped:
        raise NotCanonicalError(
            f"terms that no context defines: {', '.join(sorted(set(map(str, dropped))))[:200]}"
        )
    _require_distinct(dataset)
    form: str = URDNA2015().main(dataset, {"algorithm": "URDNA2015", "format": "application/n-quads"})
    return form


def _refusal(error: BaseException) -> NotCanonicalError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UnknownContextError):
            return UnreadContextError(str(cause))
        cause = cause.__cause__
    code = getattr(error, "code", None)
    inner = error.__cause__
    while code is None and inner is not None:
        code, inner = getattr(inner, "code", None), inner.__cause__
    return NotCanonicalError(f"not JSON-LD: {code or getattr(error, 'type', 'malformed')}")


def _screen(document: Mapping[str, Any], *, inline_contexts: bool) -> None:
    values = 0
    for count, (depth, node) in enumerate(_objects(document, 1), start=1):
        for term, value in node.items():
            values += _screen_member(term, value, inline_contexts=inline_contexts)
        if count > MAX_OBJECTS or depth > MAX_DEPTH or values > MAX_VALUES:
            raise NotCanonicalError("it is larger, or nested deeper, than any credential has to be")


def _objects(value: object, depth: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if depth > MAX_DEPTH:
        raise NotCanonicalError("it is larger, or nested deeper, than any credential has to be")
    if isinstance(value, Mapping):
        yield depth, value
        for name, part in value.items():
            if name != "@context":
                yield from _objects(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _objects(part, depth + 1)


def _screen_member(term: str, value: object, *, inline_contexts: bool) -> int:
    if term.startswith("@") and term not in _KEYWORDS:
        raise NotCanonicalError(f"'{term[:60]}' is not a member of a credential")
    values = several(value)
    if term == "@context":
        _screen_contexts(values, inline_contexts=inline_contexts)
        return len(values)
    for entry in values:
        if entry is None:
            raise NotCanonicalError(f"'{term[:60]}' holds null, which would not be signed")
        if isinstance(entry, str) and _UNREADABLE.search(entry):
            raise NotCanonicalError(f"'{term[:60]}' holds a character that is not text")
    return len(values)


def _writes_contexts(document: Mapping[str, Any]) -> bool:
    named = (node.get("@context", ()) for _, node in _objects(document, 1))
    return any(isinstance(each, dict) for context in named for each in several(context))


def _screen_contexts(contexts: Any, *, inline_contexts: bool) -> None:
    for context in contexts:
        if isinstance(context, str):
            continue
        if not inline_contexts or not isinstance(context, dict):
            raise UnreadContextError("only contexts that are pinned here by their address are read")
        if len(list(_parts(context, 1))) > MAX_OBJECTS:
            raise NotCanonicalError("a context is larger than any credential needs")


def _parts(value: object, depth: int) -> Iterator[object]:
    if depth > MAX_DEPTH:
        raise NotCanonicalError("a context is nested deeper than any credential needs")
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from _parts(part, depth + 1)


def _require_absolute(expanded: Any) -> None:
    """Refuse what expanded to a relative identifier: it would silently fall out of the signature."""
    if isinstance(expanded, list):
        for part in expanded:
            _require_absolute(part)
        return
    if not isinstance(expanded, dict) or "@value" in expanded:
        return
    for name, value in expanded.items():
        if name in {"@id", "@type"}:
            for identifier in several(value):
                if not is_url(identifier) and not str(identifier).startswith("_:"):
                    kind = (
                        "type that no context defines" if name == "@type" else "identifier that is not a URL"
                    )
                    raise NotCanonicalError(f"a {kind}: {str(identifier)[:60]}")
        else:
            _require_absolute(value)


def _require_distinct(dataset: Mapping[str, Any]) -> None:
    mentions: dict[str, list[str]] = {}
    for graph, triples in dataset.items():
        for triple in triples:
            named = {part["value"] for part in triple.values() if part["type"] == "blank node"}
            for node in named | ({graph} if graph.startswith("_:") else set()):
                mentions.setdefault(node, []).append(_seen_from(node, graph, triple))
    looks = Counter(
        hashlib.sha256("".join(sorted(lines)).encode()).hexdigest() for lines in mentions.values()
    )
    if any(alike > MAX_ALIKE for alike in looks.values()):
        raise NotCanonicalError("too many blank nodes that look alike")


def _seen_from(node: str, graph: str, triple: Mapping[str, Any]) -> str:
    def shown(value: str, *, blank: bool) -> str:
        return value if not blank else "_:a" if value == node else "_:z"

    parts = [shown(part["value"], blank=part["type"] == "blank node") for part in triple.values()]
    return "\x1f".join([*parts, shown(graph, blank=graph.startswith("_:"))]) + "\x1e"
