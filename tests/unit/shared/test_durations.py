"""Deadlines are durations in data and count in the calendar of the institution that set them (practice check 7)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.durations import NEVER, add_duration, is_duration

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P7D", datetime(2026, 4, 3, 12, tzinfo=UTC)),
        ("PT48H", datetime(2026, 3, 29, 12, tzinfo=UTC)),
        ("P1Y", datetime(2027, 3, 27, 12, tzinfo=UTC)),
        ("P11M", datetime(2027, 2, 27, 12, tzinfo=UTC)),
        ("P2W", datetime(2026, 4, 10, 12, tzinfo=UTC)),
        ("PT0.5S", NOON + timedelta(seconds=0.5)),
        ("P1DT1H1M1S", datetime(2026, 3, 28, 13, 1, 1, tzinfo=UTC)),
    ],
)
def test_adds_each_part(duration: str, expected: datetime) -> None:
    assert add_duration(NOON, duration) == expected


def test_a_month_too_short_ends_on_its_last_day() -> None:
    assert add_duration(datetime(2026, 1, 31, 9, tzinfo=UTC), "P1M").day == 28


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Europe/Athens"])
def test_days_keep_the_local_hour_across_daylight_saving(zone: str) -> None:
    local = datetime(2026, 3, 27, 10, tzinfo=ZoneInfo(zone))
    end = add_duration(local, "P7D", zone).astimezone(ZoneInfo(zone))
    assert (end.day, end.hour) == (3, 10)
    assert add_duration(local, "P7D", zone) - local == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "7D", "P-1D", "P1H", "PT1D", "P1.5D", "P99999999D", "p7d", "P7D\n"]
)
def test_refuses_what_is_no_duration(text: str) -> None:
    assert not is_duration(text)
    with pytest.raises(ValueError, match="ISO 8601"):
        add_duration(NOON, text)


@pytest.mark.parametrize("text", ["P9999Y", "P1000Y", "P99999D", "PT99999999S", "P9999W"])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu"])
def test_no_duration_leads_out_of_the_calendar(text: str, zone: str) -> None:
    """A document may say P9999Y for no end; no request that follows it may fail for that."""
    assert NOON < add_duration(NOON, text, zone) <= NEVER
    assert add_duration(NEVER, text, zone) == NEVER
    assert add_duration(NOON, "P9999Y", zone) == NEVER


@given(
    st.integers(0, 5000), st.integers(0, 100_000), st.sampled_from(["UTC", "Europe/Athens", "Europe/Lisbon"])
)
def test_longer_ends_later(days: int, seconds: int, zone: str) -> None:
    assert add_duration(NOON, f"P{days + 1}DT{seconds}S", zone) > add_duration(
        NOON, f"P{days}DT{seconds}S", zone
    )
