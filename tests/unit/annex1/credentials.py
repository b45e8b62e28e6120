"""One certificate in each format that the gate reads, and for each element the ways to take it out of each."""

import base64
import copy
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.certification.domain.snapshot import Snapshot
from services.certification.formats.elm import credential as elm_credential
from services.certification.formats.elm_parties import LegalIdentifier
from services.certification.formats.openbadges import credential as badge
from services.certification.formats.sd_jwt_claims import ALWAYS_OPEN, claims
from shared.annex1 import Learner
from shared.annex1.report import Report, check_credential
from tests.support.documents import offering
from tests.unit.certification.samples import elements, snapshot

Document = dict[str, Any]
ROOT = Path(__file__).parents[3]
REFERENCE = Path(os.environ.get("PASSERELLE_REFERENCE_DATA", ROOT / ".." / "shared" / "data"))
LEGAL = LegalIdentifier("VATFI-03134717", "FI")

RENDERED: dict[str, Callable[[Snapshot], Document]] = {
    "open_badges_3": badge,
    "elm_3": lambda taken: elm_credential(taken, LEGAL),
    "sd_jwt_vc": claims,
    "snapshot": lambda taken: taken.to_json(),
}


def with_elements(**changes: Any) -> Snapshot:
    taken = snapshot()
    return replace(taken, elements=replace(taken.elements, **changes))


_NO_LEVEL = {
    "eqf": None,
    "qf_ehea_cycle": None,
    "isced_2011": None,
    "isced_f": None,
    "not_applicable_reason": "Continuing education outside the framework",
}

VARIANTS: dict[str, Callable[[], Snapshot]] = {
    "usual": snapshot,
    "half credits": lambda: snapshot(elements=elements(document=offering(workload={"ects": "2.5"}))),
    "credits only": lambda: snapshot(elements=elements(document=offering(workload={"hours": None}))),
    "hours only": lambda: snapshot(elements=elements(document=offering(workload={"ects": None}))),
    "no level": lambda: snapshot(elements=elements(document=offering(level=_NO_LEVEL))),
    "a cycle only": lambda: snapshot(
        elements=elements(document=offering(level={"eqf": None, "isced_2011": None}))
    ),
    "ISCED only": lambda: snapshot(
        elements=elements(document=offering(level={"eqf": None, "qf_ehea_cycle": None}))
    ),
    "several bodies": lambda: snapshot(
        elements=elements(document=offering(awarding_bodies=["helsinki.fi", "kuleuven.be"]))
    ),
    "an identifier instead of a birth date": lambda: snapshot(
        elements=elements(Learner("Ona", "Žemaitytė", identifier="urn:schac:personalUniqueCode:int:esi:1"))
    ),
    "one name": lambda: snapshot(elements=elements(Learner("", "Sokratis", "1990-02-28"))),
    "Finnish": lambda: snapshot(elements=elements(document=offering(languages=["fi"]))),
    "a region and a published decision": lambda: with_elements(
        issuer=replace(snapshot().elements.issuer, region="Uusimaa"),
        quality_assurance=replace(
            snapshot().elements.quality_assurance,
            valid_until=None,
            url="https://www.example.org/decisions/1?a=b",
        ),
    ),
    "nothing optional": lambda: with_elements(
        prerequisites={}, supervision=None, grades=(), stackability=None, further_information={}
    ),
}


def rendered(format_name: str, variant: str = "usual") -> Document:
    """As JSON gives it back: no tuples, nothing shared with what it was made from."""
    document: Document = json.loads(json.dumps(RENDERED[format_name](VARIANTS[variant]())))
    return document


def gone(*pointers: str) -> Callable[[Document], None]:
    """Take out what the pointers lead to, where it is there."""

    def take_out(document: Document) -> None:
        for pointer in pointers:
            *path, last = pointer.removeprefix("/").split("/")
            place: Any = document
            for step in path:
                place = place.get(step, {})
            place.pop(last, None)

    return take_out


def without_alignments(*kinds: str) -> Callable[[Document], None]:
    def take_out(document: Document) -> None:
        achievement = document["credentialSubject"]["achievement"]
        wanted = [f"ext:{kind}" for kind in kinds]
        achievement["alignment"] = [a for a in achievement["alignment"] if a["targetType"] not in wanted]

    return take_out


def _without_hours_and_credits(document: Document) -> None:
    subject = document["credentialSubject"]
    gone("/creditsEarned", "/achievement/creditsAvailable", "/result", "/achievement/resultDescription")(
        subject
    )


def _without_body(document: Document) -> None:
    gone("/issuer/name")(document)
    without_alignments("AwardingBody")(document)


