"""A statement about recognition as an Open Badges 3.0 credential of the institution that decided (CRT-43).

In the form of a badge every verifier of badges can read and verify it; its `achievementType` says that it is a decision
and no achievement. The certificate that it is about is an alignment with its identifier and its digest.
"""

from collections.abc import Iterator
from typing import Final

from services.certification.domain.recognition_rules import GROUNDS
from services.certification.domain.snapshot import text_in
from services.certification.domain.statement import Statement
from services.certification.formats.badge_parts import Node, identities, json_number, profile, status_entry
from services.certification.formats.contexts import BADGE_CONTEXTS
from services.certification.formats.renderer import Seal, signed

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
        "issuer": profile(statement.issuer_did, statement.institution, _LANGUAGE),
        "validFrom": statement.issued_at,
        "awardedDate": statement.decided_at,
        "credentialSubject": _subject(statement),
        "credentialStatus": status_entry(statement.status_list_url, statement.status_index),
    }


def signed_statement(statement: Statement, seal: Seal) -> bytes:
    """The credential with its proof, verified by the public key. The same statement and key give the same bytes.

    Raises:
        RenderingError: it cannot be signed as a whole.
    """
    return signed(statement_credential(statement), statement.issued_at, seal)


def title_of(statement: Statement) -> str:
    return f"Decision on recognition: {text_in(statement.basis.title, _LANGUAGE)}"


def _subject(statement: Statement) -> Node:
    subject: Node = {
        "type": ["AchievementSubject"],
        "identifier": list(identities(statement.learner)),
        "achievement": _decision(statement),
    }
    if statement.ruling.credits is not None:
        subject["creditsEarned"] = json_number(statement.ruling.credits)
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
