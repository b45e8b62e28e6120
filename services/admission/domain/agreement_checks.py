"""What must hold before a consortium agreement is published (SHR-01 to SHR-06, CRT-21)."""

from collections.abc import Iterator

from services.admission.domain.documents import Document, institutions_of, repeated, strangers
from shared.domain import Pointer

_NO_PARTNER = "is not among the agreement's partners."


def agreement_problems(agreement: Document) -> list[Pointer]:
    """Everything that keeps `agreement` from publication, each with the place and the way to mend it."""
    return [
        *repeated(agreement["partners"], "/partners", "institution"),
        *_roles(agreement),
        *_awarding(agreement),
        *_term(agreement),
    ]


def _roles(agreement: Document) -> list[Pointer]:
    governance, clause = agreement["governance"], agreement["certificate_clause"]
    lists = (
        ("/governance/coordinators", governance["coordinators"]),
        ("/governance/management_committee", governance["management_committee"]),
        ("/certificate_clause/awarding_bodies", clause["awarding_bodies"]),
    )
    return strangers(
        [
            ("/governance/lead_university", governance["lead_university"]),
            ("/governance/complaints_owner", governance["complaints_owner"]),
            ("/certificate_clause/issuer", clause["issuer"]),
            *((f"{pointer}/{index}", name) for pointer, names in lists for index, name in enumerate(names)),
        ],
        institutions_of(agreement),
        _NO_PARTNER,
    )


def _awarding(agreement: Document) -> Iterator[Pointer]:
    may_award = {partner["institution"] for partner in agreement["partners"] if partner["may_award"]}
    bodies = agreement["certificate_clause"]["awarding_bodies"]
    if not bodies:
        yield Pointer("/certificate_clause/awarding_bodies", "Name at least one awarding body.")
    for index, body in enumerate(bodies):
        if body in institutions_of(agreement) and body not in may_award:
            yield Pointer(
                f"/certificate_clause/awarding_bodies/{index}",
                f"'{body}' may not award; set may_award of the partner or name another body.",
            )


def _term(agreement: Document) -> Iterator[Pointer]:
    term = agreement["term"]
    if term["until"] is not None and term["until"] <= term["from"]:
        yield Pointer("/term/until", "The term ends before it begins.")
