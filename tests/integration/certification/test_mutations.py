"""Credentials with a member replaced or removed: every route answers, none with a fault, and none calls them valid."""

import copy
import json
import random
from typing import Any

from tests.credentials.generate import cases
from tests.integration.certification.workshop import Workshop

ROUNDS = 250
VALUES: list[Any] = [
    None,
    5,
    -1,
    1.5,
    True,
    [],
    {},
    "",
    "x",
    [None],
    [[]],
    {"@value": 1},
    {"id": 5},
    1e30,
    "did:web:",
]
V2 = "https://www.w3.org/ns/credentials/v2"
PLAIN = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:anybody",
    "credentialSubject": {"id": "did:example:subject"},
}
STATUS = {
    "credentialId": "urn:uuid:1",
    "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"},
    "status": True,
}
OPTIONS = {
    "created": "2026-11-03T09:30:00Z",
    "proofId": "urn:uuid:2",
    "proofPurpose": "assertionMethod",
    "domain": "a.example",
    "credentialId": STATUS["credentialId"],
    "credentialStatus": STATUS["credentialStatus"],
}


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [pair for key in keys for pair in ((node, key), *places(node[key]))]


def mutant(document: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    container, key = draw.choice(places(changed))
    if isinstance(container, dict) and draw.random() < 0.2:
        del container[key]
    else:
        container[key] = draw.choice(VALUES)
    return changed


def test_a_changed_credential_is_answered_and_never_valid(workshop: Workshop) -> None:
    draw = random.Random(20261122)
    originals = [case.content for case in cases() if isinstance(case.content, dict)]
    for _ in range(ROUNDS):
        document = mutant(draw.choice(originals), draw)
        presented = workshop.client.post("/certification/v1/verifications", json={"credential": document})
        assert presented.status_code in {200, 400, 422}
        if document not in originals and presented.status_code == 200:
            assert not json.loads(presented.data)["verdict"].startswith("valid"), json.dumps(document)
        presentation = {
            "@context": [V2],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [document],
        }
        for path, body in (
            ("/credentials/issue", {"credential": document}),
            ("/credentials/issue", {"credential": PLAIN, "options": mutant(OPTIONS, draw)}),
            ("/credentials/status", mutant(STATUS, draw)),
            ("/credentials/verify", {"verifiableCredential": document}),
            ("/presentations/verify", {"presentation": presentation}),
        ):
            assert workshop.client.post(path, json=body).status_code < 500, (path, document)
