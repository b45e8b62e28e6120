"""What the independent verifiers need: the published documents of one installation, as a stranger would fetch them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from openbadgeslib.ob3.contexts import bundled_contexts

from services.certification.formats.proof import add_proof
from services.certification.store.tables import certificates
from tests.integration.certification.workshop import PUBLIC_URL, Learner, Workshop

Document = dict[str, Any]

OFFERINGS: dict[str, dict[str, Any]] = {
    "whole credits": {},
    "half credits": {"workload": {"ects": "7.5"}},
    "hours only": {"workload": {"ects": None}},
    "in Finnish": {"languages": ["fi"]},
}


@dataclass
class Published:
    """A certificate of an installation whose public addresses are answered by the service itself."""

    workshop: Workshop
    learner: Learner

    def credential(self) -> Document:
        document: Document = json.loads(self.rendered("application/vc+ld+json"))
        return document

    def rendered(self, media_type: str) -> bytes:
        """The certificate in the format of this media type."""
        (row,) = self.workshop.rows(certificates)
        token = self.workshop.token("registrar", "helsinki.fi")
        answer = self.workshop.get(f"/certification/v1/certificates/{row.id}", token, media_type)
        assert (answer.status_code, answer.content_type) == (200, media_type)
        content: bytes = answer.data
        return content

    def fetch(self, url: str) -> bytes:
        """The bytes at a public address of the installation."""
        answer = self.workshop.get(url.removeprefix(PUBLIC_URL))
        assert answer.status_code == 200, url
        content: bytes = answer.data
        return content

    def documents(self) -> dict[str, Document]:
        """Every document that a verifier may load, by its address."""
        credential = self.credential()
        did = credential["issuer"]["id"]
        listed = credential["credentialStatus"]["statusListCredential"]
        return {
            **bundled_contexts(),
            did: json.loads(self.fetch(did_address(did))),
            listed: json.loads(self.fetch(listed)),
        }

    def suspend(self) -> None:
        self.workshop.deliver(self.learner.completion("overturned"))
        self.workshop.work()

    def revoke(self) -> None:
        """Revoke it: its results were overturned, and the second time the outcomes are not achieved."""
        self.suspend()
        self.workshop.deliver(self.learner.completion("not_achieved", 2))
        self.workshop.work()
        (row,) = self.workshop.rows(certificates)
        assert row.state == "revoked"

    def withdraw(self, how: str) -> None:
        """Suspend or revoke it."""
        {"suspended": self.suspend, "revoked": self.revoke}[how]()

    def expired(self) -> Document:
        """A credential of this issuer, signed with its key, that expired ten minutes ago (clocks may differ)."""
        document = {name: value for name, value in self.credential().items() if name != "proof"}
        signer = self.workshop.signers.active("helsinki.fi")
        return add_proof(
            {**document, "validUntil": moment(datetime.now(UTC) - timedelta(minutes=10))},
            created=document["validFrom"],
            verification_method=f"{document['issuer']['id']}#{signer.key}",
            sign=signer.sign,
        )


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def did_address(did: str) -> str:
    """Where did:web says that the document of `did` is."""
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{host}/{'/'.join(path)}/did.json"
