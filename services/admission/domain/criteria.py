"""Criteria of the rules, evidence for them, and findings (ADM-04 to ADM-08, ADM-11; practice.md C1).

A finding is MEETS, BELOW (comparable, and not enough), UNKNOWN (presented, but it cannot be compared, has expired
or awaits a person) or ABSENT (nothing of an accepted kind was presented).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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


def found(verdict: str, reason: str, *proofs: Evidence) -> Finding:
    """A finding that rests on `proofs`."""
    verified = bool(proofs) and all(proof.verified for proof in proofs)
    return Finding(verdict, reason, tuple(sorted(proof.id for proof in proofs)), verified)
