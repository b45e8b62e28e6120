"""What must hold before a consortium agreement is published (SHR-01 to SHR-06, CRT-21, D7's clause)."""

from collections.abc import Iterable, Iterator

from services.admission.domain.documents import Document, institutions_of, repeated, strangers
from shared.annex1.clause import CONDITIONS, FORMATS
from shared.domain import Pointer

_NO_PARTNER = "is not among the agreement's partners."


def agreement_problems(agreement: Document) -> list[Pointer]:
    """Everything that keeps `agreement` from publication, each with the place and the way to mend it."""
    return [
        *repeated(agreement["partners"], "/partners", "institution"),
        *_roles(agreement),
        *_awarding(agreement),
        *_clause(agreement["certificate_clause"]),
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


def _clause(clause: Document) -> list[Pointer]:
    formats = [(f"/certificate_clause/formats/{index}", name) for index, name in enumerate(clause["formats"])]
    conditions = [
        (f"/certificate_clause/conditions/{index}/kind", condition["kind"])
        for index, condition in enumerate(clause["conditions"])
    ]
    return [
        *strangers(formats, FORMATS, f"is no format of a certificate; there are: {_listed(FORMATS)}."),
        *strangers(conditions, CONDITIONS, f"is no condition known here; there are: {_listed(CONDITIONS)}."),
        *repeated(clause["conditions"], "/certificate_clause/conditions", "kind"),
    ]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _term(agreement: Document) -> Iterator[Pointer]:
    term = agreement["term"]
    if term["until"] is not None and term["until"] <= term["from"]:
        yield Pointer("/term/until", "The term ends before it begins.")
