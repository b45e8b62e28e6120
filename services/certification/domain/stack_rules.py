"""What a larger award asks for: requirements as a small algebra over certificates (issue 4, section 4; CRT-25).

Every requirement is monotone: a further certificate never makes one fail that holds. Credits are exact decimals.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from shared.stacking import offerings_in

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A certificate that stands, as requirements look at it; `results_digest` names the results it rests on."""

    award_id: str
    certificate_id: str
    offering_id: str
    issued_at: datetime
    results_digest: str = ""
    ects: Decimal | None = None
    eqf: int | None = None
    outcomes: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is still missing, in words, and the offerings that would supply it."""

    what: str
    offerings: tuple[str, ...]


Lacks = tuple[Lack, ...]
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a published agreement version. `kind` is that of the larger award: credits count once within it."""

    agreement_id: str
    agreement_version: int
    document: Document

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def version(self) -> int:
        return int(self.document["version"])

    @property
    def kind(self) -> str:
        return str(self.document["kind"])

    @property
    def deciding_body(self) -> str:
        return str(self.document["deciding_body"])

    @property
    def requirement(self) -> Document:
        requirement: Document = self.document["requirement"]
        return requirement

    @property
    def offerings(self) -> frozenset[str]:
        return offerings_in(self.requirement)


def rules_of(agreement: Document) -> tuple[Rule, ...]:
    """The rules of an agreement version; none in one that was published before there were rules."""
    return tuple(
        Rule(agreement["id"], agreement["version"], document) for document in agreement.get("stacking") or ()
    )


def holds(requirement: Document, parts: Iterable[Part]) -> bool:
    """Whether the certificates satisfy the requirement."""
    return not lacking(requirement, tuple(parts))


def lacking(requirement: Document, parts: Parts) -> Lacks:
    """What is missing of the requirement; nothing exactly where it holds."""
    return _LACKING[requirement["kind"]](requirement, parts)


def _offering(requirement: Document, parts: Parts) -> Lacks:
    wanted = requirement["offering"]
    if any(part.offering_id == wanted for part in parts):
        return ()
    return (Lack(f"a certificate of '{wanted}'", (wanted,)),)


def _all(requirement: Document, parts: Parts) -> Lacks:
    return tuple(lack for each in requirement["of"] for lack in lacking(each, parts))


def _any(requirement: Document, parts: Parts) -> Lacks:
    looked = [lacking(each, parts) for each in requirement["of"]]
    still = int(requirement["count"]) - sum(not lacks for lacks in looked)
    if still <= 0:
        return ()
    others = [lack for lacks in looked for lack in lacks]
    offerings = dict.fromkeys(offering for lack in others for offering in lack.offerings)
    said = "; ".join(dict.fromkeys(lack.what for lack in others))
    return (Lack(f"{still} more of these: {said}", tuple(offerings)),)


def _credits(requirement: Document, parts: Parts) -> Lacks:
    counted = _of_level(requirement, parts)
    have = sum((part.ects for part in counted if part.ects is not None), Decimal(0))
    still = Decimal(requirement["at_least"]) - have
    if still <= 0:
        return ()
    level = f" at EQF level {requirement['level']} or higher" if requirement.get("level") else ""
    return (Lack(f"{still:f} more ECTS credits{level}", _others(requirement, counted)),)


def _level(requirement: Document, parts: Parts) -> Lacks:
    counted = _of_level(requirement, parts)
    still = int(requirement["count"]) - len(counted)
    if still <= 0:
        return ()
    what = f"{still} more certificate(s) at EQF level {requirement['level']} or higher"
    return (Lack(what, _others(requirement, counted)),)


def _outcomes(requirement: Document, parts: Parts) -> Lacks:
    named = frozenset(requirement["offerings"])
    found = [part for part in parts if part.offering_id in named]
    covered = {(part.offering_id, outcome) for part in found for outcome in part.outcomes}
    skills = {skill for part in found for skill in part.skills}
    missing = [
        Lack(f"the outcome '{each['outcome']}' of '{each['offering']}'", (each["offering"],))
        for each in requirement["outcomes"]
        if (each["offering"], each["outcome"]) not in covered
    ]
    others = _others(requirement, found)
    return (*missing, *(Lack(f"the skill {s}", others) for s in requirement["skills"] if s not in skills))


def _of_level(requirement: Document, parts: Parts) -> list[Part]:
    """The certificates that the requirement names, at its level or above where it asks for one."""
    named, level = frozenset(requirement["offerings"]), requirement.get("level")
    found = [part for part in parts if part.offering_id in named]
    return found if level is None else [part for part in found if (part.eqf or 0) >= level]


def _others(requirement: Document, counted: Iterable[Part]) -> tuple[str, ...]:
    there = {part.offering_id for part in counted}
    return tuple(offering for offering in requirement["offerings"] if offering not in there)


_LACKING: Final[Mapping[str, Callable[[Document, Parts], Lacks]]] = MappingProxyType(
    {
        "offering": _offering,
        "all": _all,
        "any": _any,
        "credits": _credits,
        "level": _level,
        "outcomes": _outcomes,
    }
)
