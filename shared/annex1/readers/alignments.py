"""The alignments of an Open Badges achievement: the standard has no other member for elements 6 and 8 to 11.

One of ours has an `ext:` target type; anybody's may have the address of an entry of a European vocabulary.
"""

from collections.abc import Iterator
from typing import Final

from shared.annex1.readers.levels import cycle_of, eqf_of, isced_of
from shared.annex1.readers.nodes import members, texts, word, words
from shared.annex1.reading import Facts, Found, StatedBody, StatedConcept, StatedLevel, StatedOutcome
from shared.annex1.vocabulary import SNB
from shared.annex1.wording import NOT_APPLICABLE

_OUTCOME_TYPES: Final = frozenset({"ext:LearningOutcome", "ceasn:Competency", "CFItem"})
_UNLEVELLED: Final = NOT_APPLICABLE.rstrip()


def bodies(alignments: Facts, kind: str = "ext:AwardingBody") -> Iterator[StatedBody]:
    """Element 4 of a joint award, or with another `kind` who confirms attendance."""
    for one in alignments:
        if word(one, "targetType") == kind:
            yield StatedBody(_names(one), words(tuple(members(one, "targetUrl"))), one.pointer)


def outcomes(alignments: Facts) -> Iterator[StatedOutcome]:
    """Element 6; the skills of an outcome are alignments of the same name."""
    skills = [one for one in alignments if word(one, "targetType") == "ext:ESCOSkill"]
    for one in alignments:
        if word(one, "targetType") in _OUTCOME_TYPES:
            same = [skill for skill in skills if skill.value.get("targetName") == one.value.get("targetName")]
            addresses = tuple(address for skill in same for address in members(skill, "targetUrl"))
            yield StatedOutcome(_names(one), words(addresses), one.pointer)


def concepts(alignments: Facts, kind: str, vocabulary: str) -> tuple[StatedConcept, ...]:
    """Alignments of this target type, or to an entry of this vocabulary of the European Union."""
    namespace = f"{SNB}{vocabulary}/"
    return tuple(
        StatedConcept(word(one, "targetUrl"), _names(one), one.pointer, word(one, "targetDescription"))
        for one in alignments
        if word(one, "targetType") == kind or (word(one, "targetUrl") or "").startswith(namespace)
    )


def _names(alignment: Found) -> tuple[object, ...]:
    return tuple(text.value for text in texts(tuple(members(alignment, "targetName"))))


def no_level(alignments: Facts) -> Iterator[Found]:
    """The recorded reasons why no level applies."""
    for one in alignments:
        name = word(one, "targetName") or ""
        if word(one, "targetType") == "ext:EQF" and name.startswith(_UNLEVELLED):
            yield Found(name.removeprefix(_UNLEVELLED).strip(), f"{one.pointer}/targetName")


def levels(alignments: Facts) -> Iterator[StatedLevel]:
    """Element 8, by the codes or the names of levels."""
    for one in alignments:
        kind, address = word(one, "targetType"), word(one, "targetUrl") or ""
        code, name = word(one, "targetCode"), word(one, "targetName") or ""
        if kind == "ext:EQF" and name.startswith(_UNLEVELLED):
            continue
        if kind == "ext:EQF" or address.startswith(f"{SNB}eqf/"):
            yield StatedLevel("eqf", eqf_of(address, code, name), one.pointer)
        elif kind == "ext:QFEHEA":
            yield StatedLevel("qf_ehea_cycle", cycle_of(code, name), one.pointer)
        elif kind == "ext:ISCED2011":
            yield StatedLevel("isced_2011", isced_of(code, name), one.pointer)
        elif kind == "ext:NQF":
            yield StatedLevel("other", name or code, one.pointer)
        elif kind == "ext:ISCEDF":
            yield StatedLevel("isced_f", code, one.pointer)
