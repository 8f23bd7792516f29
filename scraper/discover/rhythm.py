"""
How often a listing wants to be asked for: by its headers, and by what an RSS channel says of
itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.model import Rhythm

# A longer wait means the same to us, and a number of a hundred digits would overflow.
_YEAR = timedelta(days=365)
# These stand at the head of a channel, before its items or long behind them: descriptions and
# pictures take less room.
_HEAD = 20_000  # characters
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,18})", re.IGNORECASE)
_NEVER_FRESH = re.compile(r"(?:^|[,\s])(?:no-cache|no-store)\b", re.IGNORECASE)
_TTL = re.compile(r"<ttl>\s*(\d{1,9})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(r"<\w+:updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(r"<\w+:updateFrequency>\s*(\d{1,6})\s*</", re.IGNORECASE)
_SKIPPED = re.compile(r"<skip(Hours|Days)>(.{0,3000}?)</skip\1>", re.IGNORECASE | re.DOTALL)
_SKIPPED_ONE = re.compile(r"<(?:hour|day)>\s*(\w{1,9})\s*</", re.IGNORECASE)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": _YEAR,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def find_freshness(headers: Mapping[str, str], at: datetime) -> timedelta:
    """
    How long a server says that its answer of *at* is fresh; nothing where it says nothing.

    Args:
        headers: With lower-case names.

    Source: RFC 9111 §4.2.1: max-age before Expires, less the Age it had when it came.

    >>> find_freshness({"cache-control": "public, max-age=900", "age": "300"}, datetime(2026, 3, 2, tzinfo=UTC))
    datetime.timedelta(seconds=600)
    """
    control = headers.get("cache-control", "")
    if _NEVER_FRESH.search(control):
        return timedelta()
    age = headers.get("age", "").strip()
    if stated := _MAX_AGE.search(control):
        seconds = min(int(stated.group(1)), int(_YEAR.total_seconds()))
        lived = int(age) if re.fullmatch("[0-9]{1,9}", age) else 0
        return timedelta(seconds=max(0, seconds - lived))
    try:
        expires = parsedate_to_datetime(headers.get("expires", ""))
        sent = parsedate_to_datetime(headers["date"]) if "date" in headers else at
        return max(timedelta(), min(_aware(expires) - _aware(sent), _YEAR))
    except (ValueError, TypeError, OverflowError, IndexError):
        return timedelta()


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def find_rhythm(text: str) -> Rhythm:
    """
    What an RSS channel says of how often it changes.

    Source: https://www.rssboard.org/rss-specification (ttl in minutes, skipHours, skipDays, both in
    GMT) and https://web.resource.org/rss/1.0/modules/syndication/.

    >>> find_rhythm("<rss><channel><ttl>90</ttl><skipDays><day>Sunday</day></skipDays>")
    Rhythm(wait=datetime.timedelta(seconds=5400), hours=frozenset(), days=frozenset({6}))
    """
    text = text if len(text) <= 2 * _HEAD else text[:_HEAD] + text[-_HEAD:]
    named: dict[str, set[str]] = {"hours": set(), "days": set()}
    for skipped in _SKIPPED.finditer(text):
        named[skipped.group(1).lower()] |= set(_SKIPPED_ONE.findall(skipped.group(2).lower()))
    hours = frozenset(int(hour) % 24 for hour in named["hours"] if re.fullmatch("[0-9]{1,2}", hour) and int(hour) <= 24)
    days = frozenset(number for number, day in enumerate(_DAYS) if day in named["days"])
    return Rhythm(_find_wait(text), hours, days)


def _find_wait(text: str) -> timedelta:
    """How long a channel wants to be left between two visits; nothing where it does not say so."""
    if ttl := _TTL.search(text):
        return min(timedelta(minutes=int(ttl.group(1))), _YEAR)
    if period := _PERIOD.search(text):
        often = _FREQUENCY.search(text)
        return _PERIODS[period.group(1).lower()] / max(1, int(often.group(1)) if often else 1)
    return timedelta()
