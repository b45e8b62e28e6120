"""A learner's record as it comes in, and the views of it: whole, or what a registration profile covers."""

from marshmallow import ValidationError, fields, validate

from services.admission.api.fields import country, institution, optional, slug, string, words
from shared.web import Schema

_NAME = validate.Length(min=1, max=200)


class _Visible(validate.Validator):
    """The text shows something and hides no control character."""

    def __call__(self, value: str) -> str:
        if not value.strip() or not value.isprintable():
            raise ValidationError("Write it with visible characters only.")
        return value


def name(**kwargs: object) -> fields.String:
    return string(_NAME, _Visible(), **kwargs)


def mail(**kwargs: object) -> fields.String:
    return string(validate.Length(max=254), validate.Email(), **kwargs)


class LearnerPatch(Schema):
    given_name = name()
    family_name = name()
    latin_given_name = name(allow_none=True)
    latin_family_name = name(allow_none=True)
    date_of_birth = fields.Date(allow_none=True)
    email = mail()
    phone = string(validate.Regexp(r"\+?[0-9 ()-]{4,40}\Z"), allow_none=True)
    address = words(required=False, allow_none=True)
    nationality = country(required=False, allow_none=True)
    country_of_residence = country(required=False, allow_none=True)
    home_institution = institution(required=False, allow_none=True)
    esi = string(validate.Regexp(r"urn:schac:personalUniqueCode:\S{1,150}\Z"), allow_none=True)
    preferred_language = string(validate.Regexp(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z"))


class NewLearner(LearnerPatch):
    given_name = name(required=True)
    family_name = name(required=True)
    latin_given_name = optional(name())
    latin_family_name = optional(name())
    date_of_birth = fields.Date(load_default=None, allow_none=True)
    email = mail(required=True)
    phone = optional(string(validate.Regexp(r"\+?[0-9 ()-]{4,40}\Z")))
    address = optional(words())
    nationality = optional(country())
    country_of_residence = optional(country())
    home_institution = optional(institution())
    esi = optional(string(validate.Regexp(r"urn:schac:personalUniqueCode:\S{1,150}\Z")))
    preferred_language = string(
        validate.Regexp(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z"), load_default="en"
    )


class Learner(Schema):
    """Members that the reader's registration profile does not cover are left out."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    given_name = fields.String()
    family_name = fields.String()
    latin_given_name = fields.String(allow_none=True)
    latin_family_name = fields.String(allow_none=True)
    date_of_birth = fields.Date(allow_none=True)
    email = fields.String()
    phone = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    nationality = fields.String(allow_none=True)
    country_of_residence = fields.String(allow_none=True)
    home_institution = fields.String(allow_none=True)
    esi = fields.String(allow_none=True)
    preferred_language = fields.String()
    identity_verification = fields.String()
    identity_verified_by = fields.String(allow_none=True)
    identity_verified_at = fields.DateTime(allow_none=True)


class LearnerSearch(Schema):
    """At least one of name, date of birth and e-mail; `after` is the last id of the page before."""

    name = name()
    date_of_birth = fields.Date()
    email = mail()
    offering = slug(required=False)
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=100))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class FoundApplication(Schema):
    id = fields.String(required=True)
    offering_id = fields.String(required=True)
    state = fields.String(required=True)


class FoundLearner(Schema):
    id = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    date_of_birth = fields.Date(required=True, allow_none=True)
    email = fields.String(required=True)
    applications = fields.List(fields.Nested(FoundApplication), required=True)


class FoundLearners(Schema):
    items = fields.List(fields.Nested(FoundLearner), required=True)
    next = fields.String(required=True, allow_none=True)
