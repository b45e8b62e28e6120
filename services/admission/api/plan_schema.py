"""The assessment plan inside an offering document: groups, instruments, sessions, confirmation (C2)."""

from marshmallow import fields

from services.admission.api.fields import (
    code,
    credit,
    distinct,
    duration,
    identifier,
    institution,
    listed,
    moment,
    nested,
    number,
    optional,
    text,
    words,
)
from shared.annex1.vocabulary import ASSESSMENT_TYPES, SUPERVISION_LEVELS
from shared.web import Schema

_MOST: int = 1_000


class Group(Schema):
    id = identifier()
    title = text()
    outcomes = distinct(identifier(), required=True)
    requires = distinct(identifier())


class MarkerAgreement(Schema):
    policy = code("average_within_tolerance", "third_marker", "discussion")
    tolerance = optional(credit())


class Scale(Schema):
    type = code("pass_or_fail", "grade_0_100", "grade_0_10")
    pass_mark = optional(credit(data_key="pass", attribute="pass"))


class Session(Schema):
    id = identifier()
    opens_at = moment()
    closes_at = moment()
    place = optional(words())
    capacity = optional(number(1, 100_000))


class Instrument(Schema):
    id = identifier()
    title = text()
    purpose = code("summative", "formative")
    type = code(*sorted(ASSESSMENT_TYPES))
    mode = code("online", "on_site")
    outcomes = distinct(identifier(), required=True, least=1, most=100)
    max_attempts = optional(number(1, _MOST))
    min_interval = duration(required=False, load_default="P0D")
    duration = optional(duration())
    markers = number(1, 9, required=False, load_default=1)
    agreement = optional(nested(MarkerAgreement))
    scale = nested(Scale)
    supervision = code(*SUPERVISION_LEVELS)
    identity_verification = fields.Boolean(required=True)
    booking_required = fields.Boolean(load_default=False)
    sessions = listed(nested(Session))


class Confirmation(Schema):
    quorum = number(1, 9, required=False, load_default=1)
    institutions = distinct(institution(), required=True)
    dispute_window = duration(required=False, load_default="P0D")


class Assessment(Schema):
    timing = code("learner_led", "scheduled", required=False, load_default="learner_led")
    online = fields.Boolean(required=True)
    expected_end = duration(required=False, load_default="P1Y")
    rules = text(required=True)
    sample = text(required=True)
    instructions = text(required=True)
    groups = listed(nested(Group), required=True)
    instruments = listed(nested(Instrument), required=True)
    confirmation = nested(Confirmation)
