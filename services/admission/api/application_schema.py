"""Applications, their offers, evaluations, decisions and lists, as they come in and go out."""

from marshmallow import fields, validate

from services.admission.api.evidence_schema import Evidence, NewEvidence
from services.admission.api.fields import code, credit, identifier, nested, number, optional, slug
from services.admission.domain.decision import DECISION_KINDS
from services.admission.domain.machine import APPLICATION
from shared.web import Schema

_REASON = validate.Length(min=1, max=2000)


class NewApplication(Schema):
    offering_id = slug()
    offering_version = number(1, 1_000_000, required=False)
    target_group = identifier()
    track = code("assessed", "attendance", required=False, load_default="assessed")
    evidence = fields.List(fields.Nested(NewEvidence), load_default=list, validate=validate.Length(max=30))


class Submission(Schema):
    terms_version = fields.String(required=True, validate=validate.Length(min=1, max=40))


class Reason(Schema):
    reason = fields.String(required=True, validate=_REASON)


class OptionalReason(Schema):
    reason = optional(fields.String(validate=_REASON))


class InformationRequest(Schema):
    request = fields.String(required=True, validate=_REASON)


class Information(Schema):
    answer = fields.String(required=True, validate=_REASON)
    evidence = fields.List(fields.Nested(NewEvidence), load_default=list, validate=validate.Length(max=30))


class NewCondition(Schema):
    text = fields.String(required=True, validate=_REASON)
    criterion = optional(identifier())
    due_by = fields.AwareDateTime(load_default=None, allow_none=True)


class NewOffer(Schema):
    """`score` ranks the application should no seat be free, where the offering ranks by score."""

    conditions = fields.List(fields.Nested(NewCondition), load_default=list, validate=validate.Length(max=30))
    reply_by = fields.AwareDateTime(load_default=None, allow_none=True)
    score = optional(credit())


class NewPlace(Schema):
    conditions = fields.List(fields.Nested(NewCondition), load_default=list, validate=validate.Length(max=30))
    score = optional(credit())


class OfferResponse(Schema):
    response = code("accept", "decline")


class ConditionDecision(Schema):
    """A condition is met. That it is not met, or waived, two people decide: POST /decisions."""

    condition_id = identifier()
    note = optional(fields.String(validate=_REASON))


class DuplicateResolution(Schema):
    resolution = code("different_people", "same_person")


class NextStep(Schema):
    what = fields.String(required=True)
    who = fields.String(required=True)
    institution = fields.String(required=True, allow_none=True)
    until = fields.DateTime(required=True, allow_none=True)
    complaints_to = fields.String(required=True)
    see = fields.String(
        required=True, allow_none=True, metadata={"description": "Where another service tells what is next"}
    )


class Condition(Schema):
    id = fields.String(required=True)
    text = fields.String(required=True)
    criterion = fields.String(required=True, allow_none=True)
    due_by = fields.DateTime(required=True, allow_none=True)
    state = fields.String(required=True)


class Offer(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    reply_by = fields.DateTime(required=True, allow_none=True)
    rule_set = fields.String(required=True)
    automatic = fields.Boolean(required=True)
    made_for = fields.String(required=True)
    conditions = fields.List(fields.Nested(Condition), required=True)


class CriterionResult(Schema):
    criterion = fields.String(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    alternative = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.String(), required=True)
    verified = fields.Boolean(required=True)
    conditional = fields.Boolean(required=True)


class Eligibility(Schema):
    rule_set = fields.String(required=True)
    overall = fields.String(required=True)
    automatic = fields.Boolean(required=True)
    results = fields.List(fields.Nested(CriterionResult), required=True)
    evaluated_at = fields.DateTime(required=True)


class Enrolment(Schema):
    id = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)


class ApplicationSummary(Schema):
    """`association_state` is what OOAPI clients see; `next` says what happens next, by whom and until when."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    learner_id = fields.String(required=True)
    offering_id = fields.String(required=True)
    offering_version = fields.Integer(required=True)
    agreement_id = fields.String(required=True)
    agreement_version = fields.Integer(required=True)
    reviewing_institution = fields.String(required=True)
    target_group = fields.String(required=True)
    contract_type = fields.String(required=True)
    track = fields.String(required=True)
    home_institution = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    association_state = fields.String(required=True, allow_none=True)
    live = fields.Boolean(required=True)
    duplicate_hold = fields.Boolean(required=True)
    information_overdue = fields.Boolean(required=True)
    submitted_at = fields.DateTime(required=True, allow_none=True)
    deadline_at = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    enrolment = fields.Nested(Enrolment, required=True, allow_none=True)
    next = nested(NextStep)


class Application(ApplicationSummary):
    information_request = fields.String(required=True, allow_none=True)
    terms_version = fields.String(required=True, allow_none=True)
    terms_accepted_at = fields.DateTime(required=True, allow_none=True)
    decide_by = fields.DateTime(required=True, allow_none=True)
    waitlisted_at = fields.DateTime(required=True, allow_none=True)
    offer = fields.Nested(Offer, required=True, allow_none=True)
    eligibility = fields.Nested(Eligibility, required=True, allow_none=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)


class ApplicationFilters(Schema):
    state = code(*sorted(APPLICATION.states), required=False)
    offering = slug(required=False)
    learner = identifier(required=False)
    track = code("assessed", "attendance", required=False)
    target_group = identifier(required=False)
    duplicate_hold = fields.Boolean()
    information_overdue = fields.Boolean()
    deadline_before = fields.AwareDateTime()


class Step(Schema):
    """One step of the history of a case."""

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
    detail = fields.Dict(required=True)
    at = fields.DateTime(required=True)


class History(Schema):
    steps = fields.List(fields.Nested(Step), required=True)


class WaitingPlace(Schema):
    place = fields.Integer(required=True)
    application_id = fields.String(required=True)
    rank = fields.Integer(required=True)
    waitlisted_at = fields.DateTime(required=True)


class WaitingList(Schema):
    offering_id = fields.String(required=True)
    places = fields.List(fields.Nested(WaitingPlace), required=True)


class NewDecision(Schema):
    application_id = identifier()
    kind = code(*sorted(DECISION_KINDS))
    reason = fields.String(required=True, validate=_REASON)
    about = optional(identifier())


class DecisionConfirmation(Schema):
    """`agrees: false` drops the proposal."""

    agrees = fields.Boolean(load_default=True)


class Decision(Schema):
    id = fields.String(required=True)
    application_id = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    about = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    proposed_by = fields.String(required=True)
    confirmed_by = fields.String(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    settled_at = fields.DateTime(required=True, allow_none=True)


class DecisionFilters(Schema):
    state = code("proposed", "confirmed", "refused", required=False)
    kind = code(*sorted(DECISION_KINDS), required=False)
    application_id = identifier(required=False)