_CLAIM = "/credentialSubject/hasClaim"
_SPECIFIED = f"{_CLAIM}/specifiedBy"


def _without_assessment_types(document: Document) -> None:
    for proof in document["credentialSubject"]["hasClaim"]["provenBy"]:
        proof["specifiedBy"].pop("dcType", None)


def _without_elm_level(document: Document) -> None:
    gone(f"{_SPECIFIED}/eqfLevel", f"{_SPECIFIED}/nqfLevel", f"{_SPECIFIED}/educationLevel")(document)
    gone(f"{_SPECIFIED}/additionalNote")(document)


MEMBERS = (
    "learner",
    "title",
    "issuer",
    "awarding_bodies",
    "issued_on",
    "outcomes",
    "workload",
    "level",
    "assessments",
    "participation",
    "quality_assurance",
)
"""Where the elements are in a snapshot, in the order of their numbers."""

DELETIONS: dict[str, dict[int, Callable[[Document], None]]] = {
    "open_badges_3": {
        1: gone("/credentialSubject/identifier"),
        2: gone("/credentialSubject/achievement/name"),
        3: gone("/issuer/address"),
        4: _without_body,
        5: gone("/validFrom", "/awardedDate"),
        6: without_alignments("LearningOutcome"),
        7: _without_hours_and_credits,
        8: without_alignments("EQF", "QFEHEA", "ISCED2011"),
        9: without_alignments("AssessmentType"),
        10: without_alignments("LearningMode"),
        11: without_alignments("QualityAssurance"),
    },
    "elm_3": {
        1: gone(*(f"/credentialSubject/{member}" for member in ("fullName", "givenName", "familyName"))),
        2: gone(f"{_CLAIM}/title"),
        3: gone("/issuer/location"),
        4: gone(f"{_CLAIM}/awardedBy"),
        5: gone("/issued", "/issuanceDate", "/validFrom", f"{_CLAIM}/awardedBy/awardingDate"),
        6: gone(f"{_SPECIFIED}/learningOutcome"),
        7: gone(f"{_SPECIFIED}/creditPoint", f"{_SPECIFIED}/volumeOfLearning"),
        8: _without_elm_level,
        9: _without_assessment_types,
        10: gone(f"{_SPECIFIED}/mode", f"{_CLAIM}/influencedBy"),
        11: gone(f"{_SPECIFIED}/accreditation"),
    },
    "sd_jwt_vc": {
        1: gone("/family_name", "/given_name", "/birthdate", "/learner_identification"),
        2: gone("/achievement_title"),
        3: gone("/issuing_country"),
        4: gone("/issuing_authority", "/awarding_bodies"),
        5: gone("/date_of_issuance"),
        6: gone("/learning_outcomes"),
        7: gone("/expected_study_time"),
        8: gone("/level_of_learning_experience", "/qf_ehea_cycle", "/isced_2011"),
        9: gone("/types_of_assessment"),
        10: gone("/form_of_participation"),
        11: gone("/types_of_quality_assurance"),
    },
    "snapshot": {number: gone(f"/elements/{member}") for number, member in enumerate(MEMBERS, start=1)},
}


def deleted(format_name: str, *numbers: int, variant: str = "usual") -> Document:
    """The certificate without these elements."""
    document = rendered(format_name, variant)
    for number in numbers:
        DELETIONS[format_name][number](document)
    return document


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def compact(payload: Document) -> str:
    """A compact JWS around `payload`; its signature is none."""
    return f"{encoded({'alg': 'ES256'})}.{encoded(payload)}.c2lnbmF0dXJl"


def sd_jwt(payload: Document, *, hidden: frozenset[str] = frozenset(), key_binding: str = "") -> str:
    """An SD-JWT whose selective claims are disclosed, except those of `hidden`; salts are counted."""
    opened = copy.deepcopy({name: value for name, value in payload.items() if name in ALWAYS_OPEN})
    disclosures = {
        name: encoded([f"salt-{number}", name, value])
        for number, (name, value) in enumerate(payload.items())
        if name not in ALWAYS_OPEN
    }
    opened["_sd"] = [digest(disclosure) for disclosure in disclosures.values()]
    opened["_sd_alg"] = "sha-256"
    shown = [disclosure for name, disclosure in disclosures.items() if name not in hidden]
    return "~".join([compact(opened), *shown, key_binding])


def digest(disclosure: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).rstrip(b"=").decode()


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def lacking(report: Report) -> set[int]:
    return {finding.element for finding in report.findings}


def found(document: Any, *bodies: str) -> set[int]:
    """The elements that the gate names."""
    return lacking(check_credential(document, bodies))
