"""Judge one criterion by the evidence that was presented for it and counts."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.admission.domain.criteria import (
    ABSENT,
    BELOW,
    MEETS,
    UNKNOWN,
    Criterion,
    Evidence,
    Finding,
    found,
)
from services.admission.domain.kinds import JUDGES


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
            unusable.append(found(UNKNOWN, objection, proof))
    findings = JUDGES[criterion.kind](criterion.params, usable)
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
