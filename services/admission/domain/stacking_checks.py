"""What must hold of an agreement's rules of stacking before it is published (CRT-24, CRT-25); each refusal by name."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from services.admission.domain.documents import Document, institutions_of, repeated
from shared.annex1 import dry_run
from shared.domain import Pointer
from shared.stacking import offerings_in, requirements_in

DEEPEST: Final = 5
"""How deeply requirements may be combined: deeper ones nobody reads."""

Offerings = Mapping[str, Document]


def stacking_problems(
    agreement: Document, offerings: Offerings, before: Mapping[str, Document]
) -> Iterator[Pointer]:
    """Everything that keeps the rules from publication.

    `offerings` are the latest published versions of those that the rules name, and of any that has a rule's id;
    `before` has each rule by its id as it was last published, in whatever version of the agreement.
    """
    rules = agreement.get("stacking") or ()
    yield from repeated(rules, "/stacking")
    for index, rule in enumerate(rules):
        at = f"/stacking/{index}"
        yield from _identity(rule, offerings, before.get(rule["id"]), at)
        yield from _deciding_body(rule, agreement, at)
        yield from _requirement(rule, agreement, offerings, f"{at}/requirement")
        yield from _elements(rule, agreement, offerings, at)


def _identity(rule: Document, offerings: Offerings, before: Document | None, at: str) -> Iterator[Pointer]:
    if rule["id"] in offerings:
        yield Pointer(f"{at}/id", f"'{rule['id']}' is an offering; give the rule another id.")
    if before is None or before == rule:
        return
    if rule["version"] <= before["version"]:
        yield Pointer(
            f"{at}/version",
            f"The rule is not that of version {before['version']} any more; raise its version above that.",
        )


def _deciding_body(rule: Document, agreement: Document, at: str) -> Iterator[Pointer]:
    body = rule["deciding_body"]
    if body not in institutions_of(agreement):
        yield Pointer(f"{at}/deciding_body", f"'{body}' is not among the agreement's partners.")
    elif not any(partner["may_award"] for partner in agreement["partners"] if partner["institution"] == body):
        yield Pointer(
            f"{at}/deciding_body", f"'{body}' may not award; set may_award of the partner or name another."
        )


def _requirement(rule: Document, agreement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    yield from _named(rule, agreement, offerings, at)
    for pointer, requirement in requirements_in(rule["requirement"], at):
        if pointer.removeprefix(at).count("/of/") >= DEEPEST:
            yield Pointer(pointer, f"Requirements are combined to a depth of {DEEPEST} at most.")
            return
        if all(name in offerings for name in offerings_in(requirement)):
            yield from _POSSIBLE[requirement["kind"]](requirement, offerings, pointer)


def _named(rule: Document, agreement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    partners = institutions_of(agreement)
    for pointer, name in _mentions(rule["requirement"], at):
        if name not in offerings:
            yield Pointer(pointer, f"'{name}' is no published offering.")
        elif offerings[name]["issuer"] not in partners:
            issuer = offerings[name]["issuer"]
            yield Pointer(pointer, f"'{name}' is issued by {issuer}, which is no partner of the agreement.")
        elif "assessed" not in offerings[name]["tracks"]:
            yield Pointer(pointer, f"'{name}' is not assessed: attendance counts towards no larger award.")


def _mentions(requirement: Document, at: str) -> Iterator[tuple[str, str]]:
    for pointer, each in requirements_in(requirement, at):
        if each["kind"] == "offering":
            yield f"{pointer}/offering", each["offering"]
        for index, name in enumerate(each.get("offerings") or ()):
            yield f"{pointer}/offerings/{index}", name


def _nothing(_requirement: Document, _offerings: Offerings, _at: str) -> Iterator[Pointer]:
    return iter(())


def _combination(requirement: Document, _offerings: Offerings, at: str) -> Iterator[Pointer]:
    of = requirement["of"]
    for index, each in enumerate(of):
        if each in of[:index]:
            yield Pointer(
                f"{at}/of/{index}", "This requirement occurs twice; one certificate would count twice."
            )
    if requirement.get("count", 0) > len(of):
        yield Pointer(f"{at}/count", f"{requirement['count']} of {len(of)} can never be.")


def _credits(requirement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    wanted = Decimal(requirement["at_least"])
    found = [Decimal(each["workload"]["ects"] or 0) for each in _at_level(requirement, offerings)]
    possible = sum(found, Decimal(0))
    if wanted == 0:
        yield Pointer(f"{at}/at_least", "Ask for more than nothing.")
    elif wanted > possible:
        yield Pointer(f"{at}/at_least", f"{wanted} ECTS can never be: the offerings named have {possible}.")


def _level(requirement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    possible = len(_at_level(requirement, offerings))
    if requirement["count"] > possible:
        told = f"{possible} of the offerings named are at EQF level {requirement['level']} or higher"
        yield Pointer(f"{at}/count", f"{requirement['count']} can never be: {told}.")


def _at_level(requirement: Document, offerings: Offerings) -> list[Document]:
    level = requirement["level"] or 0
    named = [offerings[name] for name in requirement["offerings"]]
    return [each for each in named if (each["level"]["eqf"] or 0) >= level]


def _outcomes(requirement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    named = requirement["offerings"]
    if not requirement["outcomes"] and not requirement["skills"]:
        yield Pointer(at, "Name at least one outcome or skill.")
    for index, each in enumerate(requirement["outcomes"]):
        known = offerings[each["offering"]]["outcomes"] if each["offering"] in named else ()
        if not any(outcome["id"] == each["outcome"] for outcome in known):
            yield Pointer(
                f"{at}/outcomes/{index}",
                f"'{each['outcome']}' is no outcome of '{each['offering']}' among the offerings named.",
            )
    skills = {skill for name in named for outcome in offerings[name]["outcomes"] for skill in outcome["esco"]}
    for index, skill in enumerate(requirement["skills"]):
        if skill not in skills:
            yield Pointer(f"{at}/skills/{index}", f"No outcome of the offerings named has the skill {skill}.")


_POSSIBLE: Final[Mapping[str, Callable[[Document, Offerings, str], Iterator[Pointer]]]] = MappingProxyType(
    {
        "offering": _nothing,
        "all": _combination,
        "any": _combination,
        "credits": _credits,
        "level": _level,
        "outcomes": _outcomes,
    }
)


def _elements(rule: Document, agreement: Document, offerings: Offerings, at: str) -> Iterator[Pointer]:
    """The eleven elements by a trial run: what the parts will supply is supposed, what the rule says is looked at."""
    body = rule["deciding_body"]
    clause = {"issuer": body, "awarding_bodies": [body]}
    for missing in dry_run(_supposed(rule), {**agreement, "certificate_clause": clause}):
        if not (missing.pointer or "").startswith("/partners"):
            yield Pointer(
                f"{at}/award{missing.pointer or ''}",
                f"Element {missing.element} of the larger certificate ({missing.name}): {missing.reason}.",
            )
    named = [offerings[name]["workload"] for name in offerings_in(rule["requirement"]) if name in offerings]
    if not any(all(workload[unit] is not None for workload in named) for unit in ("ects", "hours")):
        yield Pointer(
            f"{at}/requirement",
            "Element 7 of the larger certificate (notional workload): neither credits nor hours can be added up, "
            "because not every offering states them.",
        )


def _supposed(rule: Document) -> dict[str, Any]:
    award = rule["award"]
    outcome, instrument = {"id": "lo", "title": {"en": "An outcome"}}, {"id": "exam", "purpose": "summative"}
    return {
        **award,
        "quality_assurance": award["quality_assurance"] or {},
        "issuer": rule["deciding_body"],
        "awarding_bodies": [rule["deciding_body"]],
        "tracks": ["assessed"],
        "workload": {"ects": "1", "hours": None},
        "outcomes": [outcome],
        "assessment": {"instruments": [{**instrument, "type": "project", "outcomes": ["lo"]}]},
    }
