"""The agreement document (SHR-01 to SHR-07; `requirements.md` section 2, consortium agreement record)."""

from marshmallow import fields

from services.admission.api.fields import (
    address,
    code,
    country,
    day,
    distinct,
    duration,
    identifier,
    institution,
    listed,
    nested,
    optional,
    slug,
    text,
    time_zone,
    words,
)
from services.admission.api.recognition_schema import recognition_clause
from services.admission.api.stacking_schema import stacking
from shared.web import Schema


class Governance(Schema):
    lead_university = institution()
    coordinators = distinct(institution(), required=True)
    management_committee = distinct(institution())
    complaints_owner = institution()


class Partner(Schema):
    institution = institution()
    name = text(required=True)
    kind = code(
        "higher_education",
        "company",
        "ngo",
        "government",
        "vocational",
        "private_training",
        "alliance_entity",
    )
    country = country()
    region = optional(words())
    website = optional(address())
    may_award = fields.Boolean(required=True)
    ects_recognition = text()
    controller_role = code("joint", "independent", "processor", required=False, load_default="joint")
    time_zone = time_zone()


class ClauseCondition(Schema):
    kind = identifier()


class CertificateClause(Schema):
    formats = distinct(identifier(), required=True)
    issuer = institution()
    awarding_bodies = distinct(institution(), required=True)
    conditions = listed(nested(ClauseCondition))


class FinancialModel(Schema):
    fees = optional(identifier())
    split = optional(identifier())


class DataProtection(Schema):
    purposes = distinct(identifier())
    arrangement = optional(code("joint", "independent", "processor"))


class Term(Schema):
    start = day(data_key="from", attribute="from")
    until = optional(day())
    review = optional(day())
    teach_out = optional(duration())


class AssessmentBoard(Schema):
    sits = distinct(day())


class AgreementDraft(Schema):
    id = slug()
    title = text(required=True)
    kind = code("alliance", "association", "joint_programme", "other")
    governance = nested(Governance)
    partners = listed(nested(Partner), required=True, most=300)
    certificate_clause = nested(CertificateClause)
    description_annex = text()
    financial_model = nested(FinancialModel, required=False, load_default=lambda: FinancialModel().load({}))
    branding = text()
    intellectual_property = text()
    exclusivity = optional(text())
    data_protection = nested(DataProtection, required=False, load_default=lambda: DataProtection().load({}))
    addendum_allowed = fields.Boolean(required=True)
    term = nested(Term)
    applicable_law = optional(country())
    dispute_resolution = text()
    assessment_board = optional(nested(AssessmentBoard))
    recognition_clause = recognition_clause()
    stacking = stacking()


class Addendum(Schema):
    partner = nested(Partner)


class Agreement(AgreementDraft):
    """A published version."""

    version = fields.Integer(required=True)
    digest = fields.String(required=True)
