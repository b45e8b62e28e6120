"""Propose whether an application meets the published rules of its offering version (ADM-02 to ADM-08, C1).

The engine is a pure function of the rules and the inputs: same evidence, same outcome, in any order and at any
later time. It proposes; it never refuses anybody (GDPR Art. 22). A proof that the rules do not know counts as
insufficient evidence, never as a failure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from services.admission.domain.criteria import ABSENT, BELOW, MEETS, UNKNOWN, Criterion, Evidence, Finding
from services.admission.domain.judging import judge

MET: Final = "met"
MET_BY_ALTERNATIVE: Final = "met_by_alternative"
WAIVED: Final = "waived"
NOT_MET: Final = "not_met"
INSUFFICIENT_EVIDENCE: Final = "insufficient_evidence"

ELIGIBLE: Final = "eligible"
ELIGIBLE_WITH_CONDITIONS: Final = "eligible_with_conditions"
INELIGIBLE: Final = "ineligible"
UNDETERMINED: Final = "undetermined"

OFFERABLE: Final = frozenset({ELIGIBLE, ELIGIBLE_WITH_CONDITIONS})


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything an evaluation depends on besides the rules; stored with it, so that it can be run again.

    `waived` names criteria waived by two people. `verified_only` leaves evidence out that nobody verified, as an
    automatic review must (ADM-24).
    """

    target_group: str
    evidence: tuple[Evidence, ...]
    as_of: date
    verified_only: bool = False
    waived: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal value; order of evidence does not show."""
        return {
            "target_group": self.target_group,
            "evidence": [evidence.to_json() for evidence in sorted(self.evidence, key=lambda e: e.id)],
            "as_of": self.as_of.isoformat(),
            "verified_only": self.verified_only,
            "waived": sorted(self.waived),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Inputs":
        return cls(
            target_group=data["target_group"],
            evidence=tuple(Evidence.from_json(evidence) for evidence in data["evidence"]),
            as_of=date.fromisoformat(data["as_of"]),
            verified_only=data["verified_only"],
            waived=frozenset(data["waived"]),
        )


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The outcome of one criterion, with its reason and the evidence it rests on.

    `alternative` names the alternative that was met. `verified` says that somebody or a signature stands behind
    all of `evidence`.
    """

    criterion: str
    outcome: str
    reason: str
    evidence: tuple[str, ...] = ()
    alternative: str | None = None
    verified: bool = False
    conditional: bool = False

    @property
    def open(self) -> bool:
        """Whether something is still missing."""
        return self.outcome in {NOT_MET, INSUFFICIENT_EVIDENCE}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the engine proposes: `overall` and a result per criterion, in the order of the rules."""

    rule_set: str
    overall: str
    results: tuple[CriterionResult, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "rule_set": self.rule_set,
            "overall": self.overall,
            "results": [{**asdict(result), "evidence": list(result.evidence)} for result in self.results],
        }


def evaluate(rule_set: str, criteria: Sequence[Criterion], inputs: Inputs) -> Proposal:
    """The proposal of `criteria` (version `rule_set`) for `inputs`. All criteria have to hold (ADM-02)."""
    results = tuple(_result(criterion, inputs) for criterion in criteria)
    return Proposal(rule_set, _overall(results), results)


def _result(criterion: Criterion, inputs: Inputs) -> CriterionResult:
    def result(outcome: str, finding: Finding, alternative: str | None = None) -> CriterionResult:
        return CriterionResult(
            criterion.id,
            outcome,
            finding.reason,
            finding.evidence,
            alternative,
            finding.verified,
            criterion.conditional,
        )

    def found(leaf: Criterion) -> Finding:
        return judge(
            leaf,
            inputs.evidence,
            target_group=inputs.target_group,
            as_of=inputs.as_of,
            verified_only=inputs.verified_only,
        )

    main = found(criterion)
    if main.verdict == MEETS:
        return result(MET, main)
    others = [(alternative.id, found(alternative)) for alternative in _routes(criterion.alternatives)]
    for name, finding in sorted(others, key=lambda other: not other[1].verified):
        if finding.verdict == MEETS:
            return result(MET_BY_ALTERNATIVE, finding, name)
    if criterion.id in inputs.waived:
        return result(WAIVED, Finding(ABSENT, "waived_by_two_people"))
    unclear = [finding for finding in (main, *(other[1] for other in others)) if finding.verdict == UNKNOWN]
    if unclear:
        return result(INSUFFICIENT_EVIDENCE, unclear[0])
    return result(NOT_MET if main.verdict == BELOW else INSUFFICIENT_EVIDENCE, main)


def _routes(alternatives: Iterable[Criterion]) -> list[Criterion]:
    """The alternatives and theirs, depth first: each is a route of its own (ADM-08)."""
    return [route for each in alternatives for route in (each, *_routes(each.alternatives))]


def _overall(results: Sequence[CriterionResult]) -> str:
    firm = [result.outcome for result in results if result.open and not result.conditional]
    if NOT_MET in firm:
        return INELIGIBLE
    if firm:
        return UNDETERMINED
    return ELIGIBLE_WITH_CONDITIONS if any(result.open for result in results) else ELIGIBLE
