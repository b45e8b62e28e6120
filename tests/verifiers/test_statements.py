"""Verifiers of others take the statement of a recognising institution, and refuse a changed or a replaced one."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from openbadgeslib.ob3.contexts import bundled_contexts
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from services.certification.store.recognition_tables import recognitions
from tests.verifiers.judges import Document, Published, did_address
from tests.verifiers.node import run

LEUVEN = "kuleuven.be"
YES = {"outcome": "recognised", "recognised_as": "Elective", "credits": "5"}
GONE = {
    "outcome": "refused",
    "grounds": [{"code": "certificate_withdrawn", "explanation": "It was revoked."}],
}


def decide(published: Published, ruling: dict[str, Any]) -> Document:
    """The statement that follows from the decision."""
    workshop = published.workshop
    (case,) = workshop.rows(recognitions)
    path = f"/recognitions/{case.id}/decision"
    assert workshop.post(path, ruling, "registrar", "lena", LEUVEN).status_code == 201
    workshop.work()
    token = workshop.token("registrar", LEUVEN)
    answer = workshop.get(f"/certification/v1{path.rpartition('/')[0]}", token, "application/vc+ld+json")
    statement: Document = json.loads(answer.data)
    return statement


def node(verifier: Path, published: Published, statement: Document) -> dict[str, Any]:
    did, listed = statement["issuer"]["id"], statement["credentialStatus"]["statusListCredential"]
    documents = {
        **bundled_contexts(),
        did: json.loads(published.fetch(did_address(did))),
        listed: json.loads(published.fetch(listed)),
    }
    verdict: dict[str, Any] = run(verifier, "verify.mjs", {"credential": statement, "documents": documents})
    return verdict


def library(published: Published, statement: Document) -> None:
    verifier = OB3LdpVerifier.for_issuer_did(statement["issuer"]["id"])
    text = json.dumps(statement, ensure_ascii=False)
    verifier.verify(text, download=published.fetch, check_status=True, verify_status_list=False)


def changed(statement: Document) -> Document:
    copied = copy.deepcopy(statement)
    copied["credentialSubject"]["creditsEarned"] = 30
    return copied


def test_digitalbazaar_accepts_it_and_refuses_a_changed_one(verifier: Path, published: Published) -> None:
    statement = decide(published, YES)
    assert node(verifier, published, statement) == {"verified": True, "status": [False], "errors": []}
    assert not node(verifier, published, changed(statement))["verified"]


def test_openbadgeslib_accepts_it_and_refuses_a_changed_one(published: Published) -> None:
    statement = decide(published, YES)
    library(published, statement)
    with pytest.raises(OB3VerificationError, match="signature mismatch"):
        library(published, changed(statement))


def test_both_see_that_a_later_decision_replaced_it(verifier: Path, published: Published) -> None:
    before = decide(published, YES)
    published.revoke()
    assert node(verifier, published, before)["status"] == [False], (
        "it stands until its institution says otherwise"
    )
    library(published, before)
    after = decide(published, GONE)
    assert node(verifier, published, before)["status"] == [True]
    with pytest.raises(OB3VerificationError):
        library(published, before)
    library(published, after)
