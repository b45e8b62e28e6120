"""Elements 1 to 5: who awards what to whom, where and when."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.annex1.elements import Elements, Institution
from shared.annex1.missing import Missing
from shared.annex1.values import is_date, is_text

_COUNTRY = re.compile(r"[A-Z]{2}")


def learner(elements: Elements) -> Iterator[Missing]:
    learner = elements.learner
    if not is_text(learner.full_name):
        yield Missing(1, "the learner's name is missing or has unprintable characters", "learner", "/name")
    if learner.date_of_birth is not None and not is_date(learner.date_of_birth):
        yield Missing(1, "the date of birth is no calendar date", "learner", "/date_of_birth")
    elif learner.date_of_birth is None and not is_text(learner.identifier):
        yield Missing(
            1, "neither a date of birth nor another identifier is on record", "learner", "/date_of_birth"
        )


def title(elements: Elements) -> Iterator[Missing]:
    if not is_text(elements.title.get("en")):
        yield Missing(2, "there is no title in English", "offering", "/title/en")
    for language, title in elements.title.items():
        if language != "en" and not is_text(title):
            yield Missing(2, f"the title in '{language}' is empty", "offering", f"/title/{language}")


def country(elements: Elements, clause: Mapping[str, Any] | None) -> Iterator[Missing]:
    issuer = elements.issuer
    agreed = (clause or {}).get("issuer")
    if not is_text(issuer.id):
        yield Missing(3, "no issuer is named", "offering", "/issuer")
    elif agreed is not None and issuer.id != agreed:
        yield Missing(
            3, f"the issuer {issuer.id} is not the one of the agreement, {agreed}", "offering", "/issuer"
        )
    elif not _has_country(issuer):
        yield Missing(3, f"the agreement gives no country for {issuer.id}", "agreement", "/partners")


def _has_country(institution: Institution) -> bool:
    return institution.country is not None and _COUNTRY.fullmatch(institution.country) is not None


def awarding_bodies(elements: Elements, clause: Mapping[str, Any] | None) -> Iterator[Missing]:
    named = {body.id for body in elements.awarding_bodies}
    agreed = set((clause or {}).get("awarding_bodies") or ())
    if not named:
        yield Missing(4, "no awarding body is named", "offering", "/awarding_bodies")
    if not agreed and clause is not None:
        yield Missing(
            4,
            "the agreement's certificate clause names no awarding body",
            "agreement",
            "/certificate_clause/awarding_bodies",
        )
    if named and agreed:
        for absent in sorted(agreed - named):
            yield Missing(
                4, f"{absent} awards by the agreement but is not named", "offering", "/awarding_bodies"
            )
        for stranger in sorted(named - agreed):
            yield Missing(
                4,
                f"{stranger} is named but does not award by the agreement",
                "offering",
                "/awarding_bodies",
            )
    for body in elements.awarding_bodies:
        yield from _body(body)


def _body(body: Institution) -> Iterator[Missing]:
    if not any(is_text(name) for name in body.name.values()):
        yield Missing(4, f"the agreement gives no name for {body.id}", "agreement", "/partners")
    if not _has_country(body):
        yield Missing(4, f"the agreement gives no country for {body.id}", "agreement", "/partners")
    if not body.may_award:
        yield Missing(4, f"{body.id} may not award under the agreement", "agreement", "/partners")


def issued_on(elements: Elements) -> Iterator[Missing]:
    if not is_date(elements.issued_on):
        yield Missing(5, "the date of issuing is missing or no calendar date", "certification")
