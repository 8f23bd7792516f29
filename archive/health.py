"""Whether all is well: configuration, archive, disk, sources, and the watch's heartbeat."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from archive.edition.build import whole_days, window_of_day
from archive.meters import period_of, views_left
from archive.model import Channel, Delivery, DeliveryState
from archive.publish import MOST_DAYS, due_at
from archive.store import Archive
from scraper.errors import ArchiveError
from scraper.model import CheckOutcome
from scraper.setting_values import is_example_contact, parse_duration
from scraper.settings import Settings

_LEAST_FREE_BYTES = 500_000_000
# A watch beats every thirty seconds.
_OLDEST_BEAT = timedelta(minutes=3)
# A digest that waits for a pass is not late yet.
_DIGEST_GRACE = timedelta(hours=2)
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
            findings.extend(check_digests(archive, settings, now))
            findings.extend(check_deliveries(archive, settings))
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


def check_digests(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    Whether the last digest that was due was made.

    Nobody has to have digests: they are missed where one was made before, mail is configured, or a watch is at work.
    """
    timezone, at = settings.digest.timezone, settings.digest.at
    days = whole_days(now, timezone, MOST_DAYS)
    made = archive.nightly_days(date.min)
    first = archive.first_seen_at()
    is_wanted = made or settings.mail is not None or heartbeat_file(settings.archive.database).exists()
    due = [day for day in days if due_at(day, at, timezone) + _DIGEST_GRACE <= now]
    if not is_wanted or first is None or not due or window_of_day(due[0], timezone)[1] <= first:
        return []
    if any(day in made for day in days if day >= due[0]):  # what skipped days had stands in it
        return []
    last = f"the last one is of {max(made)}" if made else "there is none yet"
    return [
        Finding(
            "digest",
            is_well=False,
            detail=f"none was made for {due[0]}, due at {at:%H:%M} the day after; {last}: presswatch digest makes it",
        )
    ]


def check_deliveries(archive: Archive, settings: Settings) -> list[Finding]:
    """Digests that did not reach a reader, or could not be written, a finding for each of them."""
    readers = settings.mail.readers if settings.mail else ()
    failed: dict[tuple[Channel, str], list[Delivery]] = {}
    for one in (*archive.given_up(), *archive.deliveries(DeliveryState.PENDING)):
        is_reader = one.target in readers
        if one.last_error and (one.channel is Channel.FILES or is_reader):
            failed.setdefault((one.channel, one.target), []).append(one)
    return [
        Finding(
            f"mail to {target}" if channel is Channel.MAIL else "files of the digest",
            is_well=False,
            detail=f"not delivered: {', '.join(sorted({one.day.isoformat() for one in tried}))}; "
            f"{_say_next(tried[-1])}; the last answer: {tried[-1].last_error}",
        )
        for (channel, target), tried in failed.items()
    ]


def _say_next(one: Delivery) -> str:
    tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
    if one.state is DeliveryState.FAILED:
        return f"given up after {tries}, its articles stand in the next one"
    at = f" after {one.next_try_at:%Y-%m-%d %H:%M} UTC" if one.next_try_at else ""
    return f"{tries} so far, the next pass{at} or digest tries again"


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
