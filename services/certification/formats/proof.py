"""Data Integrity proofs of the cryptosuite eddsa-rdfc-2022 (W3C VC Data Integrity EdDSA Cryptosuites 1.0)."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.certification.formats.canonical import NotCanonicalError, canonical_form
from services.certification.formats.multikey import decode_base58, encode_base58

CRYPTOSUITE: Final = "eddsa-rdfc-2022"
_SIGNATURE_LENGTH: Final = 64
_MEMBERS: Final = frozenset(
    {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}
)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class ProofError(Exception):
    """The document carries no proof that holds; the message says why."""


def add_proof(
    document: Mapping[str, Any], *, created: str, verification_method: str, sign: Callable[[bytes], bytes]
) -> dict[str, Any]:
    """`document` with its proof. The same document, moment and key give the same bytes: Ed25519 is deterministic.

    The proof is an array of one because the strict Open Badges schema asks for arrays.

    Raises:
        NotCanonicalError: the signature would not cover all of the document.
    """
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    signature = sign(_signed_bytes(document, options))
    return {**document, "proof": [{**options, "proofValue": encode_base58(signature)}]}


def verify_proof(
    secured: Mapping[str, Any], key_of: Callable[[str], Ed25519PublicKey | None]
) -> Mapping[str, Any]:
    """The options of the one proof of `secured`, once the signature over the whole document holds.

    `key_of` gives the key of a verification method that may sign for this document's issuer, or None.

    Raises:
        ProofError: no single proof of this suite, an unknown key, or a document that differs from what was signed.
    """
    options = _single_proof(secured)
    key = key_of(options["verificationMethod"])
    if key is None:
        raise ProofError("the key of the proof is not one of the issuer's")
    document = {name: value for name, value in secured.items() if name != "proof"}
    try:
        signature = decode_base58(options["proofValue"])
        if len(signature) != _SIGNATURE_LENGTH:
            raise ProofError("the proof's value is not an Ed25519 signature")
        key.verify(signature, _signed_bytes(document, _without_value(options)))
    except (ValueError, NotCanonicalError) as error:
        raise ProofError(str(error)) from error
    except InvalidSignature:
        raise ProofError("the document differs from what was signed") from None
    return options


def _single_proof(secured: Mapping[str, Any]) -> Mapping[str, Any]:
    proof = secured.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    if not isinstance(proof, dict) or set(proof) != _MEMBERS:
        raise ProofError("there is no single Data Integrity proof with the members that we issue")
    if not all(isinstance(value, str) for value in proof.values()):
        raise ProofError("the proof's members are not strings")
    expected = ("DataIntegrityProof", CRYPTOSUITE, "assertionMethod")
    if (proof["type"], proof["cryptosuite"], proof["proofPurpose"]) != expected:
        raise ProofError(f"the proof is not an assertion by {CRYPTOSUITE}")
    if _MOMENT.fullmatch(proof["created"]) is None:
        raise ProofError("the proof's moment is not in the form that we issue")
    return proof


def _without_value(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "proofValue"}


def _signed_bytes(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    configuration = {"@context": document.get("@context"), **options}
    return b"".join(
        hashlib.sha256(canonical_form(part).encode()).digest() for part in (configuration, document)
    )
