"""Wrong members are named by JSON pointers (RFC 6901), as fragments, with what to do (U4)."""

from shared.web.problems import fragment
from shared.web.validation import errors_of


def test_messages_become_pointers_to_members():
    messages = {
        "json": {
            "title": ["Missing data for required field."],
            "components": {0: {"ects": ["Not a valid string."]}, 3: ["Invalid."]},
            "a/b~c": ["Unknown field."],
            "_schema": ["Nothing fits."],
        }
    }
    assert errors_of(messages) == [
        {"pointer": "#/title", "detail": "Required; add it."},
        {"pointer": "#/components/0/ects", "detail": "Has to be a text."},
        {"pointer": "#/components/3", "detail": "Invalid."},
        {"pointer": "#/a~1b~0c", "detail": "Unknown member; leave it out."},
        {"pointer": "#", "detail": "Nothing fits."},
    ]


def test_messages_about_the_address_name_the_parameter():
    assert errors_of({"query": {"limit": ["Not a valid integer."]}}) == [
        {"parameter": "limit", "detail": "Has to be a whole number."}
    ]


def test_an_unknown_parameter_is_not_called_a_member():
    assert errors_of({"query": {"x": ["Unknown field."]}}) == [
        {"parameter": "x", "detail": "Unknown parameter; leave it out."}
    ]


def test_a_moment_is_shown_as_it_is_written():
    """`deadline_before=tomorrow`: the refusal shows what to send instead."""
    found = errors_of({"query": {"deadline_before": ["Not a valid datetime."]}})
    assert "2026-03-04T09:30:00Z" in found[0]["detail"]


def test_a_pointer_is_short_and_safe_in_a_uri():
    assert fragment("/näme with space") == "#/n%C3%A4me%20with%20space"
    assert len(fragment("/" + "x" * 10_000)) <= 301
