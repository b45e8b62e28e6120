"""Proofs that the W3C's VC-API verifies: broken, named as the specification does, expected, in sets and chains."""

import copy
from typing import Any

import pytest

from tests.integration.certification.vc_api import (
    Document,
    credential,
    issued,
    refused,
    verify,
)
from tests.integration.certification.workshop import Workshop


def without(member: str) -> Any:
    return lambda proof: {name: value for name, value in proof.items() if name != member}


BROKEN_PROOFS: dict[str, Any] = {
    "null": lambda _proof: None,
    "a text": lambda _proof: "proof",
    "none in a list": lambda _proof: [],
    "no type": without("type"),
    "another type": lambda proof: {**proof, "type": "UnknownProofType"},
    "no suite": without("cryptosuite"),
    "another suite": lambda proof: {**proof, "cryptosuite": "UnknownCryptosuite"},
    "jcs": lambda proof: {**proof, "cryptosuite": "eddsa-jcs-2022"},
    "no method": without("verificationMethod"),
    "a method that is none": lambda proof: {**proof, "verificationMethod": "did:key:invalidVm"},
    "no purpose": without("proofPurpose"),
    "another purpose": lambda proof: {**proof, "proofPurpose": "invalidPurpose"},
    "no value": without("proofValue"),
    "a value that is null": lambda proof: {**proof, "proofValue": None},
    "a value without its prefix": lambda proof: {**proof, "proofValue": proof["proofValue"][1:]},
    "a value that is longer": lambda proof: {**proof, "proofValue": proof["proofValue"] + "1111"},
    "a moment that is none": lambda proof: {**proof, "created": "invalidDate"},
    "a moment without offset": lambda proof: {**proof, "created": "2026-11-03T09:30:00"},
    "an end without offset": lambda proof: {**proof, "expires": "2036-11-03T09:30:00"},
}


@pytest.mark.parametrize("name", BROKEN_PROOFS)
def test_a_broken_proof_is_refused(workshop: Workshop, name: str) -> None:
    secured = issued(workshop, credential())
    secured["proof"] = BROKEN_PROOFS[name](secured["proof"])
    assert verify(workshop, secured, checks=["proof"])[0] == 400


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no type", "PROOF_VERIFICATION_ERROR"),
        ("no method", "PROOF_VERIFICATION_ERROR"),
        ("no purpose", "PROOF_VERIFICATION_ERROR"),
        ("another purpose", "PROOF_VERIFICATION_ERROR"),
        ("null", "PARSING_ERROR"),
        ("no value", "PARSING_ERROR"),
        ("another suite", "PROOF_TRANSFORMATION_ERROR"),
    ],
)
def test_a_broken_proof_is_named_as_the_specification_does(workshop: Workshop, name: str, code: str) -> None:
    """Data Integrity 1.0, section 4.4: each step of the verification has the code of its error."""
    secured = issued(workshop, credential())
    secured["proof"] = BROKEN_PROOFS[name](secured["proof"])
    problems = verify(workshop, secured, checks=["proof"])[1]["problemDetails"]
    assert [problem["type"] for problem in problems] == [f"https://w3id.org/security#{code}"]


def test_a_credential_without_proof_or_changed_is_refused(workshop: Workshop) -> None:
    secured = issued(workshop, credential())
    assert verify(workshop, credential())[0] == 400
    assert verify(workshop, {**secured, "name": "another"})[0] == 400
    assert verify(workshop, {**secured, "issuer": "did:example:another"})[0] == 400


@pytest.mark.parametrize(
    "options", [{"expectedProofPurpose": "authentication"}, {"domain": "a.example"}, {"challenge": "5"}]
)
def test_what_the_caller_expects_of_the_proof_counts(workshop: Workshop, options: Document) -> None:
    assert verify(workshop, issued(workshop, credential()), **options)[0] == 400


def test_domain_and_challenge_of_the_issuer_are_kept(workshop: Workshop) -> None:
    given = {"domain": "a.example", "challenge": "5", "proofPurpose": "authentication"}
    secured = issued(workshop, credential(), **given)
    expected = {"expectedProofPurpose": "authentication", "domain": "a.example", "challenge": "5"}
    assert verify(workshop, secured, **expected)[0] == 200


def test_proofs_form_sets_and_chains(workshop: Workshop) -> None:
    first = issued(workshop, credential(), proofId="urn:uuid:1")
    beside = issued(workshop, first)
    assert len(beside["proof"]) == 2
    assert verify(workshop, beside)[0] == 200
    chained = issued(workshop, first, previousProof="urn:uuid:1")
    assert verify(workshop, chained)[0] == 200
    cut = {**chained, "proof": chained["proof"][1]}
    assert verify(workshop, cut)[0] == 400
    changed = copy.deepcopy(chained)
    changed["proof"][0]["created"] = "2020-01-01T00:00:00Z"
    assert verify(workshop, changed)[0] == 400
    for missing in ("urn:uuid:2", ["urn:uuid:1", "urn:uuid:2"], 5, []):
        refused(workshop, first, previousProof=missing)
