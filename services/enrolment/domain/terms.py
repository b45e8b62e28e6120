"""What an offering version asks for one target group: who registers the learner, for what fee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

from services.enrolment.domain.model import Money, Profile
from shared.domain import InvalidError

Document = Mapping[str, Any]

_ROLES: Final = ("awarding", "teaching", "platform")
_REQUIREMENTS: Final = ("start", "award", "none")


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of an offering version that an enrolment of one target group follows."""

    coordinating_institution: str
    reviewing_institution: str
    profiles: tuple[Profile, ...]
    fee: Money | None


def terms_for(offering: Document, target_group: str) -> Terms:
    """Read the terms of `target_group` from a published offering version (ADM-12, SHR-25).

    Raises:
        InvalidError: the version knows no such target group, or the group names an institution without a profile.
    """
    group = next((g for g in offering["target_groups"] if g["code"] == target_group), None)
    if group is None:
        raise InvalidError(f"Offering version {_name(offering)} has no target group '{target_group}'.")
    fee = group.get("fee")
    return Terms(
        coordinating_institution=offering["coordinating_institution"],
        reviewing_institution=offering["reviewing_institution"],
        profiles=_profiles(offering, group),
        fee=Money(fee["amount"], fee["currency"]) if fee else None,
    )


def _name(offering: Document) -> str:
    return f"{offering['id']}@{offering['version']}"


def _profiles(offering: Document, group: Document) -> tuple[Profile, ...]:
    by_institution: dict[str, list[Profile]] = {}
    for entry in offering["registration_profiles"]:
        by_institution.setdefault(entry["institution"], []).append(_profile(entry))
    wanted = group["registration_profile"]
    institutions = list(by_institution) if wanted == "all" else wanted
    unknown = [institution for institution in institutions if institution not in by_institution]
    if unknown:
        raise InvalidError(
            f"Offering version {_name(offering)} has no registration profile for {', '.join(unknown)}."
        )
    return tuple(reduce(_merged, by_institution[institution]) for institution in institutions)


def _profile(entry: Document) -> Profile:
    return Profile(
        institution=entry["institution"],
        role=entry["role"],
        required_for=entry["required_for"],
        data=tuple(entry["data"]),
        answer_within=entry["answer_within"],
        procedure=tuple(sorted((entry.get("procedure") or {}).items())),
        entitlement=entry.get("entitlement"),
    )


def _merged(one: Profile, other: Profile) -> Profile:
    """One registration for an institution in several roles: the weightiest role and need, all data asked for."""
    return replace(
        one,
        role=_first(_ROLES, one.role, other.role),
        required_for=_first(_REQUIREMENTS, one.required_for, other.required_for),
        data=tuple(dict.fromkeys(one.data + other.data)),
        entitlement=one.entitlement or other.entitlement,
    )


def _first(order: Sequence[Any], *values: Any) -> Any:
    return min(values, key=order.index)
