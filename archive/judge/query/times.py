"""Times as a query names them: a day, a month, a year, from one to another, or a span back from now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SPAN = re.compile(r"(\d{1,5})([mhdwy])")
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(days=7),
    "y": timedelta(days=365),
}
_LAST_MONTH = 12  # of a year
Span = tuple[datetime | None, datetime | None]


def read_span(text: str, now: datetime, timezone: str) -> Span | None:
    """
    From when on, and before when; None where *text* is no time.

    >>> now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> [str(end) for end in read_span("2026-02", now, "UTC")]
    ['2026-02-01 00:00:00+00:00', '2026-03-01 00:00:00+00:00']
    >>> read_span("36h", now, "UTC"), read_span("2026-02-30", now, "UTC")
    ((datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc), None), None)
    """
    text = text.lower()
    if ".." in text:
        return _from_one_to_another(text, now, timezone)
    if back := _SPAN.fullmatch(text):
        try:
            return now - int(back[1]) * _UNITS[back[2]], None
        except OverflowError:
            return None
    days = _days(text, now.astimezone(ZoneInfo(timezone)).date())
    if days is None:
        return None
    first_day, next_day = (datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC) for day in days)
    return first_day, next_day


def _from_one_to_another(text: str, now: datetime, timezone: str) -> Span | None:
    """`FROM..TO`, of which one may be missing."""
    first, _, last = text.partition("..")
    begin, end = (read_span(part, now, timezone) if part else (None, None) for part in (first, last))
    if begin is None or end is None or not (first or last):
        return None
    return begin[0], end[1]


def _days(text: str, today: date) -> tuple[date, date] | None:
    """The first day, and the one behind the last."""
    named = {"today": 0, "yesterday": 1}
    try:
        if text in named:
            day = today - timedelta(days=named[text])
            return day, day + timedelta(days=1)
        if (found := _DAY.fullmatch(text)) is None:
            return None
        year, month, number = (int(part or 0) for part in found.groups())
        if found[3]:
            first = date(year, month, number)
            return first, first + timedelta(days=1)
        if found[2]:
            first = date(year, month, 1)
            return first, date(year + (month == _LAST_MONTH), month % _LAST_MONTH + 1, 1)
        return date(year, 1, 1), date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
