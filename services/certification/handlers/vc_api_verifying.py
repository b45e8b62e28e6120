"""Verification by the W3C's VC-API, for conformance suites and administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from services.certification.domain.verdict import Finding
from services.certification.formats.contexts import CREDENTIALS
from services.certification.formats.data_integrity import Expected, ProofFaultError, verify_proofs
from services.certification.formats.general import general_form
from services.certification.formats.vc_model import Fault, is_enveloped, party_of, presentation_faults
from services.certification.handlers.examination import Examiner
from services.certification.handlers.resolution import UnresolvedError
from services.certification.handlers.vc_api_requests import Document, listed, options_of, refused

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


def verify_credential(examiner: Examiner, body: Mapping[str, Any]) -> Verification:
    """Examine `verifiableCredential` in `body`: an object with proofs, one around a JWT, or a JWT.

    Raises:
        ProblemError: 400 where the request itself cannot be read.
    """
    options = options_of(body)
    if "verifiableCredential" not in body:
        raise refused([Fault("/verifiableCredential", "There is no credential.")])
    expected = _expected(options, examiner.now, "assertionMethod")
    return _summed_up(_examined(examiner, body["verifiableCredential"], expected), _checks(options))


def verify_presentation(examiner: Examiner, body: Mapping[str, Any]) -> Verification:
    """Examine `verifiablePresentation` (with proofs) or `presentation` (without) and every credential in it.

    Raises:
        ProblemError: 400 where the request itself cannot be read.
    """
    options = options_of(body)
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
    if len(listed(credentials)) > _MAX_CREDENTIALS:
        raise refused([Fault("/verifiableCredential", f"There are more than {_MAX_CREDENTIALS}.")])
    for credential in listed(credentials):
        found.extend(_examined(examiner, credential, Expected(examiner.now)))
    return _summed_up(found, _checks(options))


def _examined(examiner: Examiner, credential: object, expected: Expected) -> list[Finding]:
    if isinstance(credential, str):
        return examiner.token(credential)
    if isinstance(credential, dict) and is_enveloped(credential):
        address = str(credential.get("id"))
        for prefix in _JWT_DATA:
            if CREDENTIALS in listed(credential.get("@context")) and address.startswith(prefix):
                return examiner.token(address.removeprefix(prefix))
        told = "An enveloped credential is a data: URL with a JWT."
        return [Finding("format", "failed", told, "PARSING_ERROR")]
    if not isinstance(credential, dict):
        return [Finding("format", "failed", "A credential is an object or a JWT.", "PARSING_ERROR")]
    return examiner.credential(credential, expected)


def _presentation_proof(examiner: Examiner, document: Document, expected: Expected) -> Finding:
    try:
        proofs = verify_proofs(
            document, examiner.key, expected, form=partial(general_form, inline_contexts=True)
        )
    except UnresolvedError as error:
        return Finding("proof", "unchecked", f"{error}.", "PROOF_VERIFICATION_ERROR")
    except ProofFaultError as error:
        return Finding("proof", "failed", f"The presentation's signature does not hold: {error}.", error.code)
    holder = party_of(document.get("holder"))
    signers = {proof["verificationMethod"].partition("#")[0] for proof in proofs}
    if holder.startswith("did:") and holder not in signers:
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


def _expected(options: Mapping[str, Any], now: datetime, purpose: str) -> Expected:
    texts = {name: options.get(name) for name in ("expectedProofPurpose", "domain", "challenge")}
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise refused([Fault(f"/options/{name}", "This is a text.")])
    wanted = texts["expectedProofPurpose"] or purpose
    return Expected(now, wanted, texts["domain"], texts["challenge"])
