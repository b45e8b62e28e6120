"""The W3C's VC-API: what the conformance suites of the data model, Data Integrity and status lists look at."""

import copy
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from services.certification.app import create_app
from services.certification.formats.data_integrity import create_proof
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.general import general_form
from services.certification.formats.shelf import CREDENTIALS_1, EXAMPLES
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.keys.signing import sign
from tests.credentials.generate import ED, LISTS, P256, entry, signed, status_list
from tests.integration.certification.workshop import PUBLIC_URL, Workshop

V2 = "https://www.w3.org/ns/credentials/v2"
HOLDER = Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82)))
INLINE = {"ExampleCredential": "https://example.org/#ExampleCredential", "@protected": True}
Document = dict[str, Any]


def credential(**changes: Any) -> Document:
    plain = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:anybody",
        "credentialSubject": {"id": "did:example:subject"},
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


def old(**changes: Any) -> Document:
    """A credential of version 1.1."""
    return credential(**{"@context": [CREDENTIALS_1], "issuanceDate": "2026-01-01T00:00:00Z", **changes})


def post(workshop: Workshop, path: str, **body: Any) -> tuple[int, Document]:
    answer = workshop.client.post(path, json=body)
    return answer.status_code, json.loads(answer.data)


def issued(workshop: Workshop, document: Document, **options: Any) -> Document:
    status, secured = post(workshop, "/credentials/issue", credential=document, options=options)
    assert status == 201, secured
    return secured


def refused(workshop: Workshop, document: object, **options: Any) -> None:
    status, problem = post(workshop, "/credentials/issue", credential=document, options=options)
    assert status == 400, problem
    assert problem["type"].startswith(f"{PUBLIC_URL}/problems/")
    assert problem["errors"]


def verify(workshop: Workshop, secured: object, **options: Any) -> tuple[int, Document]:
    return post(workshop, "/credentials/verify", verifiableCredential=secured, options=options)


def typed(name: str, **members: Any) -> Document:
    return {name: {"type": "https://example.org/#Example", **members}}


ACCEPTED: dict[str, Document] = {
    "the least": credential(),
    "another context": credential(**{"@context": [V2, EXAMPLES]}, type=["VerifiableCredential", "Anything"]),
    "an inline context": credential(
        **{"@context": [V2, INLINE]}, type=["VerifiableCredential", "ExampleCredential"]
    ),
    "a context within a member @context": credential(
        **{"@context": [V2, {"@context": INLINE}]}, type=["VerifiableCredential", "ExampleCredential"]
    ),
    "a type that is a URL": credential(type=["VerifiableCredential", "https://example.org/#Other"]),
    "types in another order": credential(type=["https://example.org/#Other", "VerifiableCredential"]),
    "an id": credential(id="urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"),
    "several subjects": credential(credentialSubject=[{"id": "did:example:a"}, {"id": "did:example:b"}]),
    "an issuer object": credential(issuer={"id": "did:example:x", "name": "A university"}),
    "a name": credential(name="A credential", description="Of something"),
    "a name in a language": credential(name={"@value": "Eine Urkunde", "@language": "de"}),
    "a name with direction": credential(name={"@value": "HTML", "@language": "ar", "@direction": "rtl"}),
    "a name in two languages": credential(
        name=[{"@value": "A", "@language": "en"}, {"@value": "B", "@language": "fr"}]
    ),
    "milliseconds": credential(validFrom="2026-01-01T00:00:00.123Z"),
    "a time zone": credential(validFrom="2026-01-01T00:00:00-05:00"),
    "an end": credential(validFrom="2026-01-01T00:00:00Z", validUntil="2046-01-01T00:00:00Z"),
    "a status": credential(credentialStatus={"id": "did:example:s", "type": "https://example.org/#Status"}),
    "a status without id": credential(**typed("credentialStatus")),
    "terms of use": credential(**typed("termsOfUse", id="did:example:terms")),
    "evidence": credential(evidence=[typed("evidence")["evidence"]] * 2),
    "refresh services": credential(**typed("refreshService", id="did:example:refresh")),
    "a schema": credential(**typed("credentialSchema", id="did:example:schema")),
    "a resource": credential(
        relatedResource={
            "id": V2,
            "mediaType": "application/ld+json",
            "digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU",
            "digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ",
        }
    ),
    "version 1.1": old(),
    "version 1.1 with an end": old(expirationDate="2046-01-01T00:00:00Z"),
}

