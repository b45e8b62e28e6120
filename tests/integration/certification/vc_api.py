"""Calls of the W3C's VC-API, and documents to send with them."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from services.certification.app import create_app
from services.certification.formats.data_integrity import create_proof
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.general import general_form
from services.certification.formats.shelf import CREDENTIALS_1
from tests.integration.certification.workshop import PUBLIC_URL, Workshop

V2 = "https://www.w3.org/ns/credentials/v2"
HOLDER = Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82)))
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


def production(workshop: Workshop) -> Flask:
    return create_app(
        replace(workshop.settings, environment="production"),
        rest=workshop.elsewhere,  # type: ignore[arg-type]
        fetcher=workshop.web,  # type: ignore[arg-type]
        database=workshop.database,
        clock=workshop.clock,
        verifier=workshop.client.application.extensions["passerelle"].verifier,
    )
