"""What must hold of an offering's components, outcomes and assessment plan before publication (AST-10, 29, 31)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from services.admission.domain.documents import Document, cycle, repeated, strangers
from shared.domain import Pointer

_SCALE_END: Final = {"grade_0_100": Decimal(100), "grade_0_10": Decimal(10)}


def plan_problems(offering: Document) -> list[Pointer]:
    """Everything that keeps the plan of `offering` from working, with the place and the way to mend it."""
    return [*_structure(offering), *_tracks(offering), *_assessment(offering)]


def _structure(offering: Document) -> Iterator[Pointer]:
    components, outcomes = offering["components"], offering["outcomes"]
    known = [component["id"] for component in components]
    yield from repeated(components, "/components")
    yield from repeated(outcomes, "/outcomes")
    yield from _requirements(components, "/components", "component")
    yield from strangers(
        [(f"/outcomes/{index}/component", outcome["component"]) for index, outcome in enumerate(outcomes)],
        known,
        "is not a component of the offering.",
    )


def _requirements(items: list[Document], pointer: str, word: str) -> Iterator[Pointer]:
    yield from strangers(
        [
            (f"{pointer}/{index}/requires/{place}", name)
            for index, item in enumerate(items)
            for place, name in enumerate(item["requires"])
        ],
        [item["id"] for item in items],
        f"is not a {word} of the offering.",
    )
    circle = cycle({item["id"]: item["requires"] for item in items})
    if circle:
        yield Pointer(pointer, f"These require each other in a circle: {' -> '.join(circle)}.")


def _tracks(offering: Document) -> Iterator[Pointer]:
    assessed = "assessed" in offering["tracks"]
    if not offering["tracks"]:
        yield Pointer("/tracks", "Name at least one track: assessed, attendance.")
    if assessed and offering["assessment"] is None:
        yield Pointer("/assessment", "The assessed track needs an assessment plan.")
    if not assessed and offering["assessment"] is not None:
        yield Pointer("/assessment", "Without the assessed track there is no assessment plan; set null.")


def _assessment(offering: Document) -> Iterator[Pointer]:
    plan = offering["assessment"]
    if plan is None:
        return
    instruments, groups = plan["instruments"], plan["groups"]
    yield from repeated(instruments, "/assessment/instruments")
    yield from repeated(groups, "/assessment/groups")
    yield from _requirements(groups, "/assessment/groups", "group")
    yield from _coverage(offering, plan)
    yield from _grouping(offering, plan)
    if plan["online"] and len(instruments) < 2:  # noqa: PLR2004 - the rule's own number
        yield Pointer(
            "/assessment/instruments", "An online plan needs at least two instruments, not a single event."
        )
    if plan["timing"] == "scheduled" and not any(instrument["sessions"] for instrument in instruments):
        yield Pointer("/assessment/instruments", "A scheduled plan needs at least one session.")
    for index, instrument in enumerate(instruments):
        yield from _instrument(instrument, f"/assessment/instruments/{index}")
    yield from _confirmation(plan)


def _coverage(offering: Document, plan: Document) -> Iterator[Pointer]:
    known = [outcome["id"] for outcome in offering["outcomes"]]
    covered = {
        outcome
        for instrument in plan["instruments"]
        if instrument["purpose"] == "summative"
        for outcome in instrument["outcomes"]
    }
    for index, outcome in enumerate(known):
        if outcome not in covered:
            yield Pointer(f"/outcomes/{index}", f"Outcome '{outcome}' has no summative instrument.")
    yield from strangers(
        [
            (f"/assessment/instruments/{index}/outcomes/{place}", name)
            for index, instrument in enumerate(plan["instruments"])
            for place, name in enumerate(instrument["outcomes"])
        ],
        known,
        "is not an outcome of the offering.",
    )


def _grouping(offering: Document, plan: Document) -> Iterator[Pointer]:
    known = [outcome["id"] for outcome in offering["outcomes"]]
    placed = [
        (f"/assessment/groups/{index}/outcomes/{place}", name)
        for index, group in enumerate(plan["groups"])
        for place, name in enumerate(group["outcomes"])
    ]
    yield from strangers(placed, known, "is not an outcome of the offering.")
    names = [name for _, name in placed]
    for index, outcome in enumerate(known):
        if names.count(outcome) != 1:
            yield Pointer(
                f"/outcomes/{index}", f"Outcome '{outcome}' belongs in exactly one group of the plan."
            )


def _instrument(instrument: Document, pointer: str) -> Iterator[Pointer]:
    if instrument["markers"] > 1 and instrument["agreement"] is None:
        yield Pointer(f"{pointer}/agreement", "With several markers say how they come to one mark.")
    yield from repeated(instrument["sessions"], f"{pointer}/sessions")
    for index, session in enumerate(instrument["sessions"]):
        if session["closes_at"] <= session["opens_at"]:
            yield Pointer(f"{pointer}/sessions/{index}/closes_at", "The session closes before it opens.")
    scale = instrument["scale"]
    end = _SCALE_END.get(scale["type"])
    if end is None:
        if scale["pass"] is not None:
            yield Pointer(f"{pointer}/scale/pass", "Pass or fail has no pass mark; leave it out.")
        return
    if scale["pass"] is None or not 0 <= Decimal(scale["pass"]) <= end:
        yield Pointer(f"{pointer}/scale/pass", f"The pass mark lies between 0 and {end}.")


def _confirmation(plan: Document) -> Iterator[Pointer]:
    if not plan["confirmation"]["institutions"]:
        yield Pointer("/assessment/confirmation/institutions", "Say whose confirmers make results final.")