REFUSED: dict[str, object] = {
    "no object": "a string",
    "nothing": None,
    "no context": credential(**{"@context": ...}),
    "a context that is no list": credential(**{"@context": V2}),
    "another base context": credential(**{"@context": ["https://www.w3.org/ns/did/v1"]}),
    "the base context second": credential(**{"@context": [EXAMPLES, V2]}),
    "a context that is no URL": credential(**{"@context": [V2, "https ://not-a-url/v1"]}),
    "a context that is a number": credential(**{"@context": [V2, 123192875]}),
    "a context that is not pinned": credential(**{"@context": [V2, "https://example.com/context"]}),
    "a context that redefines a type": credential(
        **{"@context": [V2, {"VerifiableCredential": "https://e.org/#V"}]}
    ),
    "a context that redefines its own": credential(
        **{"@context": [V2, INLINE, {"ExampleCredential": "https://example.org/#Bad"}]}
    ),
    "no type": credential(type=...),
    "another type only": credential(type=["https://example.org/#Other"]),
    "a type that nothing defines": credential(type=["VerifiableCredential", "Undefined"]),
    "a type mapped to no URL": credential(
        **{"@context": [V2, {"Odd": "Odd"}]}, type=["VerifiableCredential", "Odd"]
    ),
    "a type that is a number": credential(type=["VerifiableCredential", 2]),
    "an undefined term": credential(alumniOf="somewhere"),
    "an undefined term within": credential(
        credentialSubject={"id": "did:example:s", "alumniOf": "somewhere"}
    ),
    "an id that is null": credential(id=None),
    "an id that is no URL": credential(id="not a url"),
    "two ids": credential(id=["did:example:a", "did:example:b"]),
    "a subject's two ids": credential(credentialSubject={"id": ["did:example:a", "did:example:b"]}),
    "no issuer": credential(issuer=...),
    "an issuer that is no URL": credential(issuer="nobody"),
    "an issuer that is null": credential(issuer=None),
    "an issuer that is a number": credential(issuer=4),
    "an issuer object without id": credential(issuer={"name": "A university"}),
    "an issuer object whose id is null": credential(issuer={"id": None}),
    "an issuer object whose id is no URL": credential(issuer={"id": "nobody"}),
    "no subject": credential(credentialSubject=...),
    "an empty subject": credential(credentialSubject={}),
    "no subjects": credential(credentialSubject=[]),
    "one empty subject of two": credential(credentialSubject=[{"id": "did:example:a"}, {}]),
    "a subject that is a text": credential(credentialSubject="did:example:subject"),
    "a date that is none": credential(validFrom="20260101"),
    "a date without offset": credential(validFrom="2026-01-01T00:00:00"),
    "a day that does not exist": credential(validFrom="2026-02-30T00:00:00Z"),
    "an end that is none": credential(validUntil="tomorrow"),
    "an end before the beginning": credential(
        validFrom="2027-01-01T00:00:00Z", validUntil="2026-01-01T00:00:00Z"
    ),
    "a name with more": credential(name={"@value": "A", "@language": "en", "url": "did:example:x"}),
    "a description with more": credential(
        description={"@value": "A", "@language": "en", "url": "did:example:x"}
    ),
    "an issuer's name with more": credential(
        issuer={"id": "did:example:x", "name": {"@value": "A", "url": "b"}}
    ),
    "a name that is a number": credential(name=5),
    "a language that is none": credential(name={"@value": "A", "@language": "in English"}),
    "a status without type": credential(credentialStatus={"id": "did:example:s"}),
    "a status with two ids": credential(**typed("credentialStatus", id=["did:example:a", "did:example:b"])),
    "a status whose id is no URL": credential(**typed("credentialStatus", id="status")),
    "a status whose type is a number": credential(credentialStatus={"type": 2}),
    "terms without type": credential(termsOfUse={"id": "did:example:t"}),
    "evidence without type": credential(evidence={"id": "did:example:e"}),
    "a refresh service without type": credential(refreshService={"id": "did:example:r"}),
    "a schema without type": credential(credentialSchema={"id": "did:example:c"}),
    "a schema without id": credential(**typed("credentialSchema")),
    "a schema whose id is no URL": credential(**typed("credentialSchema", id=5)),
    "a list index that is a number": credential(credentialStatus={**entry("clear"), "statusListIndex": 5}),
    "a list index below zero": credential(credentialStatus={**entry("clear"), "statusListIndex": "-1"}),
    "a list that is the entry": credential(
        credentialStatus={**entry("clear"), "id": f"{LISTS}/a", "statusListCredential": f"{LISTS}/a"}
    ),
    "a reference that is no URL": credential(credentialStatus={**entry("clear"), "statusReference": [5]}),
    "two bits without messages": credential(credentialStatus={**entry("clear"), "statusSize": 2}),
    "resources that are texts": credential(relatedResource=[V2]),
    "a resource without id": credential(relatedResource={"digestSRI": "sha256-AA"}),
    "a resource named twice": credential(relatedResource=[{"id": V2, "digestSRI": "sha256-AA"}] * 2),
    "a resource without digest": credential(relatedResource={"id": V2}),
    "a resource with another digest": credential(
        relatedResource={"id": V2, "digestSRI": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    ),
    "a resource with another multibase": credential(
        relatedResource={"id": V2, "digestMultibase": "u" + "A" * 43}
    ),
    "version 1.1 without issuance date": old(issuanceDate=...),
    "version 1.1 without subject": old(credentialSubject=...),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_credential_that_keeps_to_the_model_is_issued_and_verifies(workshop: Workshop, name: str) -> None:
    secured = issued(workshop, ACCEPTED[name])
    assert secured["@context"][0] == ACCEPTED[name]["@context"][0]
    proof = secured["proof"]
    assert (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) == (
        "DataIntegrityProof",
        "eddsa-rdfc-2022",
        "assertionMethod",
    )
    assert proof["verificationMethod"].startswith("did:key:z6Mk")
    status, answer = verify(workshop, secured, checks=["proof"])
    assert (status, answer["verified"], answer["errors"]) == (200, True, [])


@pytest.mark.parametrize("name", REFUSED)
def test_a_credential_that_breaks_the_model_is_refused(workshop: Workshop, name: str) -> None:
    refused(workshop, REFUSED[name])


@pytest.mark.parametrize("name", [name for name in REFUSED if isinstance(REFUSED[name], dict)])
def test_a_verifier_refuses_them_too(workshop: Workshop, name: str) -> None:
    """Somebody else's software may have signed it: a good proof is put beside what is wrong."""
    good = issued(workshop, credential())
    document: Any = REFUSED[name]
    status, answer = verify(workshop, {**document, "proof": good["proof"]}, checks=["proof"])
    assert (status, answer["verified"]) == (400, False)
    assert all(problem["type"].startswith("https://") for problem in answer["problemDetails"])


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


@pytest.mark.parametrize(
    ("name", "status"), [("clear", 200), ("set", 400), ("nowhere", 400), ("stranger", 400)]
)
def test_the_status_list_is_looked_up_where_asked(workshop: Workshop, name: str, status: int) -> None:
    document = credential(issuer=did_of(ED.public_key()), credentialStatus=entry(name))
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-01T00:00:00Z",
        "verificationMethod": method_of(ED.public_key()),
        "proofPurpose": "assertionMethod",
    }
    secured = {**document, "proof": create_proof(document, options, ED.sign)}
    workshop.web.documents = {
        f"{LISTS}/clear": status_list("clear", []),
        f"{LISTS}/set": status_list("set", [94_567]),
        f"{LISTS}/stranger": status_list("stranger", [], key=HOLDER),
    }
    assert verify(workshop, secured, checks=["proof", "credentialStatus"])[0] == status
    assert verify(workshop, secured)[0] == status
    assert verify(workshop, secured, checks=["proof"])[0] == 200
    unreachable = verify(workshop, secured)[1]["problemDetails"] if name == "nowhere" else []
    types = [problem["type"] for problem in unreachable]
    assert types in ([], ["https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"])


@pytest.mark.parametrize(("until", "status"), [("2026-11-04T00:00:00Z", 200), ("2026-11-03T00:00:00Z", 400)])
def test_a_status_list_that_is_out_of_date_says_nothing(workshop: Workshop, until: str, status: int) -> None:
    """Bitstring Status List 1.0, section 2.2: `validUntil` is the last moment at which the list is valid."""
    document = credential(issuer=did_of(ED.public_key()), credentialStatus=entry("clear"))
    plain = {name: value for name, value in status_list("clear", []).items() if name != "proof"}
    workshop.web.documents = {f"{LISTS}/clear": signed({**plain, "validUntil": until}, ED)}
    found, answer = verify(workshop, signed(document, ED))
    assert found == status
    types = [problem["type"].partition("#")[2] for problem in answer["problemDetails"]]
    assert types == ([] if status == 200 else ["STATUS_RETRIEVAL_ERROR"])


def test_a_resource_elsewhere_is_fetched_and_compared(workshop: Workshop) -> None:
    address = "https://issuer.example.edu/handbook.txt"
    digest = "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    secured = issued(workshop, credential(relatedResource={"id": address, "digestSRI": digest}))
    assert verify(workshop, secured)[0] == 400
    workshop.web.documents = {address: "hello"}
    assert verify(workshop, secured)[0] == 200
    workshop.web.documents = {address: "hello!"}
    assert verify(workshop, secured)[0] == 400
    refused(workshop, credential(relatedResource={"id": address, "digestSRI": digest}))


def test_expired_and_future_credentials_do_not_verify(workshop: Workshop) -> None:
    for period in ({"validUntil": "2026-01-01T00:00:00Z"}, {"validFrom": "2036-01-01T00:00:00Z"}):
        assert verify(workshop, issued(workshop, credential(**period)), checks=["proof"])[0] == 400


def presentation(*credentials: object, **changes: Any) -> Document:
    return {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did_of(HOLDER.public_key()),
        **({"verifiableCredential": list(credentials)} if credentials else {}),
        **changes,
    }


def presented(document: Document, **options: Any) -> Document:
    members = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-01T00:00:00Z",
        "verificationMethod": method_of(HOLDER.public_key()),
        "proofPurpose": "authentication",
        "challenge": "once",
        **options,
    }
    form = partial(general_form, inline_contexts=True)
    return {**document, "proof": create_proof(document, members, HOLDER.sign, form=form)}


