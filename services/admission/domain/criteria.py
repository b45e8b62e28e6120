"""Judge one typed criterion by the evidence presented (ADM-04 to ADM-07, ADM-11; practice.md C1).

Equivalences between proofs and levels are parameters of the criterion: data of the consortium, never code.
A finding is MEETS, BELOW (comparable, and not enough), UNKNOWN (presented, but it cannot be compared, has expired
or awaits a person) or ABSENT (nothing of an accepted kind was presented).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

MEETS: Final = "meets"
BELOW: Final = "below"
UNKNOWN: Final = "unknown"
ABSENT: Final = "absent"

UNVERIFIED: Final = "unverified"
BY_PERSON: Final = "by_person"
BY_SIGNATURE: Final = "by_signature"

CEFR_LEVELS: Final = ("A1", "A2", "B1", "B2", "C1", "C2")

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A proof that an applicant presents: its kind, the facts it states, and who stands behind them.

    `criterion` ties it to one criterion (or alternative); without it, it counts wherever its kind is accepted.
    """

    id: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    verification: str = UNVERIFIED
    valid_until: date | None = None
    criterion: str | None = None

    @property
    def verified(self) -> bool:
        return self.verification != UNVERIFIED

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "facts": dict(self.facts),
            "verification": self.verification,
            "valid_until": self.valid_until and self.valid_until.isoformat(),
            "criterion": self.criterion,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Evidence":
        until = data["valid_until"]
        return cls(**{**data, "valid_until": date.fromisoformat(until) if until else None})


@dataclass(frozen=True, slots=True)
class Criterion:
    """A leaf of the rules, with the alternatives that non-traditional learners may take (ADM-08).

    `conditional`: an offer may be made before it is met, with the criterion as the offer's condition.
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    accepted_evidence: frozenset[str]
    verification: str
    alternatives: tuple["Criterion", ...] = ()
    conditional: bool = False

    @classmethod
    def from_document(cls, data: Mapping[str, Any]) -> "Criterion":
        return cls(
            id=data["id"],
            kind=data["kind"],
            params=data["params"],
            accepted_evidence=frozenset(data["accepted_evidence"]),
            verification=data["verification"],
            alternatives=tuple(cls.from_document(alternative) for alternative in data["alternatives"]),
            conditional=data["conditional"],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, its reason as a code, and the evidence it rests on."""

    verdict: str
    reason: str
    evidence: tuple[str, ...] = ()
    verified: bool = False


def judge(
    criterion: Criterion, evidence: Iterable[Evidence], *, target_group: str, as_of: date, verified_only: bool
) -> Finding:
    """The finding of `criterion` alone, without its alternatives; the order of `evidence` does not matter."""
    if criterion.kind == "target_group":
        if target_group not in criterion.params["codes"]:
            return Finding(BELOW, "other_target_group")
        if criterion.verification == "self_declared" or not criterion.accepted_evidence:
            return Finding(MEETS, "target_group_declared")
    usable, unusable = [], []
    for proof in sorted(evidence, key=lambda proof: (not proof.verified, proof.id)):
        if not _presented_for(criterion, proof):
            continue
        objection = _objection(criterion, proof, as_of, verified_only=verified_only)
        if objection is None:
            usable.append(proof)
        else:
            unusable.append(_found(UNKNOWN, objection, proof))
    findings = _JUDGES[criterion.kind](criterion.params, usable)
    return _best([*findings, *unusable])


def _presented_for(criterion: Criterion, proof: Evidence) -> bool:
    if proof.criterion is None:
        return proof.kind in criterion.accepted_evidence
    return proof.criterion == criterion.id


def _objection(criterion: Criterion, proof: Evidence, as_of: date, *, verified_only: bool) -> str | None:
    if proof.kind not in criterion.accepted_evidence:
        return "unknown_proof"
    if proof.valid_until is not None and proof.valid_until < as_of:
        return "proof_expired"
    if verified_only and not proof.verified:
        return "proof_not_verified"
    return None


def _best(findings: Sequence[Finding]) -> Finding:
    for verdict in (MEETS, UNKNOWN, BELOW):
        for finding in findings:
            if finding.verdict == verdict:
                return finding
    return Finding(ABSENT, "no_accepted_evidence")


def _found(verdict: str, reason: str, *proofs: Evidence) -> Finding:
    verified = bool(proofs) and all(proof.verified for proof in proofs)
    return Finding(verdict, reason, tuple(sorted(proof.id for proof in proofs)), verified)


def _language(params: Mapping[str, Any], proofs: Sequence[Evidence]) -> list[Finding]:
    """ADM-04. Per skill where the rule asks for skills, else overall; tests by the rule's equivalence table."""
    return [
        _language_proof(params, proof)
        for proof in proofs
        if proof.facts.get("language") in {None, params["language"]}
    ]


def _language_proof(params: Mapping[str, Any], proof: Evidence) -> Finding:
    skills = params.get("skills")
    if skills:
        shown = proof.facts.get("skills") or {}
        if set(skills) - set(shown):
            return _found(UNKNOWN, "skill_not_stated", proof)
        enough = all(_at_least(shown[skill], level) for skill, level in skills.items())
        return _found(MEETS if enough else BELOW, "skills_compared", proof)
    rows = [row for row in params.get("equivalences", ()) if row["proof"] == proof.kind]
    if rows:
        return _by_equivalence(params["level"], rows, proof)
    level = proof.facts.get("cefr")
    if level is None or proof.facts.get("language") is None:
        return _found(UNKNOWN, "level_not_stated", proof)
    return _found(MEETS if _at_least(level, params["level"]) else BELOW, "cefr_compared", proof)


