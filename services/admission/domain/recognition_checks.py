"""Pre-agreed recognition (CRT-42): what has to hold of the programmes that an offering names."""

from collections.abc import Iterator
from decimal import Decimal

from services.admission.domain.documents import Document, institutions_of, strangers
from shared.domain import Pointer


def recognition_problems(offering: Document, agreement: Document) -> list[Pointer]:
    """Partners only, outcomes that exist, never more credits than the offering has, each programme once."""
    entries = offering["recognition"]
    named = [
        (f"/recognition/{index}/institution", entry["institution"]) for index, entry in enumerate(entries)
    ]
    return [
        *strangers(named, institutions_of(agreement), "is not a partner of the agreement version."),
        *_repeated(entries),
        *(problem for index, entry in enumerate(entries) for problem in _entry(offering, entry, index)),
    ]


def criteria_problems(agreement: Document, last: Document | None) -> Iterator[Pointer]:
    """Criteria that changed have another version: a decision names it, and it has to mean one thing (CRT-43).

    `last` is the agreement as it was last published.
    """
    criteria, before = _criteria(agreement), _criteria(last or {})
    if not criteria or not before or criteria["version"] != before["version"]:
        return
    if criteria["text"] != before["text"]:
        told = (
            f"The criteria are not those of version {before['version']} any more; give them another version."
        )
        yield Pointer("/recognition_clause/criteria/version", told)


def _criteria(agreement: Document) -> Document:
    criteria: Document = (agreement.get("recognition_clause") or {}).get("criteria") or {}
    return criteria


def _entry(offering: Document, entry: Document, index: int) -> Iterator[Pointer]:
    at, institution = f"/recognition/{index}", entry["institution"]
    if not entry["programme"]:
        yield Pointer(
            f"{at}/programme", f"Name the programme in which {institution} recognises the offering."
        )
    yield from strangers(
        [(f"{at}/outcomes/{place}", name) for place, name in enumerate(entry.get("outcomes", ()))],
        [outcome["id"] for outcome in offering["outcomes"]],
        "is not an outcome of the offering.",
    )
    ects, recognised = offering["workload"]["ects"], entry["credits"]
    if recognised is None:
        return
    if ects is None:
        yield Pointer(f"{at}/credits", f"{institution} would recognise credits, and the offering has none.")
    elif Decimal(recognised) > Decimal(ects):
        told = f"{institution} would recognise {recognised} ECTS of an offering that has {ects}."
        yield Pointer(f"{at}/credits", told)
    elif Decimal(recognised) == 0:
        yield Pointer(
            f"{at}/credits", f"{institution} would recognise nothing; leave the credits out, or name some."
        )


def _repeated(entries: list[Document]) -> Iterator[Pointer]:
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        named = entry["institution"], entry["programme"].get("en", "")
        if named in seen:
            told = f"{named[0]} names this programme twice; the learner gets one answer for each."
            yield Pointer(f"/recognition/{index}/programme", told)
        seen.add(named)