def verify_presentation(workshop: Workshop, document: object, **options: Any) -> int:
    return post(workshop, "/presentations/verify", verifiablePresentation=document, options=options)[0]


def test_presentations_verify_with_everything_in_them(workshop: Workshop) -> None:
    first, second = issued(workshop, credential()), issued(workshop, credential(name="Another"))
    document = {**credential(issuer=did_of(P256.public_key())), "id": "urn:uuid:7"}
    token = sign_jwt(document, kid=method_of(P256.public_key()), sign=lambda data: sign(P256, data))
    enveloped = {
        "@context": V2,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }
    good = presented(presentation(first, second, enveloped))
    assert verify_presentation(workshop, good) == 200
    assert verify_presentation(workshop, good, challenge="once") == 200
    assert verify_presentation(workshop, good, challenge="twice") == 400
    assert verify_presentation(workshop, presented(presentation())) == 200
    assert verify_presentation(workshop, presented(presentation(id="urn:uuid:8"))) == 200
    assert post(workshop, "/presentations/verify", presentation=presentation(first))[0] == 200


def test_presentations_with_anything_wrong_are_refused(workshop: Workshop) -> None:
    good = issued(workshop, credential())
    tampered = {**good, "name": "changed"}
    whole = presented(presentation(good))
    wrong_value = {**whole["proof"], "proofValue": "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"}
    for document in (
        presented(presentation(tampered)),
        presented(presentation(credential())),
        presentation(good),
        {**whole, "proof": wrong_value},
        {**whole, "@context": [V2, "https ://not-a-url/contexts/example/v1"]},
        {**whole, "@context": [V2, 123192875]},
        {name: value for name, value in whole.items() if name != "@context"},
        {name: value for name, value in whole.items() if name != "type"},
        {**whole, "type": ["https://example.org/#Other"]},
        {**whole, "verifiableCredential": "urn:uuid:9"},
        {**whole, "verifiableCredential": [{**good, "type": ...}["issuer"]]},
        {**whole, "holder": "did:example:another"},
        presented(presentation(good, holder=did_of(ED.public_key()))),
        presented(presentation({"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:,x"})),
        "a string",
        None,
    ):
        assert verify_presentation(workshop, document) == 400, document


