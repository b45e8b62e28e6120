"""The W3C's VC-API: what the conformance suites of the data model, Data Integrity and status lists look at."""

from typing import Any

import pytest

from services.certification.formats.data_integrity import create_proof
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.shelf import EXAMPLES
from tests.credentials.generate import ED, LISTS, entry, signed, status_list
from tests.integration.certification.vc_api import (
    HOLDER,
    V2,
    Document,
    credential,
    issued,
    old,
    post,
    production,
    refused,
    verify,
)
from tests.integration.certification.workshop import Workshop

INLINE = {"ExampleCredential": "https://example.org/#ExampleCredential", "@protected": True}


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
    assert answer["problemDetails"]
    assert all(problem["type"].startswith("https://") for problem in answer["problemDetails"])


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
