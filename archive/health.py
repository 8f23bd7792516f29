"""Whether all is well: configuration, archive, disk, sources, and the watch's heartbeat."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive.meters import period_of, views_left
from archive.store import Archive
from scraper.errors import ArchiveError
from scraper.model import CheckOutcome
from scraper.setting_values import is_example_contact, parse_duration
from scraper.settings import Settings

_LEAST_FREE_BYTES = 500_000_000
# A watch beats every thirty seconds.
_OLDEST_BEAT = timedelta(minutes=3)
_SICK = frozenset({CheckOutcome.BROKEN, CheckOutcome.HTML, CheckOutcome.SUDDENLY_EMPTY, CheckOutcome.FAILED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    detail: str


def heartbeat_file(database: Path) -> Path:
    """Where the watch of an archive leaves its heartbeat."""
    return database.with_name(database.name + ".heartbeat")


def check_heartbeat(settings: Settings, now: datetime) -> tuple[Finding, ...]:
    """Whether the watch is alive."""
    file = heartbeat_file(settings.archive.database)
    try:
        beat = datetime.fromisoformat(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return (Finding("watch", is_well=False, detail="no heartbeat: presswatch watch is not running here"),)
    age = now - beat
    return (Finding("watch", age <= _OLDEST_BEAT, f"last heartbeat {int(age.total_seconds())} seconds ago"),)


def check_all(settings: Settings, now: datetime) -> tuple[Finding, ...]:
    """Everything but the heartbeat, which not every set-up has."""
    findings = [_check_contact(settings), _check_disk(settings)]
    try:
        with Archive.open(settings.archive.database, write=False) as archive:
            findings.append(_check_integrity(archive))
            findings.extend(_check_sources(archive, settings, now))
            findings.extend(_check_sessions(archive, settings))
            findings.extend(_show_meters(archive, settings, now))
    except ArchiveError as error:
        findings.append(Finding("archive", is_well=False, detail=str(error)))
    return tuple(findings)


def _check_contact(settings: Settings) -> Finding:
    if is_example_contact(settings.fetch.user_agent):
        return Finding(
            "configuration", is_well=False, detail="user_agent still names the example contact: put your own there"
        )
    return Finding(
        "configuration",
        is_well=True,
        detail=f"{len(settings.sources)} sources, {sum(s.enabled for s in settings.sources)} enabled",
    )


def _check_disk(settings: Settings) -> Finding:
    folder = settings.archive.database.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("disk", free >= _LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB free")


def _check_integrity(archive: Archive) -> Finding:
    problems = archive.integrity_check()
    counts = archive.statistics()
    return Finding(
        "archive",
        not problems,
        "; ".join(problems) or f"sound; {counts.article_count} articles, {counts.capture_count} captures",
    )


def _check_sessions(archive: Archive, settings: Settings) -> list[Finding]:
    """Own subscriptions whose session has ended."""
    files = {source.name: source.cookies_file for source in settings.sources if source.enabled and source.cookies_file}
    return [
        Finding(
            ended.title,
            is_well=False,
            detail=f"the session of your subscription has ended (seen {ended.since:%Y-%m-%d %H:%M} UTC): log in with "
            f"your browser and export the cookies to {files[ended.source]} again",
        )
        for ended in archive.expired_sessions(files)
    ]


def _show_meters(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """How many of the free articles that sites grant are read. A spent meter is no fault."""
    findings = []
    for meter in archive.meters():
        spent = len(archive.views(meter, now))
        waiting = archive.waiting_count(meter, now, settings.passes.oldest_entry)
        detail = f"{spent} of {meter.allowance or 'an unknown number of'} free articles of {period_of(meter)} read"
        if views_left(meter, spent, now) == 0:
            detail += ", no more are asked for"
            is_closed = meter.closed_until is not None and now < meter.closed_until
            detail += f" before {meter.closed_until:%Y-%m-%d %H:%M} UTC" if is_closed else ""
        detail += f", {waiting} waiting" if waiting else ""
        findings.append(Finding(f"meter of {meter.site}", is_well=True, detail=detail))
    return findings


def _check_sources(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """Sources that fail, and sources that nobody has visited for three times their schedule."""
    schedules = {source.name: source.schedule for source in settings.sources if source.enabled}
    findings = []
    for row in archive.source_health(now):
        schedule = schedules.get(row.source)
        if schedule is None:
            continue
        if row.outcome in _SICK:
            findings.append(Finding(row.title, is_well=False, detail=f"{row.outcome.value}: {row.detail or ''}"))
        elif row.checked_at and " " not in schedule and now - row.checked_at > 3 * parse_duration(schedule):
            findings.append(
                Finding(row.title, is_well=False, detail=f"not visited since {row.checked_at:%Y-%m-%d %H:%M} UTC")
            )
    return findings or [Finding("sources", is_well=True, detail="none fails")]
