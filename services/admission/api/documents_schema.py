"""How agreements and offerings are administered: the state of each beside its published versions."""

from marshmallow import fields

from shared.web import Schema


class Administered(Schema):
    """`version` counts changes of the draft and publications (the ETag); `published_version` numbers documents."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    owner = fields.String(required=True)
    state = fields.String(required=True)
    published_version = fields.Integer(required=True, allow_none=True)


class Version(Schema):
    version = fields.Integer(required=True)
    digest = fields.String(required=True)
    published_at = fields.DateTime(required=True)


class Versions(Schema):
    id = fields.String(required=True)
    versions = fields.List(fields.Nested(Version), required=True)


class Seats(Schema):
    """`capacity` and `free` are null where the offering has no limit."""

    capacity = fields.Integer(required=True, allow_none=True)
    free = fields.Integer(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
