"""What the W3C's VC-API asks of an issuer and a verifier, for conformance suites and administrators.

What is issued here is signed by a did:key of this installation, never by an awarding body: a certificate comes only
from an award.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.certification.domain.snapshot import written
from services.certification.domain.verdict import Finding
from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.data_integrity import (
    EDDSA,
    Expected,
    ProofFaultError,
    create_proof,
    proofs_of,
    verify_proofs,
)
from services.certification.formats.did_key import did_of, method_of
from services.certification.formats.general import general_form
from services.certification.formats.shelf import CREDENTIALS_1, DATA_INTEGRITY
from services.certification.formats.vc_model import (
    Fault,
    credential_faults,
    is_enveloped,
    presentation_faults,
)
from services.certification.formats.vc_values import instant_of, is_url
from services.certification.handlers.examination import Examiner
from services.certification.handlers.resolution import UnresolvedError
from services.certification.handlers.vc_api_requests import Document, refused
from services.certification.handlers.vc_api_status import identifier_of, purpose_of

Allot = Callable[[str, str | None], Document]
"""A new status entry, by its purpose and the identifier of the credential, if there is one."""

PURPOSES: Final = ("assertionMethod", "authentication")
_FORM: Final = partial(general_form, inline_contexts=True)
_MAX_CREDENTIALS: Final = 20
_JWT_DATA: Final = (
    "data:application/vc+jwt,",
    "data:application/vc-ld+jwt,",
    "data:application/vc+ld+jwt,",
    "data:application/jwt,",
)


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: verified where nothing stands against it; `warnings` are what the caller has to judge."""

    verified: bool
    checks: tuple[str, ...]
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


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
    options = _options(body)
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
            form=_FORM,
        )
    except NotCanonicalError as error:
        raise refused([Fault("/credential", f"It cannot be signed as a whole: {error}.")]) from error
    except ProofFaultError as error:
        raise refused([Fault("/credential/proof", f"{error}.")]) from error
    return {**document, "proof": [*earlier, proof] if earlier else proof}


def verify_credential(examiner: Examiner, body: Mapping[str, Any]) -> Verification:
    """Examine `verifiableCredential` in `body`: an object with proofs, one around a JWT, or a JWT.

    Raises:
        ProblemError: 400 where the request itself cannot be read.
    """
    options = _options(body)
    if "verifiableCredential" not in body:
        raise refused([Fault("/verifiableCredential", "There is no credential.")])
    expected = _expected(options, examiner.now, "assertionMethod")
    return _summed_up(_examined(examiner, body["verifiableCredential"], expected), _checks(options))


def verify_presentation(examiner: Examiner, body: Mapping[str, Any]) -> Verification:
    """Examine `verifiablePresentation` (with proofs) or `presentation` (without) and every credential in it.

    Raises:
        ProblemError: 400 where the request itself cannot be read.
    """
    options = _options(body)
    name = "verifiablePresentation" if "verifiablePresentation" in body else "presentation"
    presentation = body.get(name)
    if faults := presentation_faults(presentation):
        told = "; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults[:5])
        return _summed_up(
            [Finding("format", "failed", f"It breaks the data model. {told}")], _checks(options)
        )
    document: Document = presentation if isinstance(presentation, dict) else {}
    found: list[Finding] = []
    if name == "verifiablePresentation" or "proof" in document:
        found.append(
            _presentation_proof(examiner, document, _expected(options, examiner.now, "authentication"))
        )
    credentials = document.get("verifiableCredential", [])
    listed = credentials if isinstance(credentials, list) else [credentials]
    if len(listed) > _MAX_CREDENTIALS:
        raise refused([Fault("/verifiableCredential", f"There are more than {_MAX_CREDENTIALS}.")])
    for credential in listed:
        found.extend(_examined(examiner, credential, Expected(examiner.now)))
    return _summed_up(found, _checks(options))


