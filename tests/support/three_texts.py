"""What a PDF, an Open Badges credential and a European one say of the eleven elements, read apart and compared.

Nothing of ours reads here: the PDF by its structure, the credentials by their members. The credential in Open Badges
has one language; texts are compared in it, concepts by their English labels.
"""

import re
from decimal import Decimal
from typing import Any

from tests.support.tagged_pdf import Printed, Texts

Document = dict[str, Any]
Facts = dict[int, Any]

_DECISION = re.compile(
    r"(?P<kind>.+), (?P<how>internal|external), (?P<when>ex ante|ex post): (?P<body>.+), (?P<day>[\d-]{10})"
    r"(?:, valid until (?P<until>[\d-]{10}))?"
)
_IN_BADGE = re.compile(
    r"(?P<how>internal|external), (?P<when>ex ante|ex post); decision of (?P<body>.+) of (?P<day>[\d-]{10})"
    r"(?:, valid until (?P<until>[\d-]{10}))?"
)


def differences(printed: Printed, badge: Document, european: Document) -> dict[int, tuple[Any, Any, Any]]:
    """The elements on which the three do not agree, with what each says; empty where they do."""
    language = badge["credentialSubject"]["achievement"]["inLanguage"]
    said = (of_pdf(printed, language), of_badge(badge), of_european(european, language))
    return {
        number: (said[0][number], said[1][number], said[2][number])
        for number in range(1, 12)
        if not said[0][number] == said[1][number] == said[2][number]
    }


def of_pdf(printed: Printed, language: str) -> Facts:
    def told(label: str, spoken: str = "en") -> list[str]:
        return [_picked(item, spoken) for item in printed.row(label)]

    attended = _english(printed.paragraphs[0]) == "Certificate of attendance"
    bodies = told("Attendance confirmed by" if attended else "Awarding bodies", language)
    (issuer,) = told("Issued by", language)
    born = re.search(r"[\d-]{10}", _english(printed.paragraphs[3]))
    amounts = " ".join(told("Workload"))
    levels = told("Level and cycle")
    decision = _DECISION.fullmatch(told("Quality assurance")[0])
    assert decision is not None
    return {
        1: (_picked(printed.paragraphs[2], printed.language), born and born[0]),
        2: _picked(printed.headings[0], language),
        3: issuer[-3:-1],
        4: {body.rpartition(" (")[0] for body in bodies},
        5: told("Date of issuing")[0],
        6: told("Learning outcomes", language),
        7: (_number(r"([\d.]+) ECTS credits", amounts), _number(r"(\d+) hours", amounts)),
        8: {level for level in levels if not level.startswith("ISCED-F")},
        9: set(told("Assessment") if attended else told("Type of assessment")),
        10: told("Form of participation"),
        11: tuple(decision.groups()),
    }


def of_badge(badge: Document) -> Facts:
    subject = badge["credentialSubject"]
    achievement = subject["achievement"]
    known = {each["identityType"]: each["identityHash"] for each in subject["identifier"]}

    def aligned(*kinds: str) -> list[str]:
        return [a["targetName"] for a in achievement["alignment"] if a["targetType"][4:] in kinds]

    (quality,) = (a for a in achievement["alignment"] if a["targetType"] == "ext:QualityAssurance")
    decision = _IN_BADGE.match(quality["targetDescription"])
    assert decision is not None
    attended = achievement["achievementType"] != "MicroCredential"
    hours = [r["value"] for r in subject.get("result", []) if r["resultDescription"].endswith("#hours")]
    return {
        1: (known["name"], known.get("ext:dateOfBirth")),
        2: achievement["name"],
        3: badge["issuer"]["address"]["addressCountryCode"],
        4: set(aligned("AwardingBody", "ConfirmingBody")) or {badge["issuer"]["name"]},
        5: badge["validFrom"][:10],
        6: aligned("LearningOutcome"),
        7: (_decimal(subject.get("creditsEarned")), _decimal(next(iter(hours), None))),
        8: set(aligned("EQF", "QFEHEA", "ISCED2011")),
        9: _unassessed(achievement) if attended else set(aligned("AssessmentType")),
        10: aligned("LearningMode"),
        11: (quality["targetName"], *decision.groups()),
    }


def _unassessed(achievement: Document) -> set[str]:
    paragraphs = achievement["criteria"]["narrative"].split("\n\n")
    return {"Not assessed"} if "Not assessed." in paragraphs else set()


def of_european(european: Document, language: str) -> Facts:
    subject = european["credentialSubject"]
    claim = subject["hasClaim"]
    specified, award = claim["specifiedBy"], claim["awardedBy"]
    attended = claim["type"] == "LearningActivity"
    bodies = _several(award["awardingBody"])
    accredited = bodies[0]["accreditation"] if attended else specified["accreditation"]
    how = [None, None]
    if "description" in accredited:
        how = accredited["description"]["en"].split(", ")
    hours = claim.get("workload") if attended else specified.get("volumeOfLearning")
    levels = [*_several(specified.get("eqfLevel")), *_several(specified.get("educationLevel"))]
    notes = [note["noteLiteral"]["en"] for note in _several(specified.get("additionalNote"))]
    types = {proof["specifiedBy"]["dcType"]["prefLabel"]["en"] for proof in _several(claim.get("provenBy"))}
    said = _several(claim.get("additionalNote"))
    return {
        1: (_picked(subject["fullName"], language), subject.get("dateOfBirth", "")[:10] or None),
        2: _picked(claim["title"], language),
        3: _country(european["issuer"]),
        4: {_picked(body["legalName"], language) for body in bodies},
        5: european["issued"][:10],
        6: [_picked(outcome["title"], language) for outcome in _several(specified.get("learningOutcome"))],
        7: (
            _decimal(specified.get("creditPoint", {}).get("point")),
            _number(r"PT(\d+)H", hours or ""),
        ),
        8: {level["prefLabel"]["en"] for level in levels}
        | {note for note in notes if note.startswith("not applicable: ")},
        9: {"Not assessed"} if attended and "Nothing was assessed" in said[0]["noteLiteral"]["en"] else types,
        10: [mode["prefLabel"]["en"] for mode in _several(specified.get("mode"))],
        11: (
            accredited["title"]["en"],
            *how,
            accredited["accreditingAgent"]["legalName"]["en"],
            accredited["dateIssued"][:10],
            accredited.get("expiryDate", "")[:10] or None,
        ),
    }


def _picked(texts: Texts, language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))


def _english(texts: Texts) -> str:
    return _picked(texts, "en")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _country(issuer: Document) -> str:
    """Of the European list's three letters the two that this test knows."""
    code = issuer["location"]["address"]["countryCode"]["id"].rpartition("/")[2]
    return {"FIN": "FI", "BEL": "BE", "CYP": "CY", "SWE": "SE"}[code]


def _number(pattern: str, text: str) -> Decimal | None:
    found = re.search(pattern, text)
    return Decimal(found[1]) if found else None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
