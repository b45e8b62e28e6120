"""The guard of `issue` (D7): everything that is still missing, by name and from whom, besides nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.certification.domain.award import HELD, Award, Need, Registration
from shared.annex1 import ATTENDANCE, Elements, check
from shared.annex1.vocabulary import SUPERVISION_LEVELS

_STUDYING = frozenset({"enrolled", "completed"})


def missing_facts(award: Award, elements: Elements, clause: Mapping[str, Any]) -> tuple[Need, ...]:
    """What keeps this award's certificate from being issued; empty when nothing does.

    The elements of its document type, the registrations required for the award, the enrolment's state, and the
    conditions of the agreement's certificate clause.
    """
    return (
        *_elements(elements, clause),
        *_attendance(award),
        *enrolment_facts(award),
        *_conditions(elements, clause),
    )


def enrolment_facts(award: Award) -> tuple[Need, ...]:
    """The part of the guard that needs nothing but recorded facts; tested once more when the signature is stored.

    A larger award has neither registrations nor an enrolment of its own.
    """
    if award.stacked:
        return ()
    return (*_registrations(award.registrations), *_enrolment(award.enrolment_state))


def _elements(elements: Elements, clause: Mapping[str, Any]) -> Iterator[Need]:
    for missing in check(elements, clause):
        yield Need(missing.name, missing.reason, missing.source, missing.element)


def _attendance(award: Award) -> Iterator[Need]:
    if award.document_type == ATTENDANCE and award.attendance is None:
        yield Need("confirmation of attendance", "nobody has confirmed the attendance yet", "enrolment")


def _registrations(registrations: Iterable[Registration]) -> Iterator[Need]:
    """An institution may have denied one registration and confirmed a newer one: the best of them counts."""
    required: dict[str, list[Registration]] = {}
    for registration in registrations:
        if registration.required_for == "award":
            required.setdefault(registration.institution, []).append(registration)
    for institution, found in sorted(required.items()):
        if not any(registration.state in HELD for registration in found):
            latest = max(found, key=lambda registration: registration.ordinal)
            yield Need(
                f"registration at {institution}",
                f"the registration at {institution} is {latest.state}",
                institution,
            )


def _enrolment(state: str | None) -> Iterator[Need]:
    if state not in _STUDYING:
        reason = "not known yet" if state is None else state
        yield Need("enrolment in good standing", f"the enrolment is {reason}", "enrolment")


def _conditions(elements: Elements, clause: Mapping[str, Any]) -> Iterator[Need]:
    for condition in clause.get("conditions") or ():
        kind = str(condition.get("kind"))
        words = kind.replace("_", " ")
        known = CONDITIONS.get(kind)
        if known is not None and known.of_assessment and elements.document_type == ATTENDANCE:
            continue
        if known is None:
            why, source = f"the condition '{words}' cannot be tested by this version", "agreement"
        elif not known.holds(elements):
            why, source = f"the condition '{words}' does not hold", known.source
        else:
            continue
        yield Need(f"condition of the agreement: {words}", why, source)


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition that a certificate clause may name, who can bring it about, and whether it is about assessment."""

    holds: Callable[[Elements], bool]
    source: str
    of_assessment: bool = False


def _identity_verified(elements: Elements) -> bool:
    """An officer compared the record with a document, or every assessment that counted verified the identity."""
    assessed = elements.supervision is not None and elements.supervision.identity_verified
    return elements.learner.identity_verified or assessed


def _supervised(elements: Elements) -> bool:
    """Every assessment that counted was supervised."""
    return elements.supervision is not None and elements.supervision.supervision != SUPERVISION_LEVELS[0]


CONDITIONS: Mapping[str, _Condition] = MappingProxyType(
    {
        "identity_verified": _Condition(_identity_verified, "admission"),
        "supervised": _Condition(_supervised, "assessment", of_assessment=True),
    }
)
