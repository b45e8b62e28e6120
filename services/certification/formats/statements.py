"""A statement about recognition as an Open Badges 3.0 credential of the institution that decided (CRT-43).

In the form of a badge every verifier of badges can read and verify it; its `achievementType` says that it is a decision
and no achievement. The certificate that it is about is an alignment with its identifier and its digest.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from services.certification.domain.recognition_rules import GROUNDS
from services.certification.domain.snapshot import text_in
from services.certification.domain.statement import Statement
from services.certification.formats.canonical import NotCanonicalError
from services.certification.formats.contexts import BADGE_CONTEXTS
from services.certification.formats.proof import ProofError, add_proof, verify_proof
from services.certification.formats.renderer import RenderingError, Seal

Node = dict[str, Any]

DECISION_TYPE: Final = "ext:RecognitionDecision"
CERTIFICATE_TYPE: Final = "ext:RecognisedCertificate"
NO_ENTITLEMENT: Final = (
    "This decision is that of the institution that has signed it. It binds no other institution, and no certificate "
    "gives a right to recognition by itself."
)
_LANGUAGE: Final = "en"
_DECIDES: Final = {
    "recognised": "recognises",
    "partly_recognised": "recognises in part",
    "refused": "does not recognise",
}


def statement_credential(statement: Statement) -> Node:
    """The unsigned credential: a function of the statement alone, the same on every call."""
    return {
        "@context": list(BADGE_CONTEXTS),
        "id": statement.credential_id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title_of(statement),
        "issuer": _issuer(statement),
        "validFrom": statement.issued_at,
        "awardedDate": statement.decided_at,
        "credentialSubject": _subject(statement),
        "credentialStatus": {
            "id": f"{statement.status_list_url}#{statement.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "suspension",
            "statusListIndex": str(statement.status_index),
            "statusListCredential": statement.status_list_url,
        },
    }


def signed_statement(statement: Statement, seal: Seal) -> bytes:
    """The credential with its proof, verified by the public key. The same statement and key give the same bytes.

    Raises:
        RenderingError: it cannot be signed as a whole.
    """
    try:
        secured = add_proof(
            statement_credential(statement),
            created=statement.issued_at,
            verification_method=seal.verification_method,
            sign=seal.sign,
        )
        content = json.dumps(secured, ensure_ascii=False, separators=(",", ":")).encode()
        verify_proof(
            json.loads(content),
            lambda method: seal.public_key if method == seal.verification_method else None,
        )
    except (NotCanonicalError, ProofError) as error:
        raise RenderingError(f"the statement cannot be signed: {error}") from error
    return content


def title_of(statement: Statement) -> str:
    return f"Decision on recognition: {text_in(statement.basis.title, _LANGUAGE)}"


def _issuer(statement: Statement) -> Node:
    institution = statement.institution
    profile: Node = {
        "id": statement.issuer_did,
        "type": ["Profile"],
        "name": text_in(institution.name, _LANGUAGE),
    }
    if institution.country:
        profile["address"] = {
            "id": f"{statement.issuer_did}#address",
            "type": ["Address"],
            "addressCountryCode": institution.country,
        }
    if institution.website:
        profile["url"] = institution.website
    return profile


def _subject(statement: Statement) -> Node:
    learner = statement.learner
    stated = {
        "name": learner.full_name,
        "ext:dateOfBirth": learner.date_of_birth,
        "identifier": learner.identifier,
    }
    subject: Node = {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
            for kind, value in stated.items()
            if value
        ],
        "achievement": _decision(statement),
    }
    if statement.ruling.credits is not None:
        subject["creditsEarned"] = _number(statement.ruling.credits)
    return subject


def _decision(statement: Statement) -> Node:
    return {
        "id": f"{statement.recognition_url}#decision-{statement.number}",
        "type": ["Achievement"],
        "achievementType": DECISION_TYPE,
        "name": title_of(statement),
        "description": sentence(statement),
        "inLanguage": _LANGUAGE,
        "creator": {"id": statement.issuer_did, "type": ["Profile"]},
        "criteria": {"id": f"{statement.recognition_url}#criteria", "narrative": _narrative(statement)},
        "alignment": [
            {"id": f"{statement.recognition_url}#alignment-{number}", "type": ["Alignment"], **target}
            for number, target in enumerate(_targets(statement), start=1)
        ],
    }


def sentence(statement: Statement) -> str:
    """The decision in one sentence."""
    ruling, basis = statement.ruling, statement.basis
    who, what = text_in(statement.institution.name, _LANGUAGE), text_in(basis.title, _LANGUAGE)
    said = f"{who} {_DECIDES[ruling.outcome]} the certificate '{what}' of {basis.issuer}"
    if ruling.recognised_as:
        said += f" as '{ruling.recognised_as}'"
    if ruling.credits is not None:
        said += f" with {ruling.credits} ECTS"
    return f"{said} towards '{text_in(statement.programme.title, _LANGUAGE)}'."


def _narrative(statement: Statement) -> str:
    rule, ruling = statement.rule, statement.ruling
    agreement = f"agreement {rule.agreement_id}, version {rule.agreement_version}"
    criteria = text_in(rule.criteria, _LANGUAGE)
    parts = [
        sentence(statement),
        f"Decided under the {agreement}, by its criteria version {rule.criteria_version}. {criteria}".strip(),
        *(f"Ground: {GROUNDS[ground.code]}. {ground.explanation}" for ground in ruling.grounds),
    ]
    if appeal := text_in(rule.appeal, _LANGUAGE):
        parts.append(f"Appeal: {appeal}")
    return "\n\n".join([*parts, NO_ENTITLEMENT])


def _targets(statement: Statement) -> Iterator[Node]:
    basis, rule, programme = statement.basis, statement.rule, statement.programme
    yield {
        "targetType": CERTIFICATE_TYPE,
        "targetName": text_in(basis.title, _LANGUAGE),
        "targetUrl": basis.credential_id,
        "targetCode": basis.digest,
        "targetDescription": f"issued by {basis.issuer}",
    }
    yield {
        "targetType": "ext:Programme",
        "targetName": text_in(programme.title, _LANGUAGE),
        "targetUrl": f"{statement.recognition_url}#programme",
    }
    yield {
        "targetType": "ext:RecognitionCriteria",
        "targetName": f"Criteria {rule.criteria_version}",
        "targetUrl": statement.agreement_url,
        "targetCode": rule.criteria_version,
    }
    for outcome in statement.ruling.outcomes:
        yield {
            "targetType": "ext:LearningOutcome",
            "targetName": text_in(programme.titles.get(outcome, {}), _LANGUAGE) or outcome,
            "targetUrl": f"{statement.recognition_url}#outcome-{outcome}",
            "targetCode": outcome,
        }


def _number(decimal: str) -> int | float:
    value = Decimal(decimal)
    return int(value) if value == value.to_integral_value() else float(value)