def _examined(examiner: Examiner, credential: object, expected: Expected) -> list[Finding]:
    if isinstance(credential, str):
        return examiner.token(credential)
    if isinstance(credential, dict) and is_enveloped(credential):
        address = str(credential.get("id"))
        for prefix in _JWT_DATA:
            if CREDENTIALS in _list(credential.get("@context")) and address.startswith(prefix):
                return examiner.token(address.removeprefix(prefix))
        told = "An enveloped credential is a data: URL with a JWT."
        return [Finding("format", "failed", told, "PARSING_ERROR")]
    if not isinstance(credential, dict):
        return [Finding("format", "failed", "A credential is an object or a JWT.", "PARSING_ERROR")]
    return examiner.credential(credential, expected)


def _presentation_proof(examiner: Examiner, document: Document, expected: Expected) -> Finding:
    try:
        proofs = verify_proofs(document, examiner.key, expected, form=_FORM)
    except UnresolvedError as error:
        return Finding("proof", "unchecked", f"{error}.", "PROOF_VERIFICATION_ERROR")
    except ProofFaultError as error:
        return Finding("proof", "failed", f"The presentation's signature does not hold: {error}.", error.code)
    holder = document.get("holder")
    identifier = holder.get("id") if isinstance(holder, dict) else holder
    signers = {proof["verificationMethod"].partition("#")[0] for proof in proofs}
    if isinstance(identifier, str) and identifier.startswith("did:") and identifier not in signers:
        told = "The presentation was signed by somebody else than its holder."
        return Finding("proof", "failed", told, "CRYPTOGRAPHIC_SECURITY_ERROR")
    return Finding("proof", "passed", "The presentation's signature holds.")


def _summed_up(findings: list[Finding], wanted: frozenset[str]) -> Verification:
    """Dates count even where only proofs were asked for; a status that was not asked for is left out."""
    counted = [finding for finding in findings if finding.name != "status" or "credentialStatus" in wanted]
    errors = tuple(
        finding
        for finding in counted
        if finding.outcome == "failed"
        or (finding.outcome == "unchecked" and finding.name != "issuer")
        or (finding.outcome == "remark" and finding.name == "dates")
    )
    warnings = tuple(
        finding
        for finding in counted
        if finding not in errors
        and (finding.outcome == "unchecked" or (finding.outcome == "remark" and finding.name != "issuer"))
    )
    made = tuple(sorted(wanted | {finding.name for finding in counted}))
    return Verification(not errors, made, errors, warnings)


def _checks(options: Mapping[str, Any]) -> frozenset[str]:
    """What the caller asked for: everything where nothing is said."""
    asked = options.get("checks")
    if not isinstance(asked, list) or not asked:
        return frozenset({"proof", "credentialStatus"})
    return frozenset(each for each in asked if isinstance(each, str) and len(each) < 40)  # noqa: PLR2004


def _options(body: Mapping[str, Any]) -> Mapping[str, Any]:
    options = body.get("options")
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise refused([Fault("/options", "Options are an object.")])
    return options


def _expected(options: Mapping[str, Any], now: datetime, purpose: str) -> Expected:
    texts = {name: options.get(name) for name in ("expectedProofPurpose", "domain", "challenge")}
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise refused([Fault(f"/options/{name}", "This is a text.")])
    wanted = texts["expectedProofPurpose"] or purpose
    return Expected(now, wanted, texts["domain"], texts["challenge"])


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
    names = _list(named)
    found = [proof for proof in earlier if proof.get("id") in names]
    if not names or len(found) < len(names):
        raise ProofFaultError("previousProof names a proof that is not there", "PROOF_GENERATION_ERROR")
    return found


def _issued_by(did: str, credential: Document, *, any_issuer: bool) -> Document:
    issuer = credential["issuer"]
    named = issuer["id"] if isinstance(issuer, dict) else issuer
    if named == did:
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


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