def test_the_request_itself_has_to_be_one(workshop: Workshop) -> None:
    for path in ("/credentials/issue", "/credentials/verify", "/presentations/verify"):
        assert workshop.client.post(path, json={}).status_code == 400
        assert workshop.client.post(path, json={"unknown": 1}).status_code == 422
        assert workshop.client.post(path, json=[]).status_code == 422
    assert post(workshop, "/credentials/verify", verifiableCredential={}, options=5)[0] == 400
    assert post(workshop, "/credentials/issue", credential=credential(), options=5)[0] == 400
    assert post(workshop, "/credentials/issue", credential=credential(), options=None)[0] == 201
    refused(workshop, credential(), created="yesterday")
    refused(workshop, credential(), proofPurpose="fun")
    refused(workshop, credential(), proofId="not a url")


def production(workshop: Workshop) -> Flask:
    return create_app(
        replace(workshop.settings, environment="production"),
        rest=workshop.elsewhere,  # type: ignore[arg-type]
        fetcher=workshop.web,  # type: ignore[arg-type]
        database=workshop.database,
        clock=workshop.clock,
        verifier=workshop.client.application.extensions["passerelle"].verifier,
    )


def test_in_production_only_administrators_get_in_and_nobody_issues_for_another(workshop: Workshop) -> None:
    client = production(workshop).test_client()

    def send(token: str | None, issuer: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"credential": credential(issuer=issuer)}
        return client.post("/credentials/issue", json=body, headers=headers).status_code

    own = issued(workshop, credential())["issuer"]
    administrator = workshop.token("administrator")
    assert send(None, own) == 401
    assert send(workshop.token("registrar", "helsinki.fi"), own) == 403
    assert send(administrator, own) == 201
    assert send(administrator, "did:example:anybody") == 400
