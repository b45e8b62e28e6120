"""Levels, concepts and notes of the European Learning Model, as its readers meet them in many places."""

from collections.abc import Iterator

from shared.annex1.readers.levels import cycle_of, eqf_of, isced_of
from shared.annex1.readers.nodes import Nodes, texts, words
from shared.annex1.reading import Facts, Found, StatedConcept, StatedLevel
from shared.annex1.vocabulary import CYCLES_URL, ISCED_2011_URL


def levels(nodes: Nodes, specified: Facts) -> Iterator[StatedLevel]:
    for concept in concepts(nodes, nodes.below(specified, "eqfLevel")):
        yield StatedLevel("eqf", eqf_of(concept.uri), concept.pointer)
    for member in ("nqfLevel", "educationLevel"):
        for concept in concepts(nodes, nodes.below(specified, member)):
            yield _level(concept)
    for concept in concepts(nodes, nodes.below(specified, "thematicArea")):
        yield StatedLevel("isced_f", (concept.uri or "").rpartition("/")[2], concept.pointer)


def _level(concept: StatedConcept) -> StatedLevel:
    scheme, _, code = (concept.uri or "").partition("#")
    if scheme == CYCLES_URL:
        return StatedLevel("qf_ehea_cycle", cycle_of(code, *concept.labels), concept.pointer)
    if scheme == ISCED_2011_URL:
        return StatedLevel("isced_2011", isced_of(code, *concept.labels), concept.pointer)
    label = next((label for label in concept.labels if isinstance(label, str)), concept.uri)
    return StatedLevel("other", label, concept.pointer)


def concepts(nodes: Nodes, found: Facts) -> tuple[StatedConcept, ...]:
    return tuple(
        StatedConcept(
            next(iter(words((one, *nodes.below((one,), "id")))), None),
            tuple(label.value for label in texts(nodes.below((one,), "prefLabel"))),
            one.pointer,
        )
        for one in found
    )


def accreditations(nodes: Nodes, found: Facts) -> Iterator[StatedConcept]:
    """The type of each accreditation; one without a type says nothing about element 11."""
    for one in found:
        details = next(iter(words(texts(nodes.below((one,), "description")))), None)
        kinds = concepts(nodes, nodes.below((one,), "dcType"))
        for kind in kinds or (StatedConcept(None, (), f"{one.pointer}/dcType"),):
            yield StatedConcept(kind.uri, kind.labels, kind.pointer, details)


def notes(nodes: Nodes, found: Facts) -> Iterator[Found]:
    for text in texts(nodes.below(found, "noteLiteral")):
        if isinstance(text.value, str):
            yield text


def codes(nodes: Nodes, found: Facts) -> Iterator[Found]:
    """The last part of each concept's address: authority tables name countries and regions so."""
    for one in found:
        address = (
            one.value if isinstance(one.value, str) else next(iter(words(nodes.below((one,), "id"))), None)
        )
        yield Found(None if address is None else address.rpartition("/")[2], one.pointer)
