"""What one certificate says, taken once before any signature and never changed; every format is rendered from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785

from services.certification.domain.larger import PartReference, StackReference
from shared.annex1 import Elements, Text
from shared.annex1.elements import json_object

NOT_A_DEGREE: Final = (
    "This micro-credential is not a degree. Whether it gives access to further study, or counts towards it, is "
    "decided by the receiving institution."
)


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable document by reference."""

    id: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One certificate. Moments are ISO 8601 in UTC with seconds and `Z`; addresses are absolute URLs.

    `public_id` is the unguessable identifier of the verification page; `supersedes` the certificate this one
    replaces. A larger certificate has its `stack`, the rule's id and version in `offering`, and the stack's id in
    `enrolment_id`.
    """

    certificate_id: str
    public_id: str
    award_id: str
    enrolment_id: str
    offering: Version
    agreement: Version
    elements: Elements
    completion_number: int
    results_digest: str
    issued_at: str
    awarded_at: str
    issuer_did: str
    base_url: str
    status_list_url: str
    status_index: int
    email_salt: str
    formats: tuple[str, ...]
    supersedes: str | None = None
    stack: StackReference | None = None

    @property
    def language(self) -> str:
        """The language of instruction where the title exists in it, else English."""
        return next((code for code in self.elements.languages if code in self.elements.title), "en")

    @property
    def verify_url(self) -> str:
        return f"{self.base_url}/verify/{self.public_id}"

    @property
    def credential_id(self) -> str:
        return f"urn:uuid:{self.certificate_id}"

    @property
    def offering_url(self) -> str:
        """Where anybody reads what was to be learnt: the offering version, or the rule of a larger award."""
        if self.stack is not None:
            agreement = f"{self.base_url}/admission/v1/agreements/{self.agreement.id}"
            return f"{agreement}/versions/{self.agreement.version}/stacking-rules/{self.offering.id}"
        return f"{self.base_url}/admission/v1/offerings/{self.offering.id}/versions/{self.offering.version}"

    def address_of(self, part: PartReference) -> str:
        """Where anybody reads what was to be learnt for a part of a larger certificate."""
        return f"{self.base_url}/admission/v1/offerings/{part.offering_id}/versions/{part.offering_version}"

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` turns into an equal snapshot."""
        return asdict(self, dict_factory=json_object)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Snapshot":
        return cls(
            **{
                **data,
                "formats": tuple(data["formats"]),
                "offering": Version(**data["offering"]),
                "agreement": Version(**data["agreement"]),
                "elements": Elements.from_json(data["elements"]),
                "stack": StackReference.from_json(data["stack"]) if data.get("stack") else None,
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the RFC 8785 form: two snapshots are equal exactly when their digests are."""
        return "sha256:" + hashlib.sha256(rfc8785.dumps(self.to_json())).hexdigest()


def written(moment: datetime) -> str:
    """`moment` as credentials write it: ISO 8601 in UTC with seconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text_in(text: Text, language: str) -> str:
    """The text in `language`, else in English, else in whatever there is; empty where there is none."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")
