"""The local days that digests are of, and when each is made. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 7
"""
So many days back a digest has what no earlier one told, and missed digests are made.

Whoever was away for a week reads one long digest; what is older is found in the archive.
"""


def window_of_day(day: date, timezone: str) -> tuple[datetime, datetime]:
    """
    Begin and end (excluded) of a local day, in UTC. Where clocks change the day has 23 or 25 hours.

    >>> since, until = window_of_day(date(2024, 3, 31), "Europe/Berlin")
    >>> since.isoformat(), until - since
    ('2024-03-30T23:00:00+00:00', datetime.timedelta(seconds=82800))
    """
    zone = ZoneInfo(timezone)
    since, until = (
        datetime.combine(midnight, time(), zone).astimezone(UTC) for midnight in (day, day + timedelta(days=1))
    )
    return since, until


def last_whole_day(now: datetime, timezone: str) -> date:
    """
    The last local day that is over. A day that the zone skipped is none.

    >>> last_whole_day(datetime(2024, 5, 2, 23, 30, tzinfo=UTC), "Asia/Tokyo")
    datetime.date(2024, 5, 2)
    >>> last_whole_day(datetime(2011, 12, 30, 12, tzinfo=UTC), "Pacific/Apia")  # 31 December there
    datetime.date(2011, 12, 29)
    """
    zone = ZoneInfo(timezone)
    begin, _ = window_of_day(now.astimezone(zone).date(), timezone)
    return (begin - timedelta(microseconds=1)).astimezone(zone).date()


def whole_days(now: datetime, timezone: str, count: int) -> tuple[date, ...]:
    """
    The last *count* local days that are over, the latest first.

    >>> [day.day for day in whole_days(datetime(2011, 12, 31, 12, tzinfo=UTC), "Pacific/Apia", 3)]
    [31, 29, 28]
    """
    days = [last_whole_day(now, timezone)]
    while len(days) < count:
        days.append(last_whole_day(window_of_day(days[-1], timezone)[0], timezone))
    return tuple(days)


def is_whole_day(since: datetime, until: datetime, timezone: str) -> bool:
    """
    Whether a window is one local day from its begin to its end.

    >>> is_whole_day(*window_of_day(date(2024, 3, 31), "Europe/Berlin"), "Europe/Berlin")
    True
    """
    day = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(timezone)).date()
    return (since, until) == window_of_day(day, timezone)


def due_at(day: date, at: time, timezone: str) -> datetime:
    """When the digest of a local day is made: at that time of the next day, UTC."""
    _, until = window_of_day(day, timezone)
    zone = ZoneInfo(timezone)
    return datetime.combine(until.astimezone(zone).date(), at, zone).astimezone(until.tzinfo)
