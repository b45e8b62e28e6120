"""What comes in and goes out where people decide about a signed certificate."""

from typing import Final

from marshmallow import fields, validate

from services.certification.domain.machines import PROPOSAL
from services.certification.domain.manual import REPLACEMENT_REASONS, REVOCATION_REASONS, SUSPENSION_REASONS
from services.certification.domain.proposal import REVOCATION
from shared.web import Schema

_TEXT: Final = validate.Length(min=1, max=1000)
_ID: Final = validate.Regexp(r"^[A-Za-z0-9-]{1,36}$")
_PUBLIC: Final = {"description": "Stands on the verification page"}
_INTERNAL: Final = {"description": "For the history, which only those see who see the certificate"}
_ASKED_FOR: Final = sorted(set(REPLACEMENT_REASONS) - {"new_results"})


class SuspensionSchema(Schema):
    reason_code = fields.String(
        required=True, validate=validate.OneOf(sorted(SUSPENSION_REASONS)), metadata=_PUBLIC
    )
    reason = fields.String(required=True, validate=_TEXT, metadata=_INTERNAL)


class ReinstatementSchema(Schema):
    reason = fields.String(required=True, validate=_TEXT, metadata=_INTERNAL)


class ReplacementRequestSchema(Schema):
    reason_code = fields.String(required=True, validate=validate.OneOf(_ASKED_FOR), metadata=_PUBLIC)
    reason = fields.String(required=True, validate=_TEXT, metadata=_INTERNAL)


class AnswerSchema(Schema):
    answer = fields.String(required=True, validate=validate.OneOf(("accept", "reject")))


class NewDecisionSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf((REVOCATION,)))
    certificate_id = fields.String(required=True, validate=_ID)
    reason_code = fields.String(
        required=True, validate=validate.OneOf(sorted(REVOCATION_REASONS)), metadata=_PUBLIC
    )
    reason = fields.String(required=True, validate=_TEXT, metadata=_INTERNAL)


class DecisionConfirmationSchema(Schema):
    agrees = fields.Boolean(
        required=True, metadata={"description": "True takes another person than the one who proposed it"}
    )


class DecisionFilterSchema(Schema):
    state = fields.String(validate=validate.OneOf(sorted(PROPOSAL.states)))


class DecisionSchema(Schema):
    id = fields.String()
    kind = fields.String()
    certificate_id = fields.String()
    state = fields.String(validate=validate.OneOf(sorted(PROPOSAL.states)))
    reason_code = fields.String()
    reason = fields.String()
    proposed_by = fields.String()
    confirmed_by = fields.String(allow_none=True)
    created_at = fields.DateTime()
    settled_at = fields.DateTime(allow_none=True)
