"""Times as readers are shown them, each with its zone."""

from __future__ import annotations

from datetime import datetime, tzinfo


def render_time(at: datetime, zone: tzinfo) -> str:
    """
    A time to the minute, in the reader's zone.

    >>> from datetime import UTC
    >>> from zoneinfo import ZoneInfo
    >>> render_time(datetime(2026, 3, 2, 6, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    '2026-03-02 07:00 CET'
    """
    return f"{local_time(at, zone):%Y-%m-%d %H:%M %Z}"


def local_time(at: datetime, zone: tzinfo) -> datetime:
    """A time in the reader's zone; as it is where it is the first or the last that can be held."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at
