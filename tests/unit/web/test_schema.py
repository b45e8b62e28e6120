"""Every schema at the edge has bounds, also where its author set none (API4, S3)."""

import datetime as dt

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from shared.web.schema import MAX_ITEMS, MAX_TEXT, Schema, relaxed


class Inner(Schema):
    count = fields.Integer()


class Sample(Schema):
    text = fields.String()
    slug = fields.String(validate=validate.Regexp(r"^[a-z-]{3,64}$"))
    short = fields.String(validate=validate.Length(max=3))
    choice = fields.String(validate=validate.OneOf(["a", "b"]))
    number = fields.Integer()
    positive = fields.Integer(validate=validate.Range(min=1))
    share = fields.Float()
    amount = fields.Decimal(as_string=True)
    ratio = fields.Decimal()
    flag = fields.Boolean()
    day = fields.Date()
    moment = fields.AwareDateTime()
    items = fields.List(fields.String())
    table = fields.Dict(keys=fields.String(), values=fields.Integer())
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))
    uuid = fields.UUID()
    maybe = fields.Integer(allow_none=True)


schema = Sample()

REFUSED = [
    {"unknown": 1},
    {"inner": {"unknown": 1}},
    {"text": "x" * (MAX_TEXT + 1)},
    {"text": 1},
    {"short": "xxxx"},
    {"slug": "AB"},
    {"slug": "with-a-line-break\n"},
    {"choice": "c"},
    {"number": "1"},
    {"number": 1.0},
    {"number": True},
    {"number": 2**63},
    {"number": -(2**63) - 1},
    {"positive": 0},
    {"positive": 2**63},
    {"share": "0.5"},
    {"share": True},
    {"amount": 10},
    {"amount": "NaN"},
    {"amount": "Infinity"},
    {"amount": "1e999999"},
    {"amount": "1" * 31},
    {"ratio": "1"},
    {"flag": 1},
    {"flag": "true"},
    {"day": "0000-01-01"},
    {"day": "0001-01-01"},
    {"day": "9999-12-31"},
    {"day": "2026-02-30"},
    {"moment": "0001-01-01T00:00:00+14:00"},
    {"moment": "9999-12-31T23:59:59-14:00"},
    {"moment": "2026-01-01T00:00:00"},
    {"items": ["x"] * (MAX_ITEMS + 1)},
    {"items": ["x" * (MAX_TEXT + 1)]},
    {"items": [1]},
    {"items": "x"},
    {"table": {"a": "1"}},
    {"table": {"a": 2**63}},
    {"inner": {"count": "1"}},
    {"many": [{"count": 2**63}]},
    {"uuid": "x"},
    {"number": None},
]

TAKEN = [
    {"text": "x" * MAX_TEXT},
    {"slug": "a-slug"},
    {"number": 2**63 - 1},
    {"share": 1},
    {"share": 0.5},
    {"amount": "10.5"},
    {"flag": False},
    {"day": "1900-01-01"},
    {"moment": "2999-12-31T00:00:00Z"},
    {"items": []},
    {"table": {"a": 1}},
    {"many": [{"count": 1}]},
    {"uuid": "0789d3bf-a00a-422d-acdc-670061750ad8"},
    {"maybe": None},
]


@pytest.mark.parametrize("data", REFUSED, ids=str)
def test_what_has_no_bounds_of_its_own_gets_some(data):
    with pytest.raises(ma.ValidationError):
        schema.load(data)


@pytest.mark.parametrize("data", TAKEN, ids=str)
def test_what_lies_inside_the_bounds_is_loaded(data):
    assert schema.load(data).keys() == data.keys()


def test_negative_control_a_plain_schema_takes_much_of_it():
    class Plain(ma.Schema):
        number = fields.Integer()
        flag = fields.Boolean()
        day = fields.Date()

    assert Plain().load({"number": "9" * 40, "flag": "yes", "day": "0001-01-01"}) == {
        "number": int("9" * 40),
        "flag": True,
        "day": dt.date(1, 1, 1),
    }


def test_parameters_of_a_url_are_text_and_still_bounded():
    class Parameters(Schema):
        limit = fields.Integer()
        ids = fields.List(fields.Integer())
        open = fields.Boolean()

    parameters = relaxed(Parameters())
    assert parameters.load({"limit": "5", "ids": ["1", "2"], "open": "true"}) == {
        "limit": 5,
        "ids": [1, 2],
        "open": True,
    }
    for wrong in ({"limit": str(2**63)}, {"limit": "1" * 5_000}, {"ids": [str(2**64)]}, {"open": "maybe"}):
        with pytest.raises(ma.ValidationError):
            parameters.load(wrong)


def test_the_bounds_of_one_instance_do_not_leak_into_another():
    class Once(Schema):
        number = fields.Integer()

    relaxed(Once())
    with pytest.raises(ma.ValidationError):
        Once().load({"number": "5"})
    first, second = Once(), Once()
    assert len(first.fields["number"].validators) == len(second.fields["number"].validators) == 1
