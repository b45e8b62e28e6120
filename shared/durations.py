"""ISO 8601 durations as data: every deadline is one, so that a test can use seconds."""

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

NEVER: Final = datetime(2999, 12, 31, tzinfo=UTC)
"""The last moment that a deadline can have; what leads beyond it ends there."""

_PATTERN: Final = re.compile(
    r"P(?=.)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8}(?:\.\d{1,3})?)S)?)?",
    re.ASCII,
)


def add_duration(moment: datetime, duration: str, zone: str = "UTC") -> datetime:
    """`moment` plus an ISO 8601 `duration`, in UTC.

    Years, months, weeks and days count in the calendar of `zone` (an IANA name): a deadline of seven days
    set at 10:00 in Lisbon ends at 10:00 in Lisbon, across a change of daylight saving time. A month too short
    for the day ends on its last day. What a published document says for "no end", such as P9999Y, leads to `NEVER`.

    Raises:
        ValueError: not an ISO 8601 duration.
    """
    match = _PATTERN.fullmatch(duration)
    if match is None:
        raise ValueError(f"'{duration}' is not an ISO 8601 duration such as P14D or PT48H")
    part = {name: value or "0" for name, value in match.groupdict().items()}
    local = moment.astimezone(ZoneInfo(zone))
    months = int(part["years"]) * 12 + int(part["months"]) + local.year * 12 + local.month - 1
    year, month = divmod(months, 12)
    try:
        day = min(local.day, calendar.monthrange(year, month + 1)[1])
        dated = local.replace(year=year, month=month + 1, day=day)
        dated += timedelta(weeks=int(part["weeks"]), days=int(part["days"]))
        clocked = timedelta(
            hours=int(part["hours"]), minutes=int(part["minutes"]), seconds=float(part["seconds"])
        )
        return min(dated.astimezone(UTC) + clocked, NEVER)
    except (OverflowError, ValueError):
        return NEVER


def is_duration(text: str) -> bool:
    """Whether `text` is an ISO 8601 duration that `add_duration` takes."""
    return _PATTERN.fullmatch(text) is not None