def _by_equivalence(level: str, rows: Sequence[Mapping[str, Any]], proof: Evidence) -> Finding:
    stated = proof.facts.get("score")
    score = None if stated is None else Decimal(stated)
    short = False
    for row in rows:
        if row["minimum"] is not None and score is None:
            continue
        if row["minimum"] is None or (score is not None and score >= Decimal(row["minimum"])):
            if _at_least(row["level"], level):
                return _found(MEETS, "equivalence", proof)
        elif _at_least(level, row["level"]):
            short = True
    if short:
        return _found(BELOW, "equivalence", proof)
    return _found(UNKNOWN, "score_not_stated" if score is None else "no_equivalence", proof)


def _at_least(level: str, required: str) -> bool:
    return CEFR_LEVELS.index(level) >= CEFR_LEVELS.index(required)


def _qualification_level(params: Mapping[str, Any], proofs: Sequence[Evidence]) -> list[Finding]:
    """ADM-06: an EQF level, and a field of study where the rule names fields."""
    return [
        _verdict(
            proof,
            "qualification",
            _minimum(proof.facts.get("eqf"), params["eqf"]),
            _one_of_fields(proof.facts.get("isced_f"), params.get("isced_f")),
        )
        for proof in proofs
    ]


def _prior_knowledge(params: Mapping[str, Any], proofs: Sequence[Evidence]) -> list[Finding]:
    """ADM-05, ADM-28: a document's facts, or what a person found in a test, an interview or a portfolio."""
    return [_verdict(proof, "prior_knowledge", *_knowledge_tests(params, proof)) for proof in proofs]


def _knowledge_tests(params: Mapping[str, Any], proof: Evidence) -> list[bool | None]:
    facts = proof.facts
    tests: list[bool | None] = []
    if params.get("isced_f"):
        tests.append(_one_of_fields(facts.get("isced_f"), params["isced_f"]))
    if params.get("esco"):
        tests.append(_shares(facts.get("esco"), params["esco"]))
    if params.get("ects") is not None:
        tests.append(_minimum_decimal(facts.get("ects"), params["ects"]))
    if params.get("score") is not None:
        tests.append(_minimum_decimal(facts.get("score"), params["score"]))
    if not tests or "passed" in facts:
        # Whether somebody passed, and in what, is the examiner's word and not the applicant's.
        tests.append(facts.get("passed") if proof.verified and proof.criterion is not None else None)
    return tests


def _work_experience(params: Mapping[str, Any], proofs: Sequence[Evidence]) -> list[Finding]:
    """ADM-07: months in the field, added up over the letters presented."""
    counted, unclear, months = [], [], 0
    for proof in proofs:
        fits = (
            _one_of_fields(proof.facts.get("nace"), params.get("nace")),
            True if not params.get("esco") else _shares(proof.facts.get("esco"), params["esco"]),
        )
        if proof.facts.get("months") is None or None in fits:
            unclear.append(proof)
        elif all(fits):
            counted.append(proof)
            months += proof.facts["months"]
            if months >= params["months"]:
                return [_found(MEETS, "months_counted", *counted)]
    if unclear:
        return [_found(UNKNOWN, "months_or_field_not_stated", *unclear)]
    return [_found(BELOW, "months_counted", *counted)] if proofs else []


def _target_group(params: Mapping[str, Any], proofs: Sequence[Evidence]) -> list[Finding]:
    """ADM-11: the group is named by the application (see `judge`); here, a proof of belonging to it."""
    return [
        _verdict(
            proof,
            "target_group",
            _shares([proof.facts.get("target_group", params["codes"][0])], params["codes"]),
        )
        for proof in proofs
    ]


def _verdict(proof: Evidence, reason: str, *tests: bool | None) -> Finding:
    if False in tests:
        return _found(BELOW, f"{reason}_compared", proof)
    if None in tests:
        return _found(UNKNOWN, f"{reason}_not_stated", proof)
    return _found(MEETS, f"{reason}_compared", proof)


def _minimum(value: int | None, required: int) -> bool | None:
    return None if value is None else value >= required


def _minimum_decimal(value: str | None, required: str) -> bool | None:
    return None if value is None else Decimal(value) >= Decimal(required)


def _one_of_fields(code: str | None, fields: Sequence[str] | None) -> bool | None:
    """Whether `code` lies within one of `fields` (ISCED-F and NACE codes nest by prefix)."""
    if not fields:
        return True
    return None if code is None else any(code.startswith(field) for field in fields)


def _shares(values: Iterable[str] | None, wanted: Iterable[str]) -> bool | None:
    return None if values is None else not set(values).isdisjoint(wanted)


_JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[Evidence]], list[Finding]]]] = (
    MappingProxyType(
        {
            "language": _language,
            "qualification_level": _qualification_level,
            "prior_knowledge": _prior_knowledge,
            "work_experience": _work_experience,
            "target_group": _target_group,
        }
    )
)

CRITERION_KINDS: Final = frozenset(_JUDGES)
