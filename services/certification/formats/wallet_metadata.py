"""What wallets read before they ask: the metadata of OpenID4VCI 1.0, RFC 8414 and SD-JWT VC of one awarding body."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from services.certification.domain.wallet import BATCH, OFFER_LIFETIME
from services.certification.formats.sd_jwt_claims import ALWAYS_OPEN, PARTS
from shared.annex1.readers.sd_jwt import TYPE

GRANT: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
CONFIGURATION: Final = "learning_credential"
PROOF_ALGORITHMS: Final = ("ES256", "EdDSA")
TRANSACTION_CODE_LENGTH: Final = 6
WELL_KNOWN: Final = "/.well-known"

CLAIM_NAMES: Final[Mapping[str, str]] = {
    "family_name": "Family name",
    "given_name": "Given name",
    "birthdate": "Date of birth",
    "learner_identification": "Identification of the learner",
    "issuing_authority": "Issuing authority",
    "issuing_authority_id": "Identifier of the issuing authority",
    "issuing_country": "Country of the issuer",
    "issuing_region": "Region of the issuer",
    "awarding_bodies": "Awarding bodies",
    "date_of_issuance": "Date of issuing",
    "achievement_title": "Title",
    "achievement_description": "Description",
    "language_of_classes": "Language of instruction",
    "learning_outcomes": "Learning outcomes",
    "esco_skills": "Skills (ESCO)",
    "expected_study_time": "Workload",
    "level_of_learning_experience": "Level (EQF)",
    "qf_ehea_cycle": "Cycle (QF-EHEA)",
    "isced_2011": "Level (ISCED 2011)",
    "isced_f": "Field (ISCED-F)",
    "types_of_assessment": "Type of assessment",
    "form_of_participation": "Form of participation",
    "types_of_quality_assurance": "Quality assurance",
    "prerequisites_to_enroll": "Prerequisites",
    "supervision_and_identity_verification": "Supervision and identity verification",
    "assessment_grade": "Grade",
    "assessment_grades": "Grades by outcome",
    "integration_stackability_options": "Can be stacked",
    "further_information": "Further information",
    PARTS: "Certificates it is made of",
}
_MANDATORY: Final = frozenset(
    {"family_name", "learner_identification", "expected_study_time", "level_of_learning_experience"}
) | (ALWAYS_OPEN & {"issuing_authority", "issuing_country", "date_of_issuance", "achievement_title"})


def issuer_address(public_url: str, institution: str) -> str:
    """The identifier of an awarding body for wallets; also the `iss` of the copies in them."""
    return f"{public_url}/certification/issuers/{institution}"


def institution_at(address: str, public_url: str) -> str | None:
    """The institution whose identifier here is `address`; None where it is nobody's."""
    prefix = issuer_address(public_url, "")
    name = address.removeprefix(prefix)
    return name if address.startswith(prefix) and name and "/" not in name else None


def well_known(address: str, name: str) -> str:
    """Where the metadata `name` of an identifier stands: the name goes between host and path (RFC 8615)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}/{name}{parts.path.rstrip('/')}"


def issuer_metadata(address: str, names: Mapping[str, str]) -> dict[str, Any]:
    """`/.well-known/openid-credential-issuer`; `names` are those of the institution by language."""
    return {
        "credential_issuer": address,
        "credential_endpoint": f"{address}/credential",
        "deferred_credential_endpoint": f"{address}/deferred-credential",
        "nonce_endpoint": f"{address}/nonce",
        "batch_credential_issuance": {"batch_size": BATCH},
        "display": [{"name": name, "locale": language} for language, name in sorted(names.items())],
        "credential_configurations_supported": {CONFIGURATION: _configuration()},
    }


def _configuration() -> dict[str, Any]:
    return {
        "format": "dc+sd-jwt",
        "scope": CONFIGURATION,
        "vct": TYPE,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": ["ES256"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": list(PROOF_ALGORITHMS)}},
        "credential_metadata": {
            "display": [
                {
                    "name": "Micro-credential",
                    "locale": "en",
                    "description": "A certificate of what was learned",
                }
            ],
            "claims": [
                {
                    "path": [claim],
                    "mandatory": claim in _MANDATORY,
                    "display": [{"name": name, "locale": "en"}],
                }
                for claim, name in CLAIM_NAMES.items()
            ],
        },
    }


def server_metadata(address: str) -> dict[str, Any]:
    """`/.well-known/oauth-authorization-server`; no response types, since nobody is redirected (OpenID4VCI 12.3)."""
    return {
        "issuer": address,
        "token_endpoint": f"{address}/token",
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def key_metadata(address: str, keys: list[dict[str, Any]]) -> dict[str, Any]:
    """`/.well-known/jwt-vc-issuer`: the JWKs that verify what this issuer has signed."""
    return {"issuer": address, "jwks": {"keys": keys}}


def credential_offer(address: str, code: str, *, transaction_code: bool) -> dict[str, Any]:
    """The offer as a wallet reads it."""
    grant: dict[str, Any] = {"pre-authorized_code": code}
    if transaction_code:
        minutes = int(OFFER_LIFETIME.total_seconds() // 60)
        grant["tx_code"] = {
            "input_mode": "numeric",
            "length": TRANSACTION_CODE_LENGTH,
            "description": f"The code beside the QR code; it counts for {minutes} minutes.",
        }
    return {
        "credential_issuer": address,
        "credential_configuration_ids": [CONFIGURATION],
        "grants": {GRANT: grant},
    }


def offer_link(**parameter: str) -> str:
    """The link that opens a wallet, with `credential_offer` or `credential_offer_uri`."""
    return f"openid-credential-offer://?{urlencode(parameter)}"
