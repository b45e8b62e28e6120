"""Texts that stay texts in published documents are spelled in the one way that every reader of them knows."""

from typing import Any

import pytest
from marshmallow import ValidationError

from services.admission.api import criterion_schema, fields
from shared.web import Schema


class Document(Schema):
    """One member of each kind."""

    day = fields.day(required=False)
    credit = fields.credit(required=False)
    duration = fields.duration(required=False)
    isced_f = criterion_schema.isced_f()


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ("day", "2026-01-31"),
        ("credit", "7.5"),
        ("duration", "P1Y2M3DT4H5M6.5S"),
        ("isced_f", "0521"),
    ],
)
def test_the_usual_spelling_is_kept_as_it_is(member: str, text: str) -> None:
    loaded: dict[str, Any] = Document().load({member: text})
    assert loaded == {member: text}


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ("day", "2026-W05-6"),
        ("day", "2026-02-30"),
        ("day", "20260131"),
        ("day", "\u0662\u0660\u0662\u0666-01-31"),
        ("credit", "\u0667"),
        ("credit", "7."),
        ("credit", "1e3"),
        ("duration", "P\u0661D"),
        ("duration", "P"),
        ("isced_f", "\u0660\u0665\u0662\u0661"),
    ],
)
def test_another_spelling_of_the_same_is_refused(member: str, text: str) -> None:
    """ISO 8601 knows weeks, and Python digits of many scripts; days compare as texts, and certificates show them."""
    with pytest.raises(ValidationError) as refused:
        Document().load({member: text})
    assert set(refused.value.normalized_messages()) == {member}
