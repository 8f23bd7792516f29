"""Whether the time of a source has come, and whether it is long over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.store import Archive
from scraper.model import Source
from scraper.settings.values import parse_duration

# A pass every hour begins some seconds after the hour and its visits come later still:
# without slack every second one would find its sources not due.
_SLACK = 0.1
# A visit this far ahead of us was stamped by a clock that was wrong: clocks that are set by the
# network differ by less.
_CLOCKS_DIFFER = timedelta(minutes=5)


def is_due(schedule: str, last_checked_at: datetime | None, now: datetime, timezone: str) -> bool:
    """
    Whether a source with this schedule should be visited now.

    Args:
        schedule: A duration ("30m") or a crontab line, read in *timezone*.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> is_due("1h", noon - timedelta(minutes=58), noon, "UTC")
    True
    >>> is_due("0 6 * * *", noon - timedelta(hours=5), noon, "UTC")
    False
    >>> is_due("1h", noon + timedelta(days=400), noon, "UTC")  # a clock that was wrong
    True
    """
    if last_checked_at is None or last_checked_at > now + _CLOCKS_DIFFER:
        return True
    if " " in schedule.strip():
        following = _next_fire(schedule.split(), last_checked_at, timezone)
        return following is None or following <= now
    return now >= last_checked_at + parse_duration(schedule) * (1 - _SLACK)


def _next_fire(fields: list[str], after: datetime, timezone: str) -> datetime | None:
    """
    When a crontab line fires next after a time.

    A line with its hours named goes by the clock on the wall: where an hour comes twice it fires
    once, and where the hour is skipped it fires when that is over. One of every hour, or every some
    hours, goes by what has passed.

    Source: crontab(5) and cron(8) of Vixie cron, on changes of the clock.
    """
    # Most schedules are durations, and whether they are due is asked by commands that start often.
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    line, start = " ".join(fields), after + timedelta(seconds=1)
    if fields[1].startswith("*"):
        passed: datetime | None = CronTrigger.from_crontab(line, timezone).get_next_fire_time(None, start)
        return passed
    zone = ZoneInfo(timezone)
    on_the_wall = CronTrigger.from_crontab(line, "UTC")  # every wall time once, in order
    wall: datetime | None = start.astimezone(zone).replace(tzinfo=UTC, fold=0)
    while wall is not None:
        wall = on_the_wall.get_next_fire_time(None, wall)
        if wall is not None and (at := wall.replace(tzinfo=zone).astimezone(UTC)) > after:
            return at
        wall = wall and wall + timedelta(seconds=1)
    return None


def is_overdue(schedule: str, last_checked_at: datetime, now: datetime, timezone: str) -> bool:
    """
    Whether three visits in a row were missed.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> is_overdue("0 6 * * *", noon - timedelta(days=2), noon, "UTC")
    False
    >>> is_overdue("0 6 * * *", noon - timedelta(days=4), noon, "UTC")
    True
    """
    if " " not in schedule.strip():
        return now - last_checked_at > 3 * parse_duration(schedule)
    at = last_checked_at
    for _ in range(3):
        following = _next_fire(schedule.split(), at, timezone)
        if following is None or following > now:
            return False
        at = following
    return True


def due_sources(archive: Archive, sources: Iterable[Source], now: datetime, timezone: str) -> tuple[Source, ...]:
    """The sources whose time has come, and those of a pass that was broken off before its end."""
    broken_off_at = archive.broken_off_at()
    due = []
    for source in sources:
        last = archive.last_checked_at(source.name, now + _CLOCKS_DIFFER)
        was_cut = last is not None and broken_off_at is not None and last >= broken_off_at
        if was_cut or is_due(source.schedule, last, now, timezone):
            due.append(source)
    return tuple(due)
