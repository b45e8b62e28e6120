"""What must hold before an offering is published; each refusal names the place and the way to mend it.

Sources: AST-10, AST-29 (plan), SHR-16, SHR-17 (size), SHR-25 (target groups), SHR-26 (quality), ENR-01 and ENR-23
(registrations), ADM-02, ADM-09, ADM-10 (admission), CRT-42 (recognition), CRT-01 to CRT-11 by the dry run of
`shared.annex1`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from services.admission.domain.documents import Document, institutions_of, repeated, strangers
from services.admission.domain.plan_checks import plan_problems
from services.admission.domain.recognition_checks import recognition_problems
from shared.annex1 import dry_run
from shared.domain import Pointer

ECTS_BELOW: Final[Mapping[str, Decimal]] = MappingProxyType({"ES": Decimal(15)})
"""Jurisdictions that limit the size of a micro-credential: credits must stay below (Spain: RD 822/2021)."""

_NO_PARTNER: Final = "is not a partner of the agreement version."


def offering_problems(offering: Document, agreement: Document, today: str) -> list[Pointer]:
    """Everything that keeps `offering` from publication under `agreement` on the ISO date `today`."""
    return [
        *_partners(offering, agreement),
        *_size(offering, agreement),
        *_components(offering),
        *_quality(offering, today),
        *_registrations(offering),
        *_target_groups(offering),
        *_timing(offering),
        *_admission(offering),
        *recognition_problems(offering, agreement),
        *plan_problems(offering),
        *_elements(offering, agreement),
    ]


def _elements(offering: Document, agreement: Document) -> Iterator[Pointer]:
    for missing in dry_run(offering, agreement):
        yield Pointer(
            missing.pointer or "",
            f"Element {missing.element} of the certificate ({missing.name}): {missing.reason}.",
        )


def _partners(offering: Document, agreement: Document) -> list[Pointer]:
    named: list[tuple[str, str | None]] = [
        (f"/{role}", offering[role])
        for role in ("reviewing_institution", "coordinating_institution", "host_institution", "issuer")
    ]
    for pointer in ("partners", "awarding_bodies"):
        named += [(f"/{pointer}/{index}", name) for index, name in enumerate(offering[pointer])]
    for pointer in ("components", "registration_profiles"):
        named += [
            (f"/{pointer}/{index}/institution", item["institution"])
            for index, item in enumerate(offering[pointer])
        ]
    for index, name in enumerate(
        (offering["assessment"] or {"confirmation": {}})["confirmation"].get("institutions", ())
    ):
        named.append((f"/assessment/confirmation/institutions/{index}", name))
    return strangers(named, institutions_of(agreement), _NO_PARTNER)


def _size(offering: Document, agreement: Document) -> Iterator[Pointer]:
    countries = {partner["institution"]: partner["country"] for partner in agreement["partners"]}
    ects = offering["workload"]["ects"]
    for body in offering["awarding_bodies"]:
        limit = ECTS_BELOW.get(countries.get(body, ""))
        if ects is not None and limit is not None and Decimal(ects) >= limit:
            yield Pointer(
                "/workload/ects",
                f"{body} awards in {countries[body]}, where a micro-credential has less than {limit} ECTS.",
            )


def _components(offering: Document) -> Iterator[Pointer]:
    components, total = offering["components"], offering["workload"]["ects"]
    parts = [component["ects"] for component in components]
    if total is not None and parts and None not in parts:
        added = sum(Decimal(part) for part in parts)
        if added != Decimal(total):
            yield Pointer("/components", f"The components add up to {added} ECTS, the workload says {total}.")


def _quality(offering: Document, today: str) -> Iterator[Pointer]:
    decision = offering["quality_assurance"]
    if decision is None:
        yield Pointer(
            "/quality_assurance", "Record the quality-assurance decision: body, date, type, process."
        )
    elif decision["valid_until"] is not None and decision["valid_until"] < today:
        yield Pointer("/quality_assurance/valid_until", "The quality-assurance decision has expired.")


def _registrations(offering: Document) -> Iterator[Pointer]:
    profiles = offering["registration_profiles"]
    yield from repeated(profiles, "/registration_profiles", "institution")
    awarding = {profile["institution"] for profile in profiles if profile["role"] == "awarding"}
    for index, body in enumerate(offering["awarding_bodies"]):
        if body not in awarding:
            yield Pointer(
                f"/awarding_bodies/{index}",
                f"'{body}' awards, so it needs a registration profile with the role 'awarding'.",
            )
    for index, profile in enumerate(profiles):
        if profile["role"] == "awarding" and profile["required_for"] == "none":
            yield Pointer(
                f"/registration_profiles/{index}/required_for",
                f"'{profile['institution']}' awards, so its registration is needed: for the start or for the award.",
            )


def _target_groups(offering: Document) -> Iterator[Pointer]:
    groups = offering["target_groups"]
    if not groups:
        yield Pointer("/target_groups", "Name at least one target group.")
    yield from repeated(groups, "/target_groups", "code")
    yield from repeated(offering["funding_sources"], "/funding_sources", "code")
    for index, group in enumerate(groups):
        yield from _target_group(offering, group, f"/target_groups/{index}")


def _target_group(offering: Document, group: Document, pointer: str) -> Iterator[Pointer]:
    sources = [source["code"] for source in offering["funding_sources"]]
    if group["fee"] is None and group["funding"] is None:
        yield Pointer(f"{pointer}/fee", "Give the group a fee (0 is one) or a funding line.")
    yield from strangers(
        [(f"{pointer}/funding", group["funding"])], sources, "is not among the funding sources."
    )
    if group["contract_type"] is None:
        yield Pointer(f"{pointer}/contract_type", "Say which contract the group studies under.")
    wanted = group["registration_profile"]
    if not wanted:
        yield Pointer(
            f"{pointer}/registration_profile", "Say where the group is registered: 'all' or a list."
        )
    elif wanted != "all":
        profiles = [profile["institution"] for profile in offering["registration_profiles"]]
        yield from strangers(
            [(f"{pointer}/registration_profile/{index}", name) for index, name in enumerate(wanted)],
            profiles,
            "has no registration profile in this offering.",
        )
        for body in offering["awarding_bodies"]:
            if body not in wanted:
                yield Pointer(
                    f"{pointer}/registration_profile",
                    f"'{body}' awards, so the group's learners are registered there too.",
                )


def _timing(offering: Document) -> Iterator[Pointer]:
    timing = offering["timing"]
    if timing["kind"] != "own_pace" and (timing["from"] is None or timing["until"] is None):
        yield Pointer("/timing", "Fixed dates and fixed windows need 'from' and 'until'.")
    elif timing["from"] is not None and timing["until"] is not None and timing["until"] < timing["from"]:
        yield Pointer("/timing/until", "The offering ends before it begins.")


def _admission(offering: Document) -> Iterator[Pointer]:
    admission = offering["admission"]
    criteria, window, capacity = admission["rule_set"]["criteria"], admission["window"], admission["capacity"]
    if admission["open"] and criteria:
        yield Pointer(
            "/admission/rule_set/criteria", "An open offering has no criteria; drop them or 'open'."
        )
    if admission["open"] and admission["review_mode"] != "automatic":
        yield Pointer("/admission/review_mode", "An open offering has nothing to review: set 'automatic'.")
    if admission["mode"] == "rounds" and (window["from"] is None or window["until"] is None):
        yield Pointer("/admission/window", "Admission in rounds needs a window with 'from' and 'until'.")
    if window["from"] is not None and window["until"] is not None and window["until"] <= window["from"]:
        yield Pointer("/admission/window/until", "The window closes before it opens.")
    if capacity is not None and capacity["min"] is not None and capacity["min"] > capacity["max"]:
        yield Pointer("/admission/capacity/min", "The minimum exceeds the maximum.")
    yield from repeated(list(_routes(criteria)), "/admission/rule_set/criteria")
    yield from _group_criteria(offering, criteria)


def _routes(criteria: list[Document]) -> Iterator[Document]:
    for criterion in criteria:
        yield criterion
        yield from _routes(criterion["alternatives"])


def _group_criteria(offering: Document, criteria: list[Document]) -> list[Pointer]:
    codes = [group["code"] for group in offering["target_groups"]]
    return strangers(
        [
            ("/admission/rule_set/criteria", code)
            for criterion in _routes(criteria)
            if criterion["kind"] == "target_group"
            for code in criterion["params"]["codes"]
        ],
        codes,
        "is not among the target groups.",
    )
