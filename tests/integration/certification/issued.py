"""What was issued, as those read it who hold it or verify it."""

import json
from typing import Any

from services.certification.formats.multikey import public_key
from services.certification.formats.proof import verify_proof
from services.certification.formats.statuslist import is_set
from services.certification.store.tables import renderings, status_lists
from tests.integration.certification.workshop import Learner, Workshop


def certified(workshop: Workshop, **changes: Any) -> Learner:
    """A learner whose certificate has been issued."""
    learner = workshop.learner(**changes)
    workshop.deliver(*learner.usual())
    workshop.work()
    return learner


def badge(workshop: Workshop) -> dict[str, Any]:
    """The Open Badges credential of the certificate that was made, or of one of them."""
    content = next(row.content for row in workshop.rows(renderings) if row.format == "open_badges_3")
    document: dict[str, Any] = json.loads(content)
    return document


def credential_of(workshop: Workshop, certificate_id: str) -> dict[str, Any]:
    (row,) = [
        row
        for row in workshop.rows(renderings)
        if (row.certificate_id, row.format) == (certificate_id, "open_badges_3")
    ]
    document: dict[str, Any] = json.loads(row.content)
    return document


def bit_of(workshop: Workshop, certificate_id: str) -> bool:
    """The bit that a verifier reads from the published list."""
    entry = credential_of(workshop, certificate_id)["credentialStatus"]
    (row,) = [row for row in workshop.rows(status_lists) if entry["statusListCredential"].endswith(row.id)]
    listed = json.loads(row.credential)
    verify_proof(listed, lambda method: public_key(method.partition("#")[2]))
    return is_set(listed["credentialSubject"]["encodedList"], int(entry["statusListIndex"]))
