"""The canonical form (RDFC-1.0) of documents of ours: what is hashed and signed, with nothing lost on the way.

Where every blank node has a first-degree hash of its own the labels follow at once; the general algorithm, PyLD's, is
asked only where two collide. It takes factorial time in the number of those that collide, hence the few that may.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyld.canon import URDNA2015

from services.certification.formats.prepared import Quad, statements
from services.certification.formats.terms import NotPreparedError

MAX_ALIKE: Final = 6
"""Blank nodes that look alike at first sight."""

_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPED: Final = re.compile(r"\\(.)")


class NotCanonicalError(Exception):
    """The document cannot be put into canonical form without losing or guessing something."""


def canonical_form(document: Mapping[str, Any]) -> str:
    """The N-Quads of `document` in canonical order and with canonical labels, byte for byte as RDFC-1.0 has them.

    Raises:
        NotCanonicalError: an undefined term or type, a relative identifier, an unprintable character, too many blank
            nodes that look alike, or a structure larger than any document of ours.
    """
    try:
        found = statements(document)
    except NotPreparedError as error:
        raise NotCanonicalError(str(error)) from error
    return "".join(sorted([*found.ground, *_labelled(found.blank)]))


def _labelled(quads: Iterable[Quad]) -> list[str]:
    """The lines of all statements that mention blank nodes, labelled in the order of first-degree hashes."""
    of_node: dict[str, list[Quad]] = {}
    for quad in quads:
        for node in {quad[0], quad[2]}:
            if node[0] == "_":
                of_node.setdefault(node, []).append(quad)
    hashes = {node: _first_degree(node, mentions) for node, mentions in of_node.items()}
    if len(set(hashes.values())) < len(hashes):
        return _told_apart(quads, hashes)
    ordered = sorted(hashes, key=hashes.__getitem__)
    label = {node: f"_:c14n{number}" for number, node in enumerate(ordered)}
    return [f"{label.get(s, s)} {p} {label.get(o, o)} .\n" for s, p, o in quads]


def _first_degree(node: str, quads: Iterable[Quad]) -> str:
    def seen(part: str) -> str:
        return part if part[0] != "_" else "_:a" if part == node else "_:z"

    lines = sorted([f"{seen(s)} {p} {seen(o)} .\n" for s, p, o in quads])
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _told_apart(quads: Iterable[Quad], hashes: Mapping[str, str]) -> list[str]:
    """The same by the general algorithm; statements without blank nodes change nothing in its labels."""
    if sum(alike for alike in Counter(hashes.values()).values() if alike > 1) > MAX_ALIKE:
        raise NotCanonicalError("blank nodes that cannot be told apart")
    triples = [{"subject": _term(s), "predicate": _term(p), "object": _term(o)} for s, p, o in quads]
    options = {"algorithm": "URDNA2015", "format": "application/n-quads"}
    form: str = URDNA2015().main({"@default": triples}, options)
    return [f"{line}\n" for line in form.split("\n") if line]


def _term(text: str) -> dict[str, str]:
    """A term of N-Quads in PyLD's shape; its own parser mistakes a backslash before an n for a line's end."""
    if text[0] == "_":
        return {"type": "blank node", "value": text}
    if text[0] == "<":
        return {"type": "IRI", "value": text[1:-1]}
    value, _, datatype = text.rpartition('"')
    plain = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], value[1:])
    return {"type": "literal", "value": plain, "datatype": datatype[3:-1] or _STRING}
