"""European documents of ours before the Commission's SHACL profile and its JSON-LD context."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.certification.elm_documents import VARIANTS, made
from tests.unit.certification.elm_shapes import SAMPLES, context, graph, needs_reference, violations


@needs_reference
@pytest.mark.parametrize("name", VARIANTS)
def test_the_shapes_of_the_commission_find_nothing(name: str) -> None:
    assert violations(made(name)) == []


@needs_reference
def test_the_shapes_are_no_formality() -> None:
    document = copy.deepcopy(made())
    del document["issuer"]["eIDASIdentifier"]
    del document["displayParameter"]["individualDisplay"]
    assert len(violations(document)) >= 2
    unsigned = json.loads((SAMPLES / "Sample-MC-Annex1-unsigned.jsonld").read_text(encoding="utf-8"))
    assert len(violations(unsigned)) == 2


@needs_reference
@pytest.mark.parametrize("name", VARIANTS)
def test_no_term_is_ours_and_none_is_lost(name: str) -> None:
    """A verifier drops an undefined term without a word; a statement is lost with it."""
    document = made(name)
    known = {
        term
        for url in document["@context"]
        for term in _terms(context(url)["@context"])
        if not term.startswith("@")
    }
    assert {term for term in _terms(document, texts=False) if term != "@context"} <= known
    assert len(graph(document)) > 100


TEXTS = {"title", "description", "legalName", "prefLabel", "noteLiteral", "geographicName"}
NAMES = {"givenName", "familyName", "fullName"}


def _terms(value: Any, *, texts: bool = True) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _terms(item, texts=texts)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            if texts or name not in TEXTS | NAMES:
                yield from _terms(member, texts=texts)
