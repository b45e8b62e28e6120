"""What goes out over REST; `views` says who gets which member."""

from typing import Final

from marshmallow import fields

from services.assessment.api.requests import EvidenceSchema, FeedbackSchema
from shared.web import Schema

Text: Final = fields.Dict(keys=fields.String(), values=fields.String())


class StepSchema(Schema):
    what = fields.String(required=True)
    who = fields.String(required=True)
    until = fields.AwareDateTime(allow_none=True)
    after = fields.AwareDateTime(allow_none=True)
    instrument = fields.String(allow_none=True)
    attempt = fields.String(allow_none=True)


class ShownMarkSchema(Schema):
    outcome = fields.String(required=True)
    mark = fields.String(required=True)
    passed = fields.Boolean()


class SheetSchema(Schema):
    round = fields.Integer(required=True)
    kind = fields.String(required=True)
    marker = fields.String(required=True)
    marks = fields.List(fields.Nested(ShownMarkSchema), required=True)
    assessed_on = fields.Date(required=True)
    feedback = fields.List(fields.Nested(FeedbackSchema), required=True)
    given_at = fields.AwareDateTime(required=True)


class VoteSchema(Schema):
    confirmer = fields.String(required=True)
    institution = fields.String(allow_none=True)
    given_at = fields.AwareDateTime(required=True)


class DisputeSchema(Schema):
    reason = fields.String(required=True)
    raised_at = fields.AwareDateTime(required=True)
    answer = fields.String(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)


class OverturnSchema(Schema):
    reason = fields.String(required=True)
    proposed_by = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)


