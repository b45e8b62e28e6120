"""What one statement about recognition says: taken once before its signature, and never changed (CRT-43)."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import rfc8785

from services.certification.domain.recognition import Basis, Programme, Rule
from services.certification.domain.recognition_rules import ForeignRule, Ground, Ruling
from shared.annex1 import Institution, Learner

STATEMENT: Final = "recognition_statement"
"""Its document type, beside those of certificates."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One decision of one institution, for the learner. Moments are ISO 8601 in UTC with seconds and `Z`."""

    id: str
    recognition_id: str
    number: int
    public_id: str
    institution: Institution
    learner: Learner
    programme: Programme
    rule: Rule
    basis: Basis
    ruling: Ruling
    decided_at: str
    issued_at: str
    issuer_did: str
    base_url: str
    status_list_url: str
    status_index: int
    supersedes: str | None = None

    @property
    def verify_url(self) -> str:
        return f"{self.base_url}/verify/{self.public_id}"

    @property
    def credential_id(self) -> str:
        return f"urn:uuid:{self.id}"

    @property
    def recognition_url(self) -> str:
        return f"{self.base_url}/certification/v1/recognitions/{self.recognition_id}"

    @property
    def agreement_url(self) -> str:
        rule = self.rule
        return (
            f"{self.base_url}/admission/v1/agreements/{rule.agreement_id}/versions/{rule.agreement_version}"
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns into an equal statement."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Statement":
        return cls(
            **{
                **data,
                "institution": Institution(**data["institution"]),
                "learner": Learner(**data["learner"]),
                "programme": programme_from(data["programme"]),
                "rule": rule_from(data["rule"]),
                "basis": Basis(**data["basis"]),
                "ruling": ruling_from(data["ruling"]),
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the RFC 8785 form: two statements are equal exactly when their digests are."""
        return "sha256:" + hashlib.sha256(rfc8785.dumps(self.to_json())).hexdigest()


def programme_from(data: Mapping[str, Any]) -> Programme:
    return Programme(**{**data, "outcomes": tuple(data["outcomes"])})


def rule_from(data: Mapping[str, Any]) -> Rule:
    foreign = data["foreign"]
    if foreign is not None:
        foreign = ForeignRule(**{**foreign, "issuers": tuple(foreign["issuers"])})
    return Rule(**{**data, "foreign": foreign})


def ruling_from(data: Mapping[str, Any]) -> Ruling:
    grounds = tuple(Ground(**ground) for ground in data["grounds"])
    return Ruling(**{**data, "outcomes": tuple(data["outcomes"]), "grounds": grounds})
