"""What comes in and goes out of the enrolment service over REST."""

from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from services.enrolment.domain.answers import WORDS
from services.enrolment.domain.machines import ENROLMENT, REGISTRATION
from shared.web import Schema

_CODE: Final = validate.Regexp(r"^[A-Za-z0-9._-]{1,100}$")
_VISIBLE: Final = r"^[\x21-\x7e]+( [\x21-\x7e]+)*$"
_ENROLMENT_STATES: Final = validate.OneOf(sorted(ENROLMENT.states))
_REGISTRATION_STATES: Final = validate.OneOf(sorted(REGISTRATION.states))
_TRACKS: Final = validate.OneOf(("assessed", "attendance", "exam_only"))

CANCELLATION_REASONS: Final = ("institution_decision", "offering_cancelled", "admitted_by_mistake")
END_REASONS: Final = ("no_show", "not_completed")


class EnrolmentFilterSchema(Schema):
    state = fields.String(validate=_ENROLMENT_STATES)
    offering = fields.String(validate=_CODE)
    track = fields.String(validate=_TRACKS)
    application = fields.String(validate=_CODE)


class RegistrationFilterSchema(Schema):
    state = fields.String(validate=_REGISTRATION_STATES)
    desired_state = fields.String(validate=validate.OneOf(("associated", "cancelled")))
    institution = fields.String(validate=_CODE)
    offering = fields.String(validate=_CODE)
    enrolment = fields.String(validate=_CODE)
    deadline_before = fields.AwareDateTime(
        metadata={"description": "Unanswered ones whose deadline is before this moment"}
    )
    overdue = fields.Boolean(metadata={"description": "Whether the institution missed its deadline"})
    to_cancel = fields.Boolean(metadata={"description": "Whether the institution still has to cancel"})


class AnswerSchema(Schema):
    """A merge patch; what is left out stays as it is."""

    remote_state = fields.String(validate=validate.OneOf(WORDS))
    local_student_number = fields.String(validate=[validate.Length(min=1, max=64), validate.Regexp(_VISIBLE)])
    esi = fields.String(
        validate=[validate.Length(min=1, max=200), validate.Regexp(_VISIBLE)],
        metadata={"description": "European Student Identifier, filled by the awarding institution"},
    )
    access_provisioned = fields.Boolean(
        validate=validate.Equal(True), metadata={"description": "The learner has access; said once (ENR-03)"}
    )
    entitlement_from = fields.Date()
    entitlement_until = fields.Date()

    @validates_schema
    def _says_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("The patch is empty; say at least remote_state.")


class CancellationSchema(Schema):
    reason_code = fields.String(required=True, validate=validate.OneOf(CANCELLATION_REASONS))


class EndSchema(Schema):
    reason_code = fields.String(required=True, validate=validate.OneOf(END_REASONS))


class AttendanceSchema(Schema):
    confirmed_on = fields.Date(metadata={"description": "Today by default; never a day to come"})
    hours = fields.Integer(validate=validate.Range(min=0, max=10_000))


class NewRegistrationSchema(Schema):
    institution = fields.String(required=True, validate=_CODE)


class SupportSchema(Schema):
    contact = fields.String(allow_none=True)
    hours = fields.String(allow_none=True)


class OoapiSchema(Schema):
    v5 = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    v6 = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


class RegistrationSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    enrolment_id = fields.String()
    enrolment_state = fields.String()
    application_id = fields.String()
    learner_id = fields.String()
    offering_id = fields.String()
    offering_version = fields.Integer()
    track = fields.String()
    institution = fields.String()
    number = fields.Integer()
    role = fields.String()
    required_for = fields.String()
    contract_type = fields.String()
    state = fields.String()
    state_at = fields.DateTime()
    remote_state = fields.String(allow_none=True)
    remote_at = fields.DateTime(allow_none=True)
    desired_state = fields.String()
    desired_at = fields.DateTime()
    requested_at = fields.DateTime()
    answer_by = fields.DateTime()
    overdue_at = fields.DateTime(allow_none=True)
    reminders = fields.Integer()
    data_requested = fields.List(fields.String())
    procedure = fields.Dict(keys=fields.String(), values=fields.String())
    request_digest = fields.String(
        metadata={"description": "sha256 over the RFC 8785 form of what was asked for; it never changes"}
    )
    entitlement_from = fields.Date(allow_none=True)
    entitlement_until = fields.Date(allow_none=True)
    access_provisioned_at = fields.DateTime(allow_none=True)
    local_student_number = fields.String(allow_none=True)
    esi = fields.String(allow_none=True)
    ooapi = fields.Nested(OoapiSchema)
    support = fields.Nested(SupportSchema, allow_none=True)


class NextSchema(Schema):
    what = fields.String()
    who = fields.String()
    institutions = fields.List(fields.String())
    until = fields.DateTime(allow_none=True)
    see = fields.String(allow_none=True, metadata={"description": "Where another service tells what is next"})


class MoneySchema(Schema):
    amount = fields.Integer(metadata={"description": "minor units"})
    currency = fields.String()


class RefundSchema(MoneySchema):
    reason_code = fields.String()


class ConfirmedAttendanceSchema(Schema):
    institution = fields.String()
    confirmed_on = fields.Date()
    hours = fields.Integer(allow_none=True)


class EnrolmentSchema(Schema):
    id = fields.String()
    version = fields.Integer()
    application_id = fields.String()
    round = fields.Integer(metadata={"description": "Counts the admissions of one application"})
    learner_id = fields.String()
    offering_id = fields.String()
    offering_version = fields.Integer()
    agreement_id = fields.String()
    agreement_version = fields.Integer()
    title = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    target_group = fields.String()
    contract_type = fields.String()
    track = fields.String()
    state = fields.String()
    state_at = fields.DateTime()
    reason_code = fields.String(allow_none=True)
    full_refund_until = fields.Date(
        metadata={"description": "A withdrawal up to this day is refunded in full"}
    )
    next = fields.Nested(NextSchema, allow_none=True)
    support = fields.Nested(SupportSchema, allow_none=True)
    fee = fields.Nested(MoneySchema, allow_none=True)
    refund = fields.Nested(RefundSchema, allow_none=True)
    attendance = fields.Nested(ConfirmedAttendanceSchema, allow_none=True)
    registrations = fields.List(fields.Nested(RegistrationSchema))


class StepSchema(Schema):
    at = fields.DateTime()
    subject_type = fields.String()
    subject = fields.String()
    trigger = fields.String()
    source = fields.String()
    target = fields.String()
    actor = fields.String()
    role = fields.String()
    institution = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    detail = fields.Dict()


class HistorySchema(Schema):
    items = fields.List(fields.Nested(StepSchema))
