"""Data Integrity proofs as strangers make them: sets and chains, by Ed25519 and P-256 keys (W3C VC Data Integrity 1.0).

`proof` is the narrower module for what is issued here.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.did_key import PublicKey
from services.certification.formats.general import general_form
from services.certification.formats.multikey import decode_base58, encode_base58
from services.certification.formats.vc_values import instant_of, is_url

Document = Mapping[str, Any]
Form = Callable[[Document], str]

EDDSA: Final = "eddsa-rdfc-2022"
ECDSA_P256: Final = "ecdsa-rdfc-2019"
MAX_PROOFS: Final = 10
_SIGNATURE_LENGTH: Final = 64
_TEXTS: Final = ("type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue")
_NAMED: Final = ("type", "verificationMethod", "proofPurpose")
"""Those whose absence Data Integrity 1.0 (section 4.4, verify proof) gives a code of its own."""
_OPTIONAL_TEXTS: Final = ("id", "created", "expires", "challenge", "nonce")
_MULTIBASE: Final = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+")
_HALF: Final = 32


class ProofFaultError(Exception):
    """A proof does not hold; `code` is the error's name in the specification."""

    def __init__(self, detail: str, code: str = "PROOF_VERIFICATION_ERROR") -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Expected:
    """What a proof has to be for: its purpose and, where they are given, domain and challenge."""

    now: datetime
    purpose: str = "assertionMethod"
    domain: str | None = None
    challenge: str | None = None


KeyOf = Callable[[str, str], PublicKey]
"""The key of (verification method, proof purpose); raises ProofFaultError, or what its resolution raises."""


def proofs_of(secured: Document) -> tuple[Document, ...]:
    """The proofs of `secured`, each an object with the members that every proof has.

    Raises:
        ProofFaultError: there is none, or one that is no proof.
    """
    found: Any = secured.get("proof")
    proofs: list[Any] = found if isinstance(found, list) else [found]
    if not proofs or len(proofs) > MAX_PROOFS:
        raise ProofFaultError(f"there are no proofs, or more than {MAX_PROOFS}", "PARSING_ERROR")
    for proof in proofs:
        _require_proof(proof)
    identifiers = [proof["id"] for proof in proofs if "id" in proof]
    if len(set(identifiers)) < len(identifiers):
        raise ProofFaultError("two proofs have the same id", "PARSING_ERROR")
    return tuple(proofs)


def verify_proofs(
    secured: Document, key_of: KeyOf, expected: Expected, *, form: Form = general_form
) -> tuple[Document, ...]:
    """The proofs of `secured`, once every one of them holds: a set is as good as its worst member.

    Raises:
        ProofFaultError: one does not hold, or refers to an earlier one that is not there.
    """
    proofs = proofs_of(secured)
    document = {name: value for name, value in secured.items() if name != "proof"}
    for proof in proofs:
        _require_expected(proof, expected)
        key = key_of(proof["verificationMethod"], proof["proofPurpose"])
        earlier = _earlier(proof, proofs)
        _verify(proof, {**document, "proof": earlier} if earlier else document, key, form)
    return proofs


def create_proof(
    document: Document,
    options: Mapping[str, Any],
    sign: Callable[[bytes], bytes],
    *,
    earlier: Iterable[Document] = (),
    form: Form = general_form,
) -> dict[str, Any]:
    """The proof with `options` over `document` without its proofs, and over those `earlier` ones it builds upon.

    Raises:
        NotCanonicalError: the signature would not cover all of the document.
    """
    whole = [dict(proof) for proof in earlier]
    target = {**document, "proof": whole} if whole else document
    return {**options, "proofValue": encode_base58(sign(_hashed(options, target, form)))}


