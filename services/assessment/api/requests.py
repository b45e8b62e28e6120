"""What comes in over REST: filters of lists and bodies of commands."""

from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from services.assessment.domain.machines import ATTEMPT, MARKING, NOT_REQUIRED, PLAN, VERIFICATION
from shared.web import Schema

_CODE: Final = validate.Regexp(r"^[A-Za-z0-9._-]{1,100}\Z")
_REASON: Final = validate.Length(min=3, max=2000)
_PLAN_STATES: Final = validate.OneOf(sorted(PLAN.states))
_ATTEMPT_STATES: Final = validate.OneOf(sorted(ATTEMPT.states))
_MARKING_STATES: Final = validate.OneOf(sorted(MARKING.states))
_VERIFICATION_STATES: Final = validate.OneOf(sorted(VERIFICATION.states | {NOT_REQUIRED}))
TASKS: Final = (
    "book",
    "submit",
    "verify_identity",
    "verify_identity_again",
    "mark",
    "agree_marks",
    "moderate",
    "release",
    "confirm",
    "answer_dispute",
)
EVIDENCE_KINDS: Final = ("document", "link", "participation", "attendance", "plagiarism_report", "other")
FEEDBACK_KINDS: Final = ("automated", "instructor", "peer")
_MAX_MARKS: Final = 100


class PlanFilterSchema(Schema):
    state = fields.String(validate=_PLAN_STATES)
    offering = fields.String(validate=_CODE)
    enrolment = fields.String(validate=_CODE)
    integrity_hold = fields.Boolean()
    suspended = fields.Boolean()
    deadline_before = fields.AwareDateTime(metadata={"description": "Plans that end before this moment"})


class AttemptFilterSchema(Schema):
    task = fields.String(
        validate=validate.OneOf(TASKS), metadata={"description": "The work list: what has to be done next"}
    )
    state = fields.String(validate=_ATTEMPT_STATES)
    marking = fields.String(validate=_MARKING_STATES)
    verification = fields.String(validate=_VERIFICATION_STATES)
    instrument = fields.String(validate=_CODE)
    plan = fields.String(validate=_CODE)
    offering = fields.String(validate=_CODE)
    deadline_before = fields.AwareDateTime(
        metadata={"description": "Attempts whose next step is due before this moment"}
    )


class NewAttemptSchema(Schema):
    plan_id = fields.String(required=True, validate=_CODE)
    instrument_id = fields.String(required=True, validate=_CODE)
    session_id = fields.String(allow_none=True, load_default=None, validate=_CODE)


class BookingSchema(Schema):
    """Either a session, or (by staff) the time and place of an appointment."""

    session_id = fields.String(validate=_CODE)
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    place = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=300))

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        appointed = [name for name in ("opens_at", "closes_at") if name in data]
        if ("session_id" in data) == bool(appointed) or len(appointed) == 1:
            raise ValidationError("Give session_id, or opens_at and closes_at of an appointment.")


class EvidenceSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(EVIDENCE_KINDS))
    reference = fields.String(
        required=True,
        validate=validate.Length(min=1, max=500),
        metadata={"description": "Where the work is kept: an address or a file number, no personal data"},
    )
    sha256 = fields.String(allow_none=True, load_default=None, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


class SubmissionSchema(Schema):
    evidence = fields.List(fields.Nested(EvidenceSchema), load_default=list, validate=validate.Length(max=20))


class CancellationSchema(Schema):
    reason = fields.String(allow_none=True, load_default=None, validate=_REASON)


class VerdictSchema(Schema):
    verification = fields.String(
        required=True, validate=validate.OneOf(("verified", "rejected", "second_review_required"))
    )
    reason = fields.String(allow_none=True, load_default=None, validate=_REASON)


class MarkSchema(Schema):
    outcome = fields.String(required=True, validate=_CODE)
    mark = fields.String(
        required=True,
        validate=validate.Length(min=1, max=10),
        metadata={"description": "'pass' or 'fail', or a decimal string such as '72.5', as the scale says"},
    )


class FeedbackSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(FEEDBACK_KINDS))
    text = fields.String(required=True, validate=validate.Length(min=1, max=10_000))


class MarksSchema(Schema):
    marks = fields.List(
        fields.Nested(MarkSchema), required=True, validate=validate.Length(min=1, max=_MAX_MARKS)
    )
    assessed_on = fields.Date(
        required=True, metadata={"description": "The day the work was judged; it delays nothing"}
    )
    feedback = fields.List(fields.Nested(FeedbackSchema), load_default=list, validate=validate.Length(max=20))

    @validates_schema
    def _one_mark_each(self, data: dict[str, Any], **_: Any) -> None:
        outcomes = [mark["outcome"] for mark in data.get("marks", ())]
        if len(outcomes) != len(set(outcomes)):
            raise ValidationError("An outcome gets one mark.", "marks")


class ReasonSchema(Schema):
    reason = fields.String(required=True, validate=_REASON)


class RecognitionSchema(Schema):
    outcome = fields.String(required=True, validate=_CODE)
    reason = fields.String(required=True, validate=_REASON)


class ExtensionSchema(Schema):
    until = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=_REASON)
