"""What comes in and goes out where certificates stack towards a larger award."""

from typing import Final

from marshmallow import fields, validate

from services.certification.api.schemas import StepSchema, VersionSchema
from services.certification.domain.stack import STACK, STANDINGS
from shared.web import Schema

_TEXT: Final = validate.Length(min=1, max=1000)
_TO_THE_LEARNER: Final = {"description": "The learner reads it"}
_STATES: Final = sorted(STACK.states - {STACK.initial})


def _texts() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.String())


class CriteriaSchema(Schema):
    version = fields.String()
    text = _texts()


class RuleSchema(Schema):
    """The rule in short; `link` leads to all of it."""

    id = fields.String()
    version = fields.Integer()
    kind = fields.String(metadata={"description": "Of the larger award: credits count once within it"})
    title = _texts()
    deciding_body = fields.String()
    criteria = fields.Nested(CriteriaSchema)
    entails = _texts()
    link = fields.String()


class StackPartSchema(Schema):
    certificate_id = fields.String()
    offering = fields.Nested(VersionSchema)
    title = _texts()
    issuer = fields.String()
    ects = fields.String(allow_none=True)
    eqf = fields.Integer(allow_none=True)
    outcomes = fields.List(_texts())
    digest = fields.String(metadata={"description": "SHA-256 of the signed Open Badges credential"})
    verify_url = fields.String()
    standing = fields.String(validate=validate.OneOf(sorted(STANDINGS)))


class StackSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    learner_id = fields.String()
    agreement = fields.Nested(VersionSchema)
    rule = fields.Nested(RuleSchema)
    state = fields.String(validate=validate.OneOf(_STATES))
    reason = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    changed_at = fields.DateTime()
    parts = fields.List(fields.Nested(StackPartSchema))
    ects = fields.String(
        allow_none=True, metadata={"description": "The exact sum, where every part states it"}
    )
    award_id = fields.String(
        allow_none=True, metadata={"description": "The larger award, once it is granted"}
    )
    certificate_id = fields.String(allow_none=True, metadata={"description": "The larger certificate"})
    automatic_entitlement = fields.Boolean()
    statement = fields.String()
    allowed = fields.List(fields.String(), metadata={"description": "What the deciding body may decide now"})


class StackFilterSchema(Schema):
    state = fields.String(validate=validate.OneOf(_STATES))


class StackDecisionSchema(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(("grant", "refuse")))
    reason = fields.String(required=True, validate=_TEXT, metadata=_TO_THE_LEARNER)


class ReviewDecisionSchema(Schema):
    decision = fields.String(
        required=True,
        validate=validate.OneOf(("keep", "suspend", "revoke")),
        metadata={"description": "To revoke is a proposal, which a second person confirms under /decisions"},
    )
    reason = fields.String(required=True, validate=_TEXT, metadata=_TO_THE_LEARNER)


class ReviewedSchema(StackSchema):
    decision_id = fields.String(
        allow_none=True, metadata={"description": "The proposed revocation, where a second person confirms"}
    )


class LackSchema(Schema):
    what = fields.String()
    offerings = fields.List(fields.String())


class CountingSchema(Schema):
    certificate_id = fields.String()
    offering_id = fields.String()


class StackedSchema(Schema):
    id = fields.String()
    state = fields.String(validate=validate.OneOf(_STATES))
    link = fields.String()


class PathSchema(Schema):
    """A rule towards which certificates of the caller count, or have counted."""

    agreement = fields.Nested(VersionSchema)
    rule = fields.Nested(RuleSchema)
    counting = fields.List(fields.Nested(CountingSchema))
    satisfied = fields.Boolean()
    missing = fields.List(fields.Nested(LackSchema))
    stacks = fields.List(fields.Nested(StackedSchema))
    automatic_entitlement = fields.Boolean()
    statement = fields.String()


class PathsSchema(Schema):
    items = fields.List(fields.Nested(PathSchema))


class StackHistorySchema(Schema):
    items = fields.List(fields.Nested(StepSchema))
