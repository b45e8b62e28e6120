"""@digitalbazaar/vc accepts what the VC-API issues, and refuses it tampered (issue 4, section 5)."""

import json
from pathlib import Path
from typing import Any

import pytest
from openbadgeslib.ob3.contexts import bundled_contexts

from tests.integration.certification.vc_api import credential, issued, post, verify
from tests.integration.certification.workshop import PUBLIC_URL, Workshop
from tests.verifiers.test_digitalbazaar import judge

PLAIN: dict[str, dict[str, Any]] = {
    "the least": credential(),
    "a name in a language": credential(name={"@value": "Eine Urkunde", "@language": "de"}),
    "several subjects": credential(credentialSubject=[{"id": "did:example:a"}, {"id": "did:example:b"}]),
    "nodes that look alike": credential(
        evidence=[{"type": "https://example.org/#Example"}, {"type": "https://example.org/#Example"}]
    ),
}


@pytest.fixture
def workshop(tmp_path: Path) -> Any:
    made = Workshop(f"sqlite:///{tmp_path / 'certification.sqlite'}", tmp_path)
    yield made
    made.database.dispose()


def documents(secured: dict[str, Any]) -> dict[str, Any]:
    """What a stranger loads: the contexts, and the document of the did:key."""
    did = secured["issuer"]
    method = {
        "id": secured["proof"]["verificationMethod"],
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": did.removeprefix("did:key:"),
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }
    return {**bundled_contexts(), did: document}


@pytest.mark.parametrize("name", PLAIN)
def test_it_accepts_what_is_issued_and_refuses_it_tampered(
    verifier: Path,
    workshop: Workshop,
    name: str,
) -> None:
    secured = issued(workshop, PLAIN[name])
    assert judge(verifier, secured, documents(secured))["verified"]
    tampered = json.loads(json.dumps(secured).replace("did:example:", "did:evil:"))
    if name != "the least":
        tampered["validFrom"] = "2020-01-01T00:00:00Z"
    assert not judge(verifier, tampered, documents(secured))["verified"]
    assert verify(workshop, secured)[0] == 200
    assert verify(workshop, tampered)[0] == 400


def test_it_finds_the_status_that_was_added_and_sees_it_set(verifier: Path, workshop: Workshop) -> None:
    """Its own reader of Bitstring Status Lists, which verifies the list as well."""
    secured = issued(workshop, credential(id="urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"))
    address = secured["credentialStatus"]["statusListCredential"]

    def judged() -> dict[str, Any]:
        listed = json.loads(workshop.get(address.removeprefix(PUBLIC_URL)).data)
        return judge(verifier, secured, {**documents(secured), address: listed})

    assert judged() == {"verified": True, "status": [False], "errors": []}
    named = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    body = {"credentialId": secured["id"], "credentialStatus": named, "status": True}
    assert post(workshop, "/credentials/status", **body)[0] == 200
    assert judged()["status"] == [True]
