"""Issuing by the W3C's VC-API, for conformance suites and administrators.

What is issued here is signed by a did:key of this installation, never by an awarding body: a certificate comes only
from an award.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.domain.snapshot import written
from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.data_integrity import EDDSA, ProofFaultError, create_proof, proofs_of
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.general import general_form
from services.certification.formats.shelf import CREDENTIALS_1, DATA_INTEGRITY
from services.certification.formats.vc_model import Fault, credential_faults, party_of
from services.certification.formats.vc_values import instant_of, is_url
from services.certification.handlers.examination import Examiner
from services.certification.handlers.vc_api_requests import Document, listed, options_of, refused
from services.certification.handlers.vc_api_status import identifier_of, purpose_of

Allot = Callable[[str, str | None], Document]
"""A new status entry, by its purpose and the identifier of the credential, if there is one."""

PURPOSES: Final = ("assertionMethod", "authentication")


def issue(
    key: Ed25519PrivateKey,
    body: Mapping[str, Any],
    now: datetime,
    examiner: Examiner,
    allot: Allot,
    *,
    any_issuer: bool,
) -> Document:
    """The credential in `body` with a proof by `key`; its own proofs are kept, so that sets and chains arise.

    `allot` gives its status entry, where it gets one (`purpose_of`). `any_issuer`: put our identifier in the place of
    another issuer's instead of refusing it.

    Raises:
        ProblemError: 400 where the credential breaks the model, names another issuer, or would lose something.
    """
    options = options_of(body)
    credential = body.get("credential")
    if not isinstance(credential, dict):
        raise refused([Fault("/credential", "A credential is a JSON object.")])
    if faults := credential_faults(credential):
        raise refused([Fault(f"/credential{fault.pointer}", fault.detail) for fault in faults])
    named = _issued_by(did_of(key.public_key()), credential, any_issuer=any_issuer)
    wrong = [finding for finding in examiner.related(named) if finding.outcome == "failed"]
    if wrong:
        raise refused([Fault("/credential/relatedResource", finding.detail) for finding in wrong])
    document = {name: value for name, value in _with_context(named).items() if name != "proof"}
    identifier = identifier_of(options, credential)
    if (purpose := purpose_of(options, credential, identifier)) is not None:
        document["credentialStatus"] = allot(purpose, identifier)
    try:
        earlier = list(proofs_of(credential)) if "proof" in credential else []
        proof = create_proof(
            document,
            _proof_options(key, options, now),
            key.sign,
            earlier=_chained(earlier, options.get("previousProof")),
            form=partial(general_form, inline_contexts=True),
        )
    except NotCanonicalError as error:
        raise refused([Fault("/credential", f"It cannot be signed as a whole: {error}.")]) from error
    except ProofFaultError as error:
        raise refused([Fault("/credential/proof", f"{error}.")]) from error
    return {**document, "proof": [*earlier, proof] if earlier else proof}


def _proof_options(key: Ed25519PrivateKey, options: Mapping[str, Any], now: datetime) -> Document:
    made: Document = {"type": "DataIntegrityProof", "cryptosuite": EDDSA}
    if "proofId" in options:
        if not is_url(options["proofId"]):
            raise refused([Fault("/options/proofId", "An identifier is one URL.")])
        made["id"] = options["proofId"]
    created = options.get("created", written(now))
    if instant_of(created) is None:
        raise refused([Fault("/options/created", "This is a moment with its offset.")])
    purpose = options.get("proofPurpose", "assertionMethod")
    if purpose not in PURPOSES:
        raise refused([Fault("/options/proofPurpose", f"This is one of {', '.join(PURPOSES)}.")])
    made |= {
        "created": created,
        "verificationMethod": method_of(key.public_key()),
        "proofPurpose": purpose,
    }
    for name in ("domain", "challenge"):
        if name in options:
            if not isinstance(options[name], str):
                raise refused([Fault(f"/options/{name}", "This is a text.")])
            made[name] = options[name]
    if "previousProof" in options:
        made["previousProof"] = options["previousProof"]
    return made


def _chained(earlier: list[Mapping[str, Any]], named: object) -> list[Mapping[str, Any]]:
    if named is None:
        return []
    names = listed(named)
    found = [proof for proof in earlier if proof.get("id") in names]
    if not names or len(found) < len(names):
        raise ProofFaultError("previousProof names a proof that is not there", "PROOF_GENERATION_ERROR")
    return found


def _issued_by(did: str, credential: Document, *, any_issuer: bool) -> Document:
    issuer = credential["issuer"]
    if party_of(issuer) == did:
        return credential
    if not any_issuer:
        raise refused([Fault("/credential/issuer", f"The issuer here is {did}.")])
    return {**credential, "issuer": {**issuer, "id": did} if isinstance(issuer, dict) else did}


def _with_context(credential: Document) -> Document:
    """Version 1.1 knows no Data Integrity proofs; their context is added."""
    contexts = credential["@context"]
    if contexts[0] == CREDENTIALS_1 and DATA_INTEGRITY not in contexts:
        return {**credential, "@context": [*contexts, DATA_INTEGRITY]}
    return credential
