"""@digitalcredentials/verifier-core accepts what is published, and refuses what is not as it was or stands no more.

It reads objects with Data Integrity proofs and no other form. Keys come from the issuer's did:web document, as its own
resolver finds them (issue 4, section 7.1).
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.certification.test_keys import rotate
from tests.unit.certification.test_openbadges import SCHEMA
from tests.verifiers.judges import OFFERINGS, Document, Published, did_address
from tests.verifiers.node import run

SCHEMA_URL = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
GOOD = {
    "valid_signature": True,
    "expiration": True,
    "suspension_status": True,
    "registered_issuer": True,
}


def judge(verifier: Path, published: Published, credential: Document) -> dict[str, Any]:
    did = credential["issuer"]["id"]
    found = published.documents()
    documents = {name: found[name] for name in found if name != did} | {did_address(did): found[did]}
    if SCHEMA.exists():
        documents[SCHEMA_URL] = json.loads(SCHEMA.read_bytes())
    given = {"credentials": [credential], "documents": documents, "issuers": [did]}
    verdict: dict[str, Any]
    (verdict,) = run(verifier, "verifier_core.mjs", given)
    return verdict


@pytest.mark.parametrize("published", OFFERINGS, indirect=True)
def test_it_accepts_what_is_published(verifier: Path, published: Published) -> None:
    found = judge(verifier, published, published.credential())
    assert (found["errors"], found["steps"]) == ([], GOOD)
    assert found["schema"] is (True if SCHEMA.exists() else None)


def test_an_rsa_key_beside_the_others_disturbs_nobody(verifier: Path, published: Published) -> None:
    credential = published.credential()
    rotate(published.workshop, "RS256")
    assert "publicKeyJwk" in json.dumps(published.documents()[credential["issuer"]["id"]])
    assert judge(verifier, published, credential)["steps"] == GOOD


@pytest.mark.parametrize("member", ["name", "validFrom"])
def test_it_refuses_a_tampered_copy(verifier: Path, published: Published, member: str) -> None:
    tampered = copy.deepcopy(published.credential())
    tampered[member] = {"name": "Brain surgery", "validFrom": "2020-01-01T00:00:00Z"}[member]
    found = judge(verifier, published, tampered)
    assert [error.partition(":")[0] for error in found["errors"]] == ["invalid_signature"]


@pytest.mark.parametrize("how", ["suspended", "revoked"])
def test_it_refuses_a_withdrawn_copy(verifier: Path, published: Published, how: str) -> None:
    credential = published.credential()
    published.withdraw(how)
    assert judge(verifier, published, credential)["steps"] == {**GOOD, "suspension_status": False}


def test_it_refuses_an_expired_copy(verifier: Path, published: Published) -> None:
    assert judge(verifier, published, published.expired())["steps"] == {**GOOD, "expiration": False}
