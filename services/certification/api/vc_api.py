"""Routes of the W3C's VC-API: for administrators, on the development profile for anybody (conformance suites)."""

import json
from typing import Any, Final

from flask import Response, current_app
from marshmallow import fields
from sqlalchemy import Connection

from services.certification.domain.verdict import Finding
from services.certification.handlers import vc_api_issuing, vc_api_verifying
from services.certification.handlers.examination import Examiner
from services.certification.handlers.foreign import examiner
from services.certification.handlers.vc_api_requests import Document
from services.certification.handlers.vc_api_status import Statuses
from services.certification.handlers.vc_api_verifying import Verification
from services.certification.keys.vc_api import vc_api_key
from shared.messaging.unit_of_work import UnitOfWork
from shared.settings import Settings
from shared.web import Blueprint, Role, Schema, policy
from shared.web.runtime import runtime

FETCHER: Final = "certification.fetcher"
_MAX_BYTES: Final = 256 * 1024
_DATA_INTEGRITY: Final = "https://w3id.org/security#"
_STATUS_LIST: Final = "https://www.w3.org/ns/credentials/status-list#"
_DATA_MODEL: Final = "https://www.w3.org/TR/vc-data-model#"


class IssueSchema(Schema):
    credential = fields.Raw(allow_none=True, metadata={"description": "A credential without a proof by us"})
    options = fields.Raw(
        allow_none=True,
        metadata={
            "description": "created, proofId, proofPurpose, previousProof, domain, challenge, credentialId, "
            "credentialStatus (type BitstringStatusListEntry, statusPurpose; null for none)"
        },
    )


class StatusSchema(Schema):
    credential_id = fields.Raw(
        data_key="credentialId",
        allow_none=True,
        metadata={
            "description": "The credential's id, its credentialId when it was issued, or its entry's id"
        },
    )
    credential_status = fields.Raw(
        data_key="credentialStatus",
        allow_none=True,
        metadata={"description": "type, statusPurpose; more members of the entry where there are several"},
    )
    status = fields.Raw(allow_none=True, metadata={"description": "true sets it, false lifts it"})


class VerifyCredentialSchema(Schema):
    verifiable_credential = fields.Raw(
        data_key="verifiableCredential", attribute="verifiableCredential", allow_none=True
    )
    options = fields.Raw(
        allow_none=True, metadata={"description": "checks, expectedProofPurpose, domain, challenge"}
    )


class VerifyPresentationSchema(Schema):
    verifiable_presentation = fields.Raw(
        data_key="verifiablePresentation", attribute="verifiablePresentation", allow_none=True
    )
    presentation = fields.Raw(allow_none=True, metadata={"description": "One without proofs of its own"})
    options = fields.Raw(
        allow_none=True, metadata={"description": "checks, expectedProofPurpose, domain, challenge"}
    )


def vc_api_blueprint(settings: Settings) -> Blueprint:
    """The four routes; who may call them depends on the profile."""
    blueprint = Blueprint("vc_api", __name__, description="W3C VC-API, for conformance suites")
    open_to_all = settings.environment == "development"
    allowed = policy.public if open_to_all else policy(Role.ADMINISTRATOR)

    @blueprint.route("/credentials/issue", methods=["POST"])
    @allowed
    @blueprint.arguments(IssueSchema, max_bytes=_MAX_BYTES)
    @blueprint.query(media_types=("application/json",))
    def issue_credential(connection: Connection, body: dict[str, Any]) -> Response:
        """Sign a credential with this installation's did:key; it is no certificate of any awarding body."""
        web = runtime()
        key = vc_api_key(web.settings)
        statuses = Statuses(web.settings, key)

        def allot(purpose: str, identifier: str | None) -> Document:
            # A transaction of its own: nobody waits for it while a related resource is fetched.
            return web.transactions.run(lambda uow: statuses.allot(uow, purpose, identifier))

        issued = vc_api_issuing.issue(
            key, body, web.now(), _looking(connection), allot, any_issuer=open_to_all
        )
        return _json(issued, 201)

    @blueprint.route("/credentials/status", methods=["POST"])
    @allowed
    @blueprint.arguments(StatusSchema)
    @blueprint.command(StatusSchema)
    def update_status(uow: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
        """Set or lift the status of a credential that was issued here with one; a revocation is final."""
        settings = runtime().settings
        Statuses(settings, vc_api_key(settings)).update(
            uow, body.get("credential_id"), body.get("credential_status"), body.get("status")
        )
        return body

    @blueprint.route("/credentials/verify", methods=["POST"])
    @allowed
    @blueprint.arguments(VerifyCredentialSchema, max_bytes=_MAX_BYTES)
    @blueprint.query(media_types=("application/json",))
    def verify_credential(connection: Connection, body: dict[str, Any]) -> Response:
        """Verify a credential; 400 with `problemDetails` where something stands against it."""
        return _answer(vc_api_verifying.verify_credential(_looking(connection), body))

    @blueprint.route("/presentations/verify", methods=["POST"])
    @allowed
    @blueprint.arguments(VerifyPresentationSchema, max_bytes=_MAX_BYTES)
    @blueprint.query(media_types=("application/json",))
    def verify_presentation(connection: Connection, body: dict[str, Any]) -> Response:
        """Verify a presentation and every credential in it; 400 with `problemDetails` where something is wrong."""
        return _answer(vc_api_verifying.verify_presentation(_looking(connection), body))

    return blueprint


def _looking(connection: Connection) -> Examiner:
    web = runtime()
    return examiner(
        connection, web.settings, web.now(), current_app.extensions[FETCHER], inline_contexts=True
    )


def _answer(found: Verification) -> Response:
    document = {
        "verified": found.verified,
        "checks": [{"check": list(found.checks)}],
        "problemDetails": [_problem(finding) for finding in found.errors + found.warnings],
        "errors": [_problem(finding) for finding in found.errors],
        "warnings": [_problem(finding) for finding in found.warnings],
    }
    return _json(document, 200 if found.verified else 400)


def _problem(finding: Finding) -> dict[str, str]:
    status = finding.code.startswith("STATUS_")
    proof = finding.name == "proof"
    space = _STATUS_LIST if status else _DATA_INTEGRITY if proof else _DATA_MODEL
    return {"type": space + finding.code, "title": finding.name, "detail": finding.detail}


def _json(document: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status, content_type="application/json")
