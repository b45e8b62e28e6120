"""The guard of `issue` (D7): everything that is still missing, by name and from whom, besides nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from services.certification.domain.award import HELD, Award, Need, Registration
from shared.annex1 import Elements, check
from shared.annex1.vocabulary import SUPERVISION_LEVELS

_STUDYING = frozenset({"enrolled", "completed"})


def missing_facts(award: Award, elements: Elements, clause: Mapping[str, Any]) -> tuple[Need, ...]:
    """What keeps this award's certificate from being issued; empty when nothing does.

    The elements of its document type, the registrations required for the award, the enrolment's state, and the
    conditions of the agreement's certificate clause.
    """
    return (
        *_elements(elements, clause),
        *enrolment_facts(award),
        *_conditions(elements, clause),
    )


def enrolment_facts(award: Award) -> tuple[Need, ...]:
    """The part of the guard that needs nothing but recorded facts; tested once more when the signature is stored."""
    return (*_registrations(award.registrations), *_enrolment(award.enrolment_state))


def _elements(elements: Elements, clause: Mapping[str, Any]) -> Iterator[Need]:
    for missing in check(elements, clause):
        yield Need(missing.name, missing.reason, missing.source, missing.element)


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
        holds = _CONDITIONS.get(condition.get("kind", ""))
        if holds is None or not holds(elements, condition):
            kind = str(condition.get("kind")).replace("_", " ")
            why = "does not hold" if holds else "cannot be tested by this version"
            yield Need(f"condition of the agreement: {kind}", f"the condition '{kind}' {why}", "assessment")


def _identity_verified(elements: Elements, _condition: Mapping[str, Any]) -> bool:
    """Each assessment that counted was taken with verified identity."""
    return elements.supervision is not None and elements.supervision.identity_verified


def _supervised(elements: Elements, condition: Mapping[str, Any]) -> bool:
    """The weakest assessment that counted was at least supervised to the condition's `level`."""
    level = condition.get("level", SUPERVISION_LEVELS[1])
    if elements.supervision is None or level not in SUPERVISION_LEVELS:
        return False
    reached = SUPERVISION_LEVELS.index(elements.supervision.supervision)
    return reached >= SUPERVISION_LEVELS.index(level)


_CONDITIONS: Mapping[str, Callable[[Elements, Mapping[str, Any]], bool]] = MappingProxyType(
    {"identity_verified": _identity_verified, "supervised": _supervised}
)
