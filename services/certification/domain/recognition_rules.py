"""What a decision about recognition has to say, and which certificates from elsewhere may count.

In the sense of the Lisbon Recognition Convention: what is not recognised is refused for a substantial difference, which
the institution names, and whoever is refused is told where to appeal.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from shared.domain import Pointer

OUTCOMES: Final = ("recognised", "partly_recognised", "refused")

GROUNDS: Final = MappingProxyType(
    {
        "level": "a substantial difference in level",
        "outcomes": "a substantial difference in learning outcomes",
        "workload": "a substantial difference in workload",
        "quality": "a substantial difference in quality assurance",
        "profile": "a substantial difference in purpose or profile",
        "not_authentic": "the certificate could not be shown to be authentic",
        "not_the_holder": "the certificate could not be shown to be the applicant's",
        "certificate_withdrawn": "the certificate that it rested on does not stand any more",
    }
)
"""Codes of grounds, each with the sentence that stands in the statement."""

AUTHENTIC: Final = frozenset({"valid", "valid_with_remark"})


@dataclass(frozen=True, slots=True)
class Ground:
    """Why something is not recognised, or not all of it, by its code and in the institution's words."""

    code: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision. `recognised_as` names the course or part of the programme; `credits` are ECTS as a decimal string."""

    outcome: str
    recognised_as: str | None = None
    credits: str | None = None
    outcomes: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()

    @property
    def positive(self) -> bool:
        return self.outcome != "refused"


@dataclass(frozen=True, slots=True)
class ForeignRule:
    """Which certificates from elsewhere may count.

    Of these issuers (none named: of any), from this level of the EQF on, with no more than so many credits.
    """

    issuers: tuple[str, ...] = ()
    eqf: int | None = None
    credits: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What there is to recognise: credits as agreed in advance, those of the certificate, and the outcomes covered.

    Where it is `exempting`, the outcomes are what the learner is exempted from, and have to be named.
    """

    agreed: str | None = None
    certified: str | None = None
    outcomes: tuple[str, ...] = ()
    exempting: bool = False

    @property
    def most(self) -> Decimal | None:
        """The credits that recognition without reserve gives, None where there are none to go by."""
        given = self.agreed or self.certified
        return None if given is None else Decimal(given)


def ruling_problems(ruling: Ruling, limits: Limits) -> list[Pointer]:
    """Everything that keeps `ruling` from being a decision, by its place."""
    rules = {"recognised": _recognised, "partly_recognised": _partly, "refused": _refused}
    return [*rules[ruling.outcome](ruling, limits), *_covered(ruling, limits)]


def _recognised(ruling: Ruling, limits: Limits) -> Iterator[Pointer]:
    yield from _named(ruling)
    most = limits.most
    if most is not None and (ruling.credits is None or Decimal(ruling.credits) != most):
        told = f"Recognised without reserve it counts {most} ECTS; for fewer say 'partly_recognised' and why."
        yield Pointer("/credits", told)
    if most is None and ruling.credits is not None:
        yield Pointer("/credits", "The certificate has no credits that could be recognised.")


def _partly(ruling: Ruling, limits: Limits) -> Iterator[Pointer]:
    yield from _named(ruling)
    most = limits.most
    if most is None and ruling.credits is not None:
        yield Pointer("/credits", "The certificate has no credits that could be recognised.")
    elif most is not None and ruling.credits is None:
        yield Pointer("/credits", f"Say how many of the {most} ECTS are recognised.")
    elif most is not None and ruling.credits is not None and not 0 < Decimal(ruling.credits) < most:
        yield Pointer("/credits", f"A part of {most} ECTS is more than 0 and less than {most}.")
    yield from _grounded(ruling)


def _refused(ruling: Ruling, _limits: Limits) -> Iterator[Pointer]:
    for member in ("recognised_as", "credits"):
        if getattr(ruling, member) is not None:
            yield Pointer(f"/{member}", "Nothing is recognised; leave it out.")
    yield from _grounded(ruling)


def _named(ruling: Ruling) -> Iterator[Pointer]:
    if not ruling.recognised_as:
        yield Pointer("/recognised_as", "Say as what it is recognised.")


def _grounded(ruling: Ruling) -> Iterator[Pointer]:
    if not ruling.grounds:
        told = "Name the substantial difference: what is not recognised needs its grounds."
        yield Pointer("/grounds", told)


def _covered(ruling: Ruling, limits: Limits) -> Iterator[Pointer]:
    if limits.exempting and ruling.positive and not ruling.outcomes:
        yield Pointer("/outcomes", "Say which of the outcomes that were asked for it takes the place of.")
    for place, name in enumerate(ruling.outcomes):
        if name not in limits.outcomes:
            yield Pointer(f"/outcomes/{place}", f"'{name}' is not among the outcomes that are looked at.")


def foreign_objections(
    rule: ForeignRule | None, issuers: frozenset[str], eqf: int | None, credits_: str | None
) -> tuple[str, ...]:
    """What the agreement's rule has against a certificate from elsewhere; nothing where it may count.

    `issuers` are all identifiers by which the certificate names its issuer.
    """
    if rule is None:
        return ("the agreement does not provide for certificates from elsewhere",)
    found = []
    if rule.issuers and not issuers & set(rule.issuers):
        found.append("its issuer is not among those whose certificates may count")
    if rule.eqf is not None and eqf is None:
        found.append(f"it names no level of the EQF, and level {rule.eqf} is the lowest that may count")
    elif rule.eqf is not None and eqf is not None and eqf < rule.eqf:
        found.append(f"it is of level {eqf} of the EQF, and level {rule.eqf} is the lowest that may count")
    if rule.credits is not None and credits_ is not None and Decimal(credits_) > Decimal(rule.credits):
        found.append(f"it has {credits_} ECTS, and no more than {rule.credits} may count")
    return tuple(found)


def positive_objections(verdict: str | None, objections: tuple[str, ...]) -> tuple[str, ...]:
    """Why a certificate from elsewhere cannot be recognised as things stand; it can always be refused."""
    if verdict is None:
        return ("the certificate has not been looked at yet",)
    found = [] if verdict in AUTHENTIC else [f"the verdict on the certificate is '{verdict}'"]
    return (*found, *objections)


def grounds_said(grounds: tuple[Ground, ...]) -> tuple[Mapping[str, str], ...]:
    """The grounds with their sentences, for whoever reads them."""
    return tuple(
        {"code": ground.code, "says": GROUNDS[ground.code], "explanation": ground.explanation}
        for ground in grounds
    )
