"""Snapshots and keys for tests: realistic documents, an invented learner, a key that is the same on every run."""

from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.domain.snapshot import Snapshot, Version
from services.certification.formats.multikey import multikey
from services.certification.formats.openbadges import credential
from services.certification.formats.proof import add_proof
from shared.annex1 import Elements, Learner, OutcomeResult, elements_from
from shared.annex1 import attended as as_attended
from tests.support.documents import agreement, offering

BASE = "https://certificates.example.org"
ISSUER = "did:web:certificates.example.org:certification:issuers:helsinki.fi"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
METHOD = f"{ISSUER}#{multikey(KEY.public_key().public_bytes_raw())}"
LEARNER = Learner("Ελένη", "Παπαδοπούλου", "1990-02-28", email="eleni@example.org")
LIST_URL = f"{BASE}/certification/v1/status-lists/4f6d"


def elements(learner: Learner = LEARNER, document: dict[str, Any] | None = None) -> Elements:
    document = document or offering()
    return elements_from(
        document,
        agreement(),
        learner,
        [
            OutcomeResult(
                outcome,
                "achieved",
                instrument["id"],
                instrument["type"],
                instrument["mode"],
                instrument["supervision"],
                instrument["identity_verification"],
                "74",
                "grade_0_100",
            )
            for instrument in document["assessment"]["instruments"]
            for outcome in instrument["outcomes"]
        ],
        participation=document["participation"],
        issued_on=date(2026, 11, 3),
    )


def attended(taken: Elements, hours: int = 24) -> Elements:
    """The same course, only attended, and confirmed by its issuer."""
    return as_attended(taken, taken.issuer, hours)


def snapshot(**overrides: Any) -> Snapshot:
    return Snapshot(
        **{
            "certificate_id": "5f0e3f2a-7c59-4a55-9a5e-0c6f3a1f2b10",
            "public_id": "wq7c0Yg2hXv1xH9Jb3kZp0aQ",
            "award_id": "a9a1c9c0-1d5b-5a54-8c42-7f3f0f6d1a11",
            "enrolment_id": "b1a1c9c0-1d5b-5a54-8c42-7f3f0f6d1a12",
            "offering": Version("sustainability", 1, "sha256:00"),
            "agreement": Version("una-europa", 1, "sha256:01"),
            "elements": elements(),
            "completion_number": 1,
            "results_digest": "sha256:02",
            "issued_at": "2026-11-03T09:30:00Z",
            "awarded_at": "2026-11-03T09:29:59Z",
            "issuer_did": ISSUER,
            "base_url": BASE,
            "status_list_url": LIST_URL,
            "status_index": 94567,
            "email_salt": "d2hhdCBhIHNhbHQ",
            "formats": ("open_badges_3", "pdf"),
            **overrides,
        }
    )


def signed(taken: Snapshot | None = None) -> dict[str, Any]:
    taken = taken or snapshot()
    return add_proof(credential(taken), created=taken.issued_at, verification_method=METHOD, sign=KEY.sign)
