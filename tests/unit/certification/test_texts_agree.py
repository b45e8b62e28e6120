"""PDF, Open Badges and European credential say the same of every element, by a reader that shares nothing with them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm import credential as european
from services.certification.formats.elm_parties import LegalIdentifier
from services.certification.formats.openbadges import credential as badge
from services.certification.formats.pdf import certificate_pdf
from shared.annex1 import Institution, Learner, Outcome, Workload
from tests.support.documents import offering
from tests.support.tagged_pdf import printed
from tests.support.three_texts import differences
from tests.unit.certification.samples import attended, elements, snapshot

LEGAL = LegalIdentifier("VATFI-03134717", "FI")
TITLES = {
    "en": "Sustainability",
    "fi": "Kestävyys",
    "el": "Βιωσιμότητα",
    "lt": "Tvarumas",
    "mt": "Sostenibbiltà",
}
NO_LEVEL = {
    **dict.fromkeys(("eqf", "qf_ehea_cycle", "isced_2011", "isced_f")),
    "not_applicable_reason": "None fits",
}


def taught(**changes: Any) -> Snapshot:
    return snapshot(elements=elements(document=offering(title=TITLES, **changes)))


def changed(taken: Snapshot, **members: Any) -> Snapshot:
    return replace(taken, elements=replace(taken.elements, **members))


AWARDS: dict[str, Callable[[], Snapshot]] = {
    "English": taught,
    "Finnish": lambda: taught(languages=["fi"]),
    "Greek": lambda: taught(languages=["el"]),
    "Lithuanian": lambda: taught(languages=["lt", "en"]),
    "English and Greek": lambda: taught(languages=["en", "el"]),
    "a language without words": lambda: taught(languages=["mt"]),
    "half credits": lambda: taught(workload={"ects": "2.5"}),
    "hours only": lambda: taught(workload={"ects": None}),
    "credits only": lambda: taught(workload={"hours": None}),
    "no level": lambda: taught(level=NO_LEVEL),
    "several bodies": lambda: taught(languages=["fi"], awarding_bodies=["helsinki.fi", "kuleuven.be"]),
    "a Lithuanian name": lambda: changed(
        taught(languages=["lt"]), learner=Learner("Šarūnė", "Žemaitytė-Kučinskienė", "1988-11-30")
    ),
    "a Polish name": lambda: changed(
        taught(), learner=Learner("Łukasz", "Brzęczyszczykiewicz", "1979-01-02")
    ),
    "ligatures": lambda: changed(taught(), learner=Learner("Steffi", "Pfefferflöte-Aﬃnität", "1979-01-02")),
    "attendance": lambda: snapshot(elements=attended(taught().elements)),
    "attendance in Finnish": lambda: snapshot(elements=attended(taught(languages=["fi"]).elements)),
}


def three(of_pdf: Snapshot, of_badge: Snapshot, of_european: Snapshot) -> set[int]:
    """The elements on which the three differ."""
    documents = (badge(of_badge), european(of_european, LEGAL))
    plain = [json.loads(json.dumps(document)) for document in documents]
    return set(differences(printed(certificate_pdf(of_pdf, ())), *plain))


@pytest.mark.parametrize("name", AWARDS)
def test_they_agree(name: str) -> None:
    taken = AWARDS[name]()
    assert three(taken, taken, taken) == set()


def other_learner(taken: Snapshot) -> Snapshot:
    return changed(taken, learner=replace(taken.elements.learner, family_name="Παπαδόπουλος"))


def other_day_of_birth(taken: Snapshot) -> Snapshot:
    return changed(taken, learner=replace(taken.elements.learner, date_of_birth="1990-02-27"))


def other_body(taken: Snapshot) -> Snapshot:
    body = Institution("ucm.es", {"en": "Complutense University of Madrid"}, "ES", may_award=True)
    return changed(taken, awarding_bodies=(*taken.elements.awarding_bodies, body))


def one_outcome_more(taken: Snapshot) -> Snapshot:
    more = Outcome("lo-more", {"en": "Fly"}, "skill", (), "achieved")
    return changed(taken, outcomes=(*taken.elements.outcomes, more))


def other_decision(**members: Any) -> Callable[[Snapshot], Snapshot]:
    return lambda taken: changed(
        taken, quality_assurance=replace(taken.elements.quality_assurance, **members)
    )


CHANGES: list[tuple[int, Callable[[Snapshot], Snapshot]]] = [
    (1, other_learner),
    (1, other_day_of_birth),
    (2, lambda taken: changed(taken, title={"en": "Sustainabillity"})),
    (3, lambda taken: changed(taken, issuer=replace(taken.elements.issuer, country="SE"))),
    (4, other_body),
    (5, lambda taken: replace(changed(taken, issued_on="2026-11-04"), issued_at="2026-11-04T09:30:00Z")),
    (6, one_outcome_more),
    (6, lambda taken: changed(taken, outcomes=taken.elements.outcomes[1:], grades=())),
    (7, lambda taken: changed(taken, workload=Workload("10.5", 270))),
    (7, lambda taken: changed(taken, workload=Workload("10", 271))),
    (8, lambda taken: changed(taken, level=replace(taken.elements.level, eqf=6))),
    (8, lambda taken: changed(taken, level=replace(taken.elements.level, qf_ehea_cycle="first"))),
    (9, lambda taken: changed(taken, assessments=taken.elements.assessments[:1])),
    (10, lambda taken: changed(taken, participation="blended")),
    (11, other_decision(type="programme")),
    (11, other_decision(timing="ex_ante")),
    (11, other_decision(body="FINEEC (Helsinki)")),
    (11, other_decision(valid_until=None)),
]


@pytest.mark.parametrize("place", range(3), ids=("pdf", "badge", "european"))
@pytest.mark.parametrize(("number", "change"), CHANGES)
def test_one_that_says_something_else_is_found(
    number: int, change: Callable[[Snapshot], Snapshot], place: int
) -> None:
    taken = [taught()] * 3
    taken[place] = change(taken[place])
    assert three(*taken) == {number}
