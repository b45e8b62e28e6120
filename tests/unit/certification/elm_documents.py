"""European documents of ours in every variant, and the way to their parts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm import credential
from services.certification.formats.elm_parties import LegalIdentifier
from shared.annex1 import ATTENDANCE, Learner, Workload
from tests.support.documents import offering
from tests.unit.certification.samples import elements, snapshot

LEGAL = LegalIdentifier("VATFI-03134717", "FI")
Document = dict[str, Any]


def attended() -> Snapshot:
    taken = snapshot()
    return replace(
        taken,
        elements=replace(
            taken.elements,
            document_type=ATTENDANCE,
            outcomes=(),
            assessments=(),
            grades=(),
            supervision=None,
            workload=Workload(None, 30),
        ),
    )


def recognised() -> Snapshot:
    taken = snapshot()
    first, *others = taken.elements.outcomes
    return replace(
        taken,
        elements=replace(taken.elements, outcomes=(replace(first, state="recognised"), *others)),
    )


NO_LEVEL = dict.fromkeys(("eqf", "qf_ehea_cycle", "isced_2011", "isced_f"))
VARIANTS: dict[str, Callable[[], Snapshot]] = {
    "usual": snapshot,
    "hours only": lambda: snapshot(elements=elements(document=offering(workload={"ects": None}))),
    "credits only": lambda: snapshot(
        elements=elements(document=offering(workload={"ects": "2.5", "hours": None}))
    ),
    "no level": lambda: snapshot(
        elements=elements(
            document=offering(level={**NO_LEVEL, "not_applicable_reason": "Outside the framework"})
        )
    ),
    "several bodies": lambda: snapshot(
        elements=elements(document=offering(awarding_bodies=["helsinki.fi", "kuleuven.be"]))
    ),
    "an identifier instead of a birth date": lambda: snapshot(
        elements=elements(Learner("Ona", "Žemaitytė", identifier="urn:schac:personalUniqueCode:int:esi:1"))
    ),
    "in Finnish": lambda: snapshot(elements=elements(document=offering(languages=["fi"]))),
    "part of a degree": lambda: snapshot(
        elements=elements(document=offering(origin="degree_module", stackability="integrated"))
    ),
    "an outcome recognised": recognised,
    "attendance": attended,
}


def made(name: str = "usual") -> Document:
    return credential(VARIANTS[name](), LEGAL)


def claim(document: Document) -> Document:
    found: Document = document["credentialSubject"]["hasClaim"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
