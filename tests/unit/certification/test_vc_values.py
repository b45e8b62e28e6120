"""What strangers write as moments and URLs is read as XML Schema and RFC 3986 have it, or not at all."""

from datetime import UTC, datetime

import pytest

from services.certification.formats.vc_values import instant_of, is_url


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-03T09:30:00Z", datetime(2026, 11, 3, 9, 30, tzinfo=UTC)),
        ("2026-11-03T09:30:00.123456789+02:00", datetime(2026, 11, 3, 7, 30, 0, 123456, tzinfo=UTC)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-12-31T24:00:00.000+14:00", datetime(2026, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_with_its_offset(text: str, moment: datetime) -> None:
    assert instant_of(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "2026-11-03",
        "2026-11-03T09:30:00",
        "2026-02-30T00:00:00Z",
        "2026-11-03T24:00:01Z",
        "2026-11-03T25:00:00Z",
        "9999-12-31T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-03T09:30:00+14:01",
        "2026-11-03T09:30:00Z\n",
    ],
)
def test_what_is_no_moment_with_its_offset(value: object) -> None:
    assert instant_of(value) is None


def test_a_moment_without_offset_counts_as_utc_where_that_is_allowed() -> None:
    assert instant_of("2026-11-03T09:30:00", offset_optional=True) == datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


def test_urls_are_absolute() -> None:
    assert all(map(is_url, ("https://example.org/ä", "did:web:a.example", "urn:uuid:1")))
    assert not any(map(is_url, ("", "a", "//example.org", "https:", "https://a b", 5, None)))
