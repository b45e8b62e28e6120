"""The gate for any credential: each mandatory element by number and name, each optional one that is present.

`check_credential` reads what it is given, whoever made it; it does not verify signatures. The report goes to people
(`table`) and to machines (`to_json`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from shared.annex1.awarding import differences
from shared.annex1.elements import MICRO_CREDENTIAL, Elements
from shared.annex1.findings import Finding
from shared.annex1.gate import check
from shared.annex1.judging import judge
from shared.annex1.names import ELEMENT_NAMES, NAMES_OF
from shared.annex1.readers import UnreadableError, elm, open_badges, opened, sd_jwt, snapshot
from shared.annex1.reading import ELM, FORMAT_NAMES, OPEN_BADGES, SD_JWT_VC, SNAPSHOT, Reading, StatedBody

OPTIONAL_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "prerequisites": "prerequisites needed to enrol",
        "supervision": "supervision and identity verification during assessment",
        "grades": "grade achieved",
        "stackability": "integration or stackability options",
        "further_information": "further information",
    }
)
"""The optional elements of Annex I, by the member of a reading (and of a snapshot) that holds them."""

_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Reading]]] = MappingProxyType(
    {OPEN_BADGES: open_badges.read, ELM: elm.read, SD_JWT_VC: sd_jwt.read}
)
_AWARDED: Final = 4
_LEVEL: Final = 8
_IN_A_SNAPSHOT: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "learner",
        2: "title",
        3: "issuer",
        4: "awarding_bodies",
        5: "issued_on",
        6: "outcomes",
        7: "workload",
        8: "level",
        9: "assessments",
        10: "participation",
        11: "quality_assurance",
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one credential has of Annex I. `optional` are the names of the optional elements that it has."""

    format: str
    document_type: str
    findings: tuple[Finding, ...]
    no_level: bool
    optional: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.findings

    def state(self, element: int) -> str:
        """`present`, `not_applicable` (recorded, element 8), `not_required`, `malformed` or `missing`."""
        problems = {finding.problem for finding in self.findings if finding.element == element}
        if problems:
            return "missing" if "missing" in problems else "malformed"
        if element not in NAMES_OF[self.document_type]:
            return "not_required"
        return "not_applicable" if element == _LEVEL and self.no_level else "present"

    def name_of(self, element: int) -> str:
        """What the element is called in this type of document."""
        return NAMES_OF[self.document_type].get(element) or ELEMENT_NAMES[element]

    def to_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "document_type": self.document_type,
            "complete": self.complete,
            "elements": [
                {"element": number, "name": self.name_of(number), "state": self.state(number)}
                for number in ELEMENT_NAMES
            ],
            "missing": [
                {
                    "element": finding.element,
                    "name": finding.name,
                    "problem": finding.problem,
                    "reason": finding.reason,
                    "pointer": finding.pointer,
                }
                for finding in self.findings
            ],
            "optional": list(self.optional),
        }


def check_credential(credential: str | Mapping[str, Any], awarding_bodies: Iterable[str] = ()) -> Report:
    """Name what `credential` lacks: the text of a file, a compact form, or a JSON object.

    `awarding_bodies` are names or ids of an agreement's list; element 4 is compared with it where it is given.

    Raises:
        UnreadableError: it is no credential of a known format.
    """
    try:
        found, document = opened(credential)
        return (
            _of_snapshot(document, awarding_bodies)
            if found == SNAPSHOT
            else _of_reading(_READERS[found](document), awarding_bodies)
        )
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error


def _of_reading(reading: Reading, awarding_bodies: Iterable[str]) -> Report:
    optional = tuple(name for member, name in OPTIONAL_NAMES.items() if getattr(reading, member))
    findings = judge(reading, awarding_bodies)
    return Report(reading.format, reading.document_type, findings, bool(reading.no_level), optional)


def _of_snapshot(document: Mapping[str, Any], awarding_bodies: Iterable[str]) -> Report:
    elements = snapshot.read(document)
    given = document["elements"] if isinstance(document["elements"], dict) else {}
    findings = [
        Finding(
            missing.element,
            "malformed" if given.get(_IN_A_SNAPSHOT[missing.element]) else "missing",
            missing.reason,
            f"/elements/{_IN_A_SNAPSHOT[missing.element]}",
            missing.document_type,
        )
        for missing in check(elements, None)
    ]
    agreed = awarding_bodies if elements.document_type == MICRO_CREDENTIAL else ()
    compared = differences(_bodies(elements), agreed, f"/elements/{_IN_A_SNAPSHOT[_AWARDED]}")
    ordered = sorted((*findings, *compared), key=lambda finding: finding.element)
    optional = tuple(name for member, name in OPTIONAL_NAMES.items() if given.get(member))
    no_level = elements.level.not_applicable_reason is not None
    return Report(SNAPSHOT, elements.document_type, tuple(ordered), no_level, optional)


def _bodies(elements: Elements) -> list[StatedBody]:
    return [
        StatedBody(tuple(body.name.values()), (body.id,), f"/elements/{_IN_A_SNAPSHOT[_AWARDED]}/{index}")
        for index, body in enumerate(elements.awarding_bodies)
    ]


def table(report: Report) -> Iterator[str]:
    """The report for a reader, line by line: the eleven elements, and the optional ones that are there."""
    lacking = len({finding.element for finding in report.findings})
    verdict = "complete" if report.complete else f"{lacking} of its mandatory elements missing or malformed"
    kind = report.document_type.replace("_", " ")
    yield f"{FORMAT_NAMES[report.format]}, {kind}: {verdict}"
    for number in ELEMENT_NAMES:
        yield f"  {number:>2}  {report.name_of(number):<48}  {report.state(number).replace('_', ' ')}"
        for finding in report.findings:
            if finding.element == number:
                yield f"      {finding.reason} ({finding.pointer or '/'})"
    yield f"  optional: {', '.join(report.optional) or 'none'}"
