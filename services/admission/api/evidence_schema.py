"""Evidence as it is presented and as it is read back."""

from marshmallow import fields, validate

from services.admission.api.criterion_schema import esco, isced_f, language, nace, skills
from services.admission.api.fields import (
    code,
    country,
    credit,
    distinct,
    identifier,
    nested,
    number,
    optional,
    words,
)
from services.admission.domain.criteria import CEFR_LEVELS
from shared.web import Schema

_MOST_BYTES = 10 * 1024 * 1024


class Facts(Schema):
    """What a proof states; which of it counts is up to the criteria that accept the proof."""

    language = language()
    cefr = code(*CEFR_LEVELS, required=False)
    skills = skills()
    score = credit(required=False)
    eqf = number(1, 8, required=False)
    isced_f = isced_f()
    esco = distinct(esco(), load_default=None, allow_none=True)
    ects = credit(required=False)
    months = number(0, 720, required=False)
    nace = nace()
    target_group = identifier(required=False)
    passed = fields.Boolean()
    country = country(required=False)
    issuer = words(required=False)


class DocumentReference(Schema):
    """A document that the applicant keeps ready; its digest proves later that it is the same."""

    digest = fields.String(required=True, validate=validate.Regexp(r"sha256:[0-9a-f]{64}\Z"))
    media_type = code("application/pdf", "image/png", "image/jpeg", "application/json", "application/ld+json")
    size = number(1, _MOST_BYTES)


class NewEvidence(Schema):
    """`credential` is an Open Badges 3.0 credential of the applicant; its signature is then verified (ADM-31)."""

    kind = identifier()
    criterion = optional(identifier())
    title = fields.String(load_default="", validate=validate.Length(max=200))
    facts = nested(Facts, required=False, load_default=dict)
    valid_until = fields.Date(load_default=None, allow_none=True)
    document = optional(nested(DocumentReference))
    credential = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class NewEvidenceList(Schema):
    evidence = fields.List(fields.Nested(NewEvidence), required=True, validate=validate.Length(min=1, max=30))


class Verification(Schema):
    """`facts`, where given, replace what the applicant stated: they are what the officer saw."""

    facts = optional(nested(Facts))
    criterion = optional(identifier())
    note = optional(fields.String(validate=validate.Length(max=2000)))


class Evidence(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    criterion = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    facts = fields.Dict(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    document = fields.Dict(required=True, allow_none=True)
    verification = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    verified_at = fields.DateTime(required=True, allow_none=True)
    created_at = fields.DateTime(required=True)
