"""What comes in and goes out of the certification service over REST."""

from typing import Final

from marshmallow import ValidationError, fields, validate

from services.certification.domain.machines import ACCEPTANCE, CERTIFICATE
from shared.web import Schema

CODE: Final = validate.Regexp(r"^[A-Za-z0-9._-]{1,100}$")


class VersionSchema(Schema):
    id = fields.String()
    version = fields.Integer()


class MissingSchema(Schema):
    element = fields.Integer(
        allow_none=True, metadata={"description": "Its number in Annex I; null for other facts"}
    )
    name = fields.String()
    reason = fields.String()
    source = fields.String(data_key="from", metadata={"description": "From whom it comes"})


class NextSchema(Schema):
    what = fields.String()
    who = fields.String(
        metadata={
            "description": "`learner`, `institution`, `assessment`, `system`, or `sources` of what is missing"
        }
    )
    whom = fields.List(fields.String())


_STACK: Final = {
    "description": "Of what is made of other certificates: its stack, which is its enrolment_id too"
}


class CertificateSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    award_id = fields.String()
    enrolment_id = fields.String()
    stack_id = fields.String(allow_none=True, metadata=_STACK)
    learner_id = fields.String()
    offering = fields.Nested(VersionSchema)
    state = fields.String(validate=validate.OneOf(sorted(CERTIFICATE.states)))
    reason = fields.String(allow_none=True)
    reason_code = fields.String(allow_none=True, metadata={"description": "Why it does not stand; public"})
    document_type = fields.String(allow_none=True)
    acceptance = fields.String(validate=validate.OneOf(sorted(ACCEPTANCE.states)))
    missing = fields.List(fields.Nested(MissingSchema))
    next = fields.Nested(
        NextSchema, allow_none=True, metadata={"description": "Null where nothing is left to do"}
    )
    title = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    issuer = fields.String(allow_none=True)
    completion_number = fields.Integer()
    issued_at = fields.DateTime(allow_none=True)
    changed_at = fields.DateTime()
    supersedes = fields.String(allow_none=True)
    superseded_by = fields.String(allow_none=True)
    formats = fields.List(fields.String())
    verify_url = fields.String(allow_none=True)


class CertificateFilterSchema(Schema):
    state = fields.String(validate=validate.OneOf(sorted(CERTIFICATE.states)))
    offering = fields.String(validate=CODE)
    enrolment = fields.String(validate=CODE)


class StepSchema(Schema):
    trigger = fields.String()
    source = fields.String(data_key="from")
    target = fields.String(data_key="to")
    actor = fields.String()
    role = fields.String()
    institution = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    at = fields.DateTime()


class HistorySchema(Schema):
    items = fields.List(fields.Nested(StepSchema))


class CompletionSchema(Schema):
    number = fields.Integer()
    state = fields.String()
    at = fields.DateTime()


class AttendanceSchema(Schema):
    institution = fields.String()
    confirmed_on = fields.String()
    hours = fields.Integer(allow_none=True)


class KnownRegistrationSchema(Schema):
    id = fields.String()
    institution = fields.String()
    required_for = fields.String()
    state = fields.String()


class AwardedSchema(Schema):
    id = fields.String()
    state = fields.String()


class ReplacementSchema(Schema):
    certificate_id = fields.String()
    reason_code = fields.String()


class AwardSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    enrolment_id = fields.String()
    stack_id = fields.String(allow_none=True, metadata=_STACK)
    learner_id = fields.String()
    offering = fields.Nested(VersionSchema)
    track = fields.String(allow_none=True)
    enrolment_state = fields.String(allow_none=True)
    completion = fields.Nested(CompletionSchema, allow_none=True)
    attendance = fields.Nested(AttendanceSchema, allow_none=True)
    registrations = fields.List(fields.Nested(KnownRegistrationSchema))
    certificates = fields.List(fields.Nested(AwardedSchema))
    replacement = fields.Nested(
        ReplacementSchema,
        allow_none=True,
        metadata={
            "description": "Asked for, and open until what the certificate says differs from what is on record"
        },
    )


class AwardFilterSchema(Schema):
    offering = fields.String(validate=CODE)
    enrolment = fields.String(validate=CODE)


class PreviewElementSchema(Schema):
    element = fields.Integer()
    name = fields.String()
    filled = fields.Boolean()
    sources = fields.List(
        fields.String(), data_key="from", metadata={"description": "From whom the element comes"}
    )
    missing = fields.List(fields.Nested(MissingSchema))


class PreviewSchema(Schema):
    award_id = fields.String()
    document_type = fields.String()
    elements = fields.List(fields.Nested(PreviewElementSchema))
    missing = fields.List(
        fields.Nested(MissingSchema),
        metadata={"description": "Facts beside the elements that are still open"},
    )


def object_or_text(value: object) -> None:
    """Return when `value` is what a credential is presented as; else ValidationError."""
    if not isinstance(value, dict | str) or value == "":
        raise ValidationError("This is a JSON object, or a JWT as a string.")


class PresentedSchema(Schema):
    credential = fields.Raw(
        required=True,
        validate=object_or_text,
        metadata={
            "oneOf": [{"type": "object"}, {"type": "string", "minLength": 1}],
            "description": "A verifiable credential: an object with its proofs, a JWT (VC-JWT), or an SD-JWT VC with "
            "the disclosures and the key binding that its holder presents; or a PNG or SVG that carries one, as an "
            "address that begins with data:image/",
        },
    )
    nonce = fields.String(
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Of an SD-JWT VC: what you asked its holder to sign"},
    )
    audience = fields.String(
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Of an SD-JWT VC: under which name you asked"},
    )


class CheckSchema(Schema):
    name = fields.String()
    outcome = fields.String(validate=validate.OneOf(("passed", "remark", "failed", "unchecked")))
    detail = fields.String()


class ShownSchema(Schema):
    title = fields.String()
    issuer = fields.String()
    awarding_bodies = fields.List(fields.String())
    issued_on = fields.String()
    language = fields.String()
    document_type = fields.String()


class VerdictSchema(Schema):
    verdict = fields.String(
        validate=validate.OneOf(("valid", "valid_with_remark", "not_valid", "could_not_be_checked"))
    )
    checks = fields.List(fields.Nested(CheckSchema))
    checked_at = fields.DateTime()
    shown = fields.Nested(
        ShownSchema, allow_none=True, metadata={"description": "Null where the signature does not hold"}
    )
