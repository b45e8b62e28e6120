"""How each kind of criterion compares evidence with its parameters (ADM-04 to ADM-07, ADM-11).

Equivalences between proofs and levels are parameters of the criterion: data of the consortium, never code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from services.admission.domain.criteria import BELOW, CEFR_LEVELS, MEETS, UNKNOWN, Evidence, Finding, found


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
            return found(UNKNOWN, "skill_not_stated", proof)
        enough = all(_at_least(shown[skill], level) for skill, level in skills.items())
        return found(MEETS if enough else BELOW, "skills_compared", proof)
    rows = [row for row in params.get("equivalences", ()) if row["proof"] == proof.kind]
    if rows:
        return _by_equivalence(params["level"], rows, proof)
    level = proof.facts.get("cefr")
    if level is None or proof.facts.get("language") is None:
        return found(UNKNOWN, "level_not_stated", proof)
    return found(MEETS if _at_least(level, params["level"]) else BELOW, "cefr_compared", proof)


def _by_equivalence(level: str, rows: Sequence[Mapping[str, Any]], proof: Evidence) -> Finding:
    stated = proof.facts.get("score")
    score = None if stated is None else Decimal(stated)
    short = False
    for row in rows:
        if row["minimum"] is not None and score is None:
            continue
        if row["minimum"] is None or (score is not None and score >= Decimal(row["minimum"])):
            if _at_least(row["level"], level):
                return found(MEETS, "equivalence", proof)
        elif _at_least(level, row["level"]):
            short = True
    if short:
        return found(BELOW, "equivalence", proof)
    return found(UNKNOWN, "score_not_stated" if score is None else "no_equivalence", proof)


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
                return [found(MEETS, "months_counted", *counted)]
    if unclear:
        return [found(UNKNOWN, "months_or_field_not_stated", *unclear)]
    return [found(BELOW, "months_counted", *counted)] if proofs else []


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
        return found(BELOW, f"{reason}_compared", proof)
    if None in tests:
        return found(UNKNOWN, f"{reason}_not_stated", proof)
    return found(MEETS, f"{reason}_compared", proof)


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


JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[Evidence]], list[Finding]]]] = (
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

CRITERION_KINDS: Final = frozenset(JUDGES)
