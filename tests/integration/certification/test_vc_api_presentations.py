"""Presentations that the W3C's VC-API verifies, with everything in them."""

from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.vc_jwt import sign_jwt
from services.certification.keys.signing import sign
from tests.credentials.generate import ED, P256
from tests.integration.certification.vc_api import (
    V2,
    credential,
    issued,
    post,
    presentation,
    presented,
    verify_presentation,
)
from tests.integration.certification.workshop import Workshop


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
