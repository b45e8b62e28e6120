"""What comes in and goes out where a certificate comes before an institution."""

import re
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from services.certification.api.schemas import CODE, VersionSchema, object_or_text
from services.certification.domain.machines import RECOGNITION
from services.certification.domain.recognition import AGREEMENT, REQUEST
from services.certification.domain.recognition_rules import GROUNDS, OUTCOMES
from shared.web import Schema
from shared.web.callers import INSTITUTION

_ID: Final = validate.Regexp(r"^[A-Za-z0-9-]{1,36}$")
_CREDITS: Final = validate.Regexp(
    r"^\d{1,6}(\.\d{1,3})?$", error="A decimal number as a string, such as 7.5."
)
_UNPRINTABLE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_MOST: Final = 50


def _printable(text: str) -> None:
    if _UNPRINTABLE.search(text):
        raise ValidationError("A sign in it cannot be shown in a signed statement.")


def _said(most: int) -> list[Any]:
    return [validate.Length(min=1, max=most), _printable]


class NamedVersionSchema(Schema):
    id = fields.String(required=True, validate=CODE)
    version = fields.Integer(required=True, validate=validate.Range(1, 1_000_000))


class ExemptionSchema(Schema):
    offering = fields.Nested(NamedVersionSchema, required=True)
    outcomes = fields.List(
        fields.String(validate=CODE), required=True, validate=validate.Length(min=1, max=_MOST)
    )


class NewRecognitionSchema(Schema):
    institution = fields.String(required=True, validate=validate.Regexp(rf"\A{INSTITUTION.pattern}\Z"))
    programme = fields.String(
        required=True, validate=_said(300), metadata={"description": "What it is to count towards"}
    )
    certificate_id = fields.String(
        load_default=None, allow_none=True, validate=_ID, metadata={"description": "One of yours from here"}
    )
    credential = fields.Raw(
        load_default=None,
        allow_none=True,
        validate=object_or_text,
        metadata={
            "oneOf": [{"type": "object"}, {"type": "string", "minLength": 1}, {"type": "null"}],
            "description": "One from elsewhere, in place of `certificate_id`: Open Badges 3.0 with its proof or as a "
            "JWT, or a sealed European Digital Credential",
        },
    )
    agreement = fields.Nested(
        NamedVersionSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "Under which it is decided; by default that of the certificate or offering"},
    )
    exemption = fields.Nested(
        ExemptionSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "Outcomes of an offering that it is to take the place of"},
    )


class GroundSchema(Schema):
    code = fields.String(required=True, validate=validate.OneOf(list(GROUNDS)))
    explanation = fields.String(required=True, validate=_said(2_000))


class RulingSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    recognised_as = fields.String(load_default=None, allow_none=True, validate=_said(300))
    credits = fields.String(load_default=None, allow_none=True, validate=_CREDITS)
    outcomes = fields.List(
        fields.String(validate=CODE), load_default=list, validate=validate.Length(max=_MOST)
    )
    grounds = fields.List(
        fields.Nested(GroundSchema),
        load_default=list,
        validate=validate.Length(max=len(GROUNDS)),
        metadata={
            "description": "What is not recognised needs a substantial difference; they stand in the statement"
        },
    )
    note = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=1_000),
        metadata={"description": "For the history, which the learner sees too"},
    )


class UpholdingSchema(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=1_000))


class RecognitionFilterSchema(Schema):
    state = fields.String(validate=validate.OneOf(sorted(RECOGNITION.states)))
    origin = fields.String(validate=validate.OneOf((AGREEMENT, REQUEST)))
    overdue = fields.Boolean()
    certificate = fields.String(validate=CODE)


class ShownProgrammeSchema(Schema):
    title = fields.Dict(keys=fields.String(), values=fields.String())
    credits = fields.String(allow_none=True, metadata={"description": "ECTS, where agreed in advance"})
    outcomes = fields.List(fields.String())


class ShownRuleSchema(Schema):
    agreement = fields.Nested(VersionSchema)
    criteria_version = fields.String()
    criteria = fields.Dict(keys=fields.String(), values=fields.String())
    decide_within = fields.String()
    appeal = fields.Dict(keys=fields.String(), values=fields.String())


class BasisSchema(Schema):
    credential_id = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 over the credential as it is delivered here"})
    title = fields.Dict(keys=fields.String(), values=fields.String())
    issuer = fields.String()
    credits = fields.String(allow_none=True)
    eqf = fields.Integer(allow_none=True)
    certificate_id = fields.String(allow_none=True, metadata={"description": "Null for one from elsewhere"})


class ExaminationCheckSchema(Schema):
    name = fields.String()
    outcome = fields.String()
    detail = fields.String()


class ExaminationSchema(Schema):
    verdict = fields.String()
    checks = fields.List(fields.Nested(ExaminationCheckSchema))
    holder = fields.String(
        validate=validate.OneOf(("same", "different", "unknown")),
        metadata={"description": "Names and birth dates compared: a remark, which decides nothing"},
    )
    objections = fields.List(
        fields.String(), metadata={"description": "What the agreement's rule has against it"}
    )
    examined_at = fields.String()


class ShownGroundSchema(Schema):
    code = fields.String()
    says = fields.String()
    explanation = fields.String()


class ShownRulingSchema(Schema):
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    recognised_as = fields.String(allow_none=True)
    credits = fields.String(allow_none=True)
    outcomes = fields.List(fields.String())
    grounds = fields.List(fields.Nested(ShownGroundSchema))
    decided_at = fields.DateTime()
    decided_by = fields.String(allow_none=True, metadata={"description": "For the institution itself"})


class ShownStatementSchema(Schema):
    id = fields.String()
    number = fields.Integer(metadata={"description": "Of the decision that it states"})
    issued_at = fields.DateTime()
    verify_url = fields.String()


class RecognitionSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    origin = fields.String(validate=validate.OneOf((AGREEMENT, REQUEST)))
    institution = fields.String()
    learner_id = fields.String()
    state = fields.String(validate=validate.OneOf(sorted(RECOGNITION.states)))
    cause = fields.String(allow_none=True, metadata={"description": "Why paused, closed or under review"})
    programme = fields.Nested(ShownProgrammeSchema)
    rule = fields.Nested(ShownRuleSchema)
    certificate = fields.Nested(BasisSchema)
    exemption = fields.Nested(ExemptionSchema, allow_none=True)
    examination = fields.Nested(ExaminationSchema, allow_none=True)
    decide_by = fields.DateTime(allow_none=True)
    overdue = fields.Boolean()
    decision = fields.Nested(ShownRulingSchema, allow_none=True)
    statement = fields.Nested(ShownStatementSchema, allow_none=True)
    created_at = fields.DateTime()
    due_at = fields.DateTime(metadata={"description": "What the list is ordered by"})