class AttemptSchema(Schema):
    """An attempt and its result, which has the same id; what the caller may not see is left out."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    plan_id = fields.String(required=True)
    plan_state = fields.String(required=True)
    result_id = fields.String(required=True)
    learner_id = fields.String()
    instrument_id = fields.String(required=True)
    state = fields.String(required=True)
    marking = fields.String(required=True)
    verification = fields.String(required=True)
    session_id = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    opens_at = fields.AwareDateTime(required=True, allow_none=True)
    closes_at = fields.AwareDateTime(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    timed_out = fields.Boolean(required=True)
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    released_at = fields.AwareDateTime(required=True, allow_none=True)
    disputable_until = fields.AwareDateTime(required=True, allow_none=True)
    final_at = fields.AwareDateTime(required=True, allow_none=True)
    marks = fields.List(fields.Nested(ShownMarkSchema), allow_none=True)
    assessed_on = fields.Date(allow_none=True)
    feedback = fields.List(fields.Nested(FeedbackSchema))
    markers = fields.List(fields.String())
    sheets = fields.List(fields.Nested(SheetSchema))
    confirmations = fields.List(fields.Nested(VoteSchema))
    quorum = fields.Integer()
    dispute = fields.Nested(DisputeSchema, allow_none=True)
    overturn = fields.Nested(OverturnSchema, allow_none=True)
    next = fields.Nested(StepSchema, allow_none=True)


class ListedAttemptSchema(Schema):
    """A line of a work list."""

    id = fields.String(required=True)
    plan_id = fields.String(required=True)
    enrolment_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    instrument_id = fields.String(required=True)
    state = fields.String(required=True)
    marking = fields.String(required=True)
    verification = fields.String(required=True)
    session_id = fields.String(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    task = fields.String(required=True, allow_none=True)
    task_until = fields.AwareDateTime(required=True)
    task_after = fields.AwareDateTime(required=True, allow_none=True)


class OutcomeSchema(Schema):
    id = fields.String(required=True)
    title = Text
    state = fields.String(required=True)
    final = fields.Boolean(required=True)


class ResultSchema(Schema):
    """What counted for an outcome: a final result of an instrument, or a recognition."""

    outcome = fields.String(required=True)
    state = fields.String(required=True)
    instrument = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)
    mode = fields.String(required=True, allow_none=True)
    supervision = fields.String(required=True, allow_none=True)
    identity_verified = fields.Boolean(required=True)
    mark = fields.String(required=True, allow_none=True)
    scale = fields.String(required=True, allow_none=True)
    assessed_on = fields.Date(required=True, allow_none=True)
    final_at = fields.AwareDateTime(required=True, allow_none=True)


class SupervisionSchema(Schema):
    supervision = fields.String(required=True)
    identity_verified = fields.Boolean(required=True)


class ProgressSchema(Schema):
    outcomes = fields.Integer(required=True)
    shown = fields.Integer(required=True)
    final = fields.Integer(required=True)


class GroupSchema(Schema):
    id = fields.String(required=True)
    title = Text
    outcomes = fields.List(fields.String(), required=True)
    requires = fields.List(fields.String(), required=True)
    shown = fields.Boolean(required=True)


class SessionSchema(Schema):
    id = fields.String(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    place = fields.String(allow_none=True)
    capacity = fields.Integer(allow_none=True)


class InstrumentSchema(Schema):
    id = fields.String(required=True)
    title = Text
    purpose = fields.String(required=True)
    type = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    outcomes = fields.List(fields.String(), required=True)
    duration = fields.String(allow_none=True)
    scale = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
    supervision = fields.String(required=True)
    identity_verification = fields.Boolean(required=True)
    booking_required = fields.Boolean(required=True)
    sessions = fields.List(fields.Nested(SessionSchema), required=True)
    availability = fields.String(required=True)
    attempts_left = fields.Integer(required=True, allow_none=True)


class HeldBackSchema(Schema):
    reason = fields.String(required=True)
    placed_by = fields.String(required=True)
    placed_at = fields.AwareDateTime(required=True)


class ShownRecognitionSchema(Schema):
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    recognised_by = fields.String(required=True)
    institution = fields.String(allow_none=True)
    recognised_at = fields.AwareDateTime(required=True)


class PlanSchema(Schema):
    """A learner's plan; what the caller may not see is left out."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    enrolment_id = fields.String(required=True)
    learner_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    title = Text
    track = fields.String(required=True)
    state = fields.String(required=True)
    timing = fields.String()
    participation = fields.String(required=True, allow_none=True)
    completion_number = fields.Integer(required=True)
    results_digest = fields.String(required=True, allow_none=True)
    assigned_at = fields.AwareDateTime()
    briefed_at = fields.AwareDateTime(allow_none=True)
    expected_end = fields.AwareDateTime()
    suspended = fields.Boolean()
    supervision = fields.Nested(SupervisionSchema, required=True, allow_none=True)
    outcomes = fields.List(fields.Nested(OutcomeSchema), required=True)
    results = fields.List(fields.Nested(ResultSchema), required=True)
    progress = fields.Nested(ProgressSchema)
    groups = fields.List(fields.Nested(GroupSchema))
    instruments = fields.List(fields.Nested(InstrumentSchema))
    attempts = fields.List(fields.Nested(AttemptSchema))
    recognitions = fields.List(fields.Nested(ShownRecognitionSchema))
    integrity_hold = fields.Nested(HeldBackSchema, allow_none=True)
    next = fields.Nested(StepSchema, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema))


class ListedPlanSchema(Schema):
    """A line of a list of plans."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    enrolment_id = fields.String(required=True)
    learner_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    track = fields.String(required=True)
    state = fields.String(required=True)
    expected_end = fields.AwareDateTime(required=True)
    briefed_at = fields.AwareDateTime(required=True, allow_none=True)
    suspended = fields.Boolean(required=True)
    completion_number = fields.Integer(required=True)
    next = fields.Nested(StepSchema, allow_none=True)


class BriefingSchema(Schema):
    version = fields.Integer(required=True)
    rules = Text
    sample = Text
    instructions = Text
    briefed_at = fields.AwareDateTime(required=True, allow_none=True)


class ChangeSchema(Schema):
    """One step of a case."""

    at = fields.AwareDateTime(required=True)
    subject_type = fields.String(required=True)
    subject = fields.String(required=True)
    trigger = fields.String(required=True)
    source = fields.String(required=True)
    target = fields.String(required=True)
    actor = fields.String(required=True)
    role = fields.String(required=True)
    institution = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    rule_set = fields.String(required=True, allow_none=True)


class HistorySchema(Schema):
    items = fields.List(fields.Nested(ChangeSchema), required=True)
