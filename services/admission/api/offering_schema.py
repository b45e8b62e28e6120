"""The offering document (SHR-13; `requirements.md` section 2, offering record).

A draft may lack what the certificate's elements are made of; publication then refuses it by the element's name.
"""

from marshmallow import fields, validate

from services.admission.api.criterion_schema import Criterion, esco, isced_f, language
from services.admission.api.fields import (
    address,
    code,
    credit,
    day,
    distinct,
    duration,
    identifier,
    institution,
    listed,
    moment,
    nested,
    number,
    optional,
    slug,
    text,
    words,
)
from services.admission.api.plan_schema import Assessment
from services.admission.api.recognition_schema import Recognition
from services.admission.domain.learner import FIELDS_OF_ITEM
from shared.annex1.elements import MICRO_CREDENTIAL
from shared.annex1.vocabulary import LEARNING_MODES, QF_EHEA_CYCLES, QUALITY_ASSURANCE_TYPES
from shared.web import Schema

_MOST_CENTS: int = 100_000_000
_MOST_PEOPLE: int = 1_000_000


class AgreementReference(Schema):
    id = slug()
    version = number(1, 1_000_000)


class Timing(Schema):
    kind = code("own_pace", "fixed_dates", "fixed_window")
    start = optional(day(data_key="from", attribute="from"))
    until = optional(day())


class Workload(Schema):
    ects = optional(credit())
    hours = optional(number(1, 100_000))


class Level(Schema):
    eqf = optional(number(1, 8))
    qf_ehea_cycle = optional(code(*QF_EHEA_CYCLES))
    isced_2011 = optional(number(0, 8))
    isced_f = optional(isced_f())
    not_applicable_reason = optional(words())


class Component(Schema):
    id = identifier()
    title = text()
    ects = optional(credit())
    institution = institution()
    requires = distinct(identifier())


class Outcome(Schema):
    id = identifier()
    title = text()
    kind = optional(code("knowledge", "skill", "competence"))
    component = optional(identifier())
    esco = distinct(esco())


class QualityAssurance(Schema):
    type = code(*QUALITY_ASSURANCE_TYPES)
    process = code("internal", "external")
    timing = code("ex_ante", "ex_post")
    body = words()
    date = day()
    valid_until = optional(day())
    url = optional(address())


class RegistrationProfile(Schema):
    institution = institution()
    role = code("awarding", "teaching", "platform")
    required_for = code("start", "award", "none")
    data = distinct(code(*FIELDS_OF_ITEM), required=True)
    answer_within = duration(required=False, load_default="PT48H")
    procedure = text()
    entitlement = optional(duration())


class Fee(Schema):
    amount = number(0, _MOST_CENTS)
    currency = fields.String(
        required=True, validate=validate.Regexp(r"[A-Z]{3}\Z", error="An ISO 4217 code such as EUR.")
    )


class RegistrationChoice(fields.Field[object]):
    """`all`, or a list of institutions."""

    def _deserialize(self, value: object, *_: object, **__: object) -> object:
        if value == "all":
            return value
        return _INSTITUTIONS.deserialize(value)


_INSTITUTIONS = distinct(institution())


class TargetGroup(Schema):
    code = identifier()
    title = text()
    contract_type = optional(
        fields.String(
            validate=validate.OneOf(("credit_contract", "exam_contract", "short_course", "degree_student"))
        )
    )
    fee = optional(nested(Fee))
    funding = optional(identifier())
    registration_profile = RegistrationChoice(
        load_default=list,
        metadata={"oneOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}}]},
    )


class Participants(Schema):
    min = optional(number(0, _MOST_PEOPLE))
    max = optional(number(1, _MOST_PEOPLE))
    kinds = distinct(identifier())


class FundingSource(Schema):
    code = identifier()
    participants = optional(nested(Participants))


class Window(Schema):
    start = optional(moment(data_key="from", attribute="from"))
    until = optional(moment())


class Capacity(Schema):
    max = number(1, _MOST_PEOPLE)
    min = optional(number(1, _MOST_PEOPLE))
    ranking = code("first_come", "score", required=False, load_default="first_come")


class RuleSet(Schema):
    version = fields.String(required=True, validate=validate.Length(min=1, max=40))
    criteria = listed(nested(Criterion), most=50)


class Terms(Schema):
    version = fields.String(required=True, validate=validate.Length(min=1, max=40))
    text = text(required=True)


class Admission(Schema):
    open = fields.Boolean(load_default=False)
    review_mode = code("manual", "automatic", required=False, load_default="manual")
    mode = code("rolling", "rounds", required=False, load_default="rolling")
    window = nested(Window, required=False, load_default=lambda: Window().load({}))
    decide_within = duration(required=False, load_default="P14D")
    reply_within = duration(required=False, load_default="P7D")
    information_within = duration(required=False, load_default="P7D")
    draft_expires_after = duration(required=False, load_default="P90D")
    decline_by_default = fields.Boolean(load_default=False)
    capacity = optional(nested(Capacity))
    rule_set = nested(RuleSet)
    procedure = text()
    terms = nested(Terms)


class Support(Schema):
    contact = optional(words())
    hours = optional(words())


class OfferingDraft(Schema):
    id = slug()
    agreement = nested(AgreementReference)
    title = text()
    description = text()
    objectives = text()
    document_type = code(MICRO_CREDENTIAL, required=False, load_default=MICRO_CREDENTIAL)
    origin = code("stand_alone", "degree_module", required=False, load_default="stand_alone")
    lifespan = code("one_off", "long_lived", required=False, load_default="long_lived")
    languages = distinct(language(), required=True, least=1, most=20)
    mode = code("online", "blended", "on_site")
    duration = duration()
    timing = nested(Timing)
    workload = nested(Workload, required=False, load_default=lambda: Workload().load({}))
    level = nested(Level, required=False, load_default=lambda: Level().load({}))
    components = listed(nested(Component))
    outcomes = listed(nested(Outcome))
    participation = optional(code(*LEARNING_MODES))
    quality_assurance = optional(nested(QualityAssurance))
    awarding_bodies = distinct(institution())
    issuer = optional(institution())
    reviewing_institution = institution()
    coordinating_institution = institution()
    host_institution = optional(institution())
    tracks = distinct(code("assessed", "attendance"))
    registration_profiles = listed(nested(RegistrationProfile))
    target_groups = listed(nested(TargetGroup))
    funding_sources = listed(nested(FundingSource))
    admission = nested(Admission)
    assessment = optional(nested(Assessment))
    stackability = optional(code("stand_alone", "integrated"))
    recognition = listed(nested(Recognition))
    complementary = distinct(slug())
    credit_transfer_advice = text()
    support = nested(Support, required=False, load_default=lambda: Support().load({}))
    contact = optional(words())
    success_requirements = text()
    industry_relevance = text()
    resources = text()
    prerequisites = text()
    partners = distinct(institution())
    enrolment_procedure = text()


class Offering(OfferingDraft):
    """A published version."""

    version = fields.Integer(required=True)
    digest = fields.String(required=True)