def _require_proof(proof: object) -> None:
    if not isinstance(proof, dict):
        raise ProofFaultError("the proof is not an object", "PARSING_ERROR")
    for name in _TEXTS:
        if not isinstance(proof.get(name), str) or not proof[name]:
            code = "PROOF_VERIFICATION_ERROR" if name in _NAMED and name not in proof else "PARSING_ERROR"
            raise ProofFaultError(f"the proof's {name} is missing or no text", code)
    for name in _OPTIONAL_TEXTS:
        if name in proof and not isinstance(proof[name], str):
            raise ProofFaultError(f"the proof's {name} is no text", "PARSING_ERROR")
    if proof["type"] != "DataIntegrityProof" or proof["cryptosuite"] not in {EDDSA, ECDSA_P256}:
        raise ProofFaultError(f"the proof is none by {EDDSA} or {ECDSA_P256}", "PROOF_TRANSFORMATION_ERROR")
    if not all(is_url(proof[name]) for name in ("id", "verificationMethod") if name in proof):
        raise ProofFaultError("the proof's id or verification method is not a URL", "PARSING_ERROR")
    for name in ("created", "expires"):
        if name in proof and instant_of(proof[name]) is None:
            raise ProofFaultError(f"the proof's {name} is not a moment with its offset", "PARSING_ERROR")


def _require_expected(proof: Document, expected: Expected) -> None:
    if proof["proofPurpose"] != expected.purpose:
        raise ProofFaultError(f"the proof is not made for {expected.purpose}")
    domains = proof.get("domain")
    if expected.domain is not None and expected.domain not in (
        domains if isinstance(domains, list) else [domains]
    ):
        raise ProofFaultError("the proof is made for another domain", "INVALID_DOMAIN_ERROR")
    if expected.challenge is not None and proof.get("challenge") != expected.challenge:
        raise ProofFaultError("the proof answers another challenge", "INVALID_CHALLENGE_ERROR")
    expires = instant_of(proof["expires"]) if "expires" in proof else None
    if expires is not None and expires <= expected.now:
        raise ProofFaultError("the proof has expired")


def _earlier(proof: Document, proofs: tuple[Document, ...]) -> list[Document]:
    """The proofs that `proof` builds upon (previousProof), in the order in which the document has them."""
    if "previousProof" not in proof:
        return []
    named = proof["previousProof"]
    names = named if isinstance(named, list) else [named]
    if not names or not all(isinstance(name, str) for name in names):
        raise ProofFaultError("previousProof holds something else than identifiers", "PARSING_ERROR")
    found = [each for each in proofs if each.get("id") in names and each is not proof]
    if len(found) < len(set(names)):
        raise ProofFaultError("previousProof names a proof that is not there")
    return found


def _verify(proof: Document, document: Document, key: PublicKey, form: Form) -> None:
    eddsa = isinstance(key, Ed25519PublicKey)
    if proof["cryptosuite"] != (EDDSA if eddsa else ECDSA_P256):
        raise ProofFaultError("the key is not of the kind that the cryptosuite signs with")
    if _MULTIBASE.fullmatch(proof["proofValue"]) is None:
        raise ProofFaultError("the proof's value is not multibase base58btc")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        signature = decode_base58(proof["proofValue"])
        if len(signature) != _SIGNATURE_LENGTH:
            raise ProofFaultError("the proof's value is not 64 bytes long")
        signed = _hashed(options, document, form)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, signed)
        else:
            numbers = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
            key.verify(encode_dss_signature(*numbers), signed, ECDSA(SHA256()))
    except NotCanonicalError as error:
        raise ProofFaultError(str(error), "DATA_LOSS_DETECTION_ERROR") from error
    except ValueError as error:
        raise ProofFaultError("the proof's value is not multibase base58btc") from error
    except InvalidSignature:
        raise ProofFaultError("the document differs from what was signed") from None


def _hashed(options: Mapping[str, Any], document: Document, form: Form) -> bytes:
    configuration = {"@context": document.get("@context"), **options}
    return b"".join(hashlib.sha256(form(part).encode()).digest() for part in (configuration, document))
