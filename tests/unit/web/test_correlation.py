"""One request's trace: taken over where well formed, made new otherwise (W3C Trace Context)."""

import pytest
from flask import Flask

from shared.web.correlation import continued, correlate

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GOOD = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_trace_is_continued_with_a_span_of_our_own():
    version, trace, span, flags = continued(GOOD).split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert span != "00f067aa0ba902b7"
    assert len(span) == 16


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x",
        GOOD.upper(),
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{GOOD}-more",
        f"{GOOD}\n",
        GOOD[:-1],
    ],
)
def test_anything_else_starts_a_new_trace(wrong):
    assert TRACE not in continued(wrong)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("case-2026.11_22", True),
        ("x" * 64, True),
        ("short", False),
        ("x" * 65, False),
        ("has space in it", False),
        ("<script>alert(1)</script>", False),
        ("maria.virtanen@example.org", False),
    ],
)
def test_a_correlation_id_is_kept_only_if_it_is_one(given, kept):
    with Flask("sample").test_request_context(headers={"X-Correlation-Id": given}):
        assert (correlate().correlation_id == given) is kept
