"""
Whether all is well: configuration, folders, archive, passes, sources, and the watch's heartbeat.

Whether a folder can be written is found out by writing to it: permissions, mounts and quotas are
too many to be read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from archive.edition.days import MOST_DAYS, due_at, whole_days, window_of_day
from archive.judge.meters import period_of, views_left
from archive.judge.polling import describe_quiet, is_quiet
from archive.model import Channel, Delivery, DeliveryState, Lost, SourceHealth
from archive.run.due import is_overdue
from archive.run.heartbeat import heartbeat_file, parse_beat
from archive.settings import Settings
from archive.store import Archive
from archive.store.lock import is_locked
from scraper.errors import ArchiveError
from scraper.model import CheckOutcome
from scraper.settings.network import is_example_contact

# Half a WARC file of the usual size: there is time to make room before a pass fails.
_LEAST_FREE_BYTES = 500_000_000
# A watch beats every thirty seconds: six of them were missed.
_OLDEST_BEAT = timedelta(minutes=3)
# A digest that waits for a pass is not late yet; few passes take longer.
_DIGEST_GRACE = timedelta(hours=2)
# Pages have a time limit, waits for a host a bound: a pass in which nothing happens for so long
# hangs.
_LONGEST_SILENCE = timedelta(hours=1)
# A host may be down for a night, or refuse for one; the longest rest that we give by ourselves is a
# day.
_LONGEST_REST = timedelta(hours=12)
# A host that nobody has asked since so long after its rest is of no source any more.
_FORGOTTEN_REST = timedelta(days=2)
# Whoever looks once a week sees every loss; whoever looks every day is alarmed once.
_SHOWN_LOSSES, _ALARM_OF_LOSS = timedelta(days=7), timedelta(days=1)
SICK = frozenset({CheckOutcome.BROKEN, CheckOutcome.HTML, CheckOutcome.SUDDENLY_EMPTY, CheckOutcome.FAILED})


Trial = Callable[[Path], None]


def write_trial(folder: Path) -> None:
    """
    Write a block, down to the disk, and take it away again. Raises OSError where that cannot be
    done.
    """
    handle, name = tempfile.mkstemp(dir=folder, prefix=".presswatch-trial-")
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            file.write(b"\0" * 4096)
            os.fsync(handle)
    finally:
        Path(name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    detail: str


def check_heartbeat(settings: Settings, now: datetime, *, trial: Trial = write_trial) -> tuple[Finding, ...]:
    """Whether the watch is alive, gets on, and can write where it has to."""
    return (*_check_beat(heartbeat_file(settings.archive.database), now), *check_folders(settings, trial=trial))


def _check_beat(file: Path, now: datetime) -> list[Finding]:
    try:
        beat = parse_beat(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [Finding("watch", is_well=False, detail="no heartbeat: presswatch watch is not running here")]
    age = now - beat.at
    findings = [Finding("watch", age <= _OLDEST_BEAT, f"last heartbeat {int(age.total_seconds())} seconds ago")]
    if beat.work and now - beat.work[1] > _LONGEST_SILENCE:
        what, since = beat.work
        findings.append(Finding(what, is_well=False, detail=f"hangs: nothing came of it since {_minute(since)}"))
    findings += [Finding("watch", is_well=False, detail=trouble) for trouble in beat.troubles]
    return findings


def check_all(settings: Settings, now: datetime, *, thorough: bool = True) -> tuple[Finding, ...]:
    """
    Everything but the heartbeat, which not every set-up has; not *thorough*: without reading the
    whole archive.
    """
    findings = [_check_contact(settings), *check_folders(settings)]
    try:
        with Archive.open(settings.archive.database, write=False) as archive:
            if thorough:
                findings.append(_check_integrity(archive))
            findings.extend(_check_passes(archive, settings.archive.database))
            findings.extend(_check_sources(archive, settings, now))
            findings.extend(_check_hosts(archive, now))
            findings.extend(_check_lost(archive, settings, now))
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


def check_folders(settings: Settings, *, trial: Trial = write_trial) -> tuple[Finding, ...]:
    """Whether everything that is kept can be written (*trial* tries a folder), and has room."""
    folders = _folders(settings)
    found = _unwritable(folders, trial)
    problems = [Finding(f"folder of {what}", is_well=False, detail=problem) for what, problem in found]
    database = settings.archive.database
    if not problems and database.exists() and not os.access(database, os.W_OK):
        problems.append(Finding("archive", is_well=False, detail=f"{database} cannot be written"))
    free = min(shutil.disk_usage(_nearest(folder)).free for folder in folders.values())
    disk = Finding("disk", free >= _LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB free")
    return (*problems, disk) if problems else (Finding("folders", is_well=True, detail="can be written"), disk)


def _folders(settings: Settings) -> dict[str, Path]:
    """The folders of what is kept, by what lies there."""
    beside = settings.archive.database.parent
    folders = {
        "the archive": beside,
        "captures": settings.archive.warc_folder,
        "digests": settings.digest.folder,
        "cookies": beside / "cookies",  # of the sites; made with the first one
    }
    if settings.metrics.file:
        folders["metrics"] = settings.metrics.file.parent
    return folders


def _unwritable(folders: Mapping[str, Path], trial: Trial) -> Iterable[tuple[str, str]]:
    """What cannot be written, and why; each folder once."""
    seen: set[Path] = set()
    for what, folder in folders.items():
        place = _nearest(folder)
        if place in seen:
            continue
        seen.add(place)
        try:
            trial(place)
        except OSError as error:
            where = f"{folder} cannot be written" if place == folder else f"{folder} cannot be made in {place}"
            yield what, f"{where}: {error.strerror}"


def _nearest(folder: Path) -> Path:
    """*folder*, or the one above it that is there."""
    return next(place for place in (folder, *folder.parents) if os.path.isdir(place))  # noqa: PTH112 - never raises


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _check_passes(archive: Archive, database: Path) -> list[Finding]:
    """
    The latest pass: one that came to no end, while none is under way, kept its articles from
    coming.
    """
    began_at = archive.broken_off_at()
    if began_at is None or is_locked(database):
        return []
    return [Finding("passes", is_well=False, detail=f"the latest, of {_minute(began_at)}, was broken off")]


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

    Nobody has to have digests: they are missed where one was made before, mail is configured, or a
    watch is at work.
    """
    first, made = archive.first_seen_at(), archive.nightly_days(date.min)
    if first is None or not (made or _are_digests_wanted(settings)):
        return []
    timezone, at = settings.digest.timezone, settings.digest.at
    days = whole_days(now, timezone, MOST_DAYS)
    due = next((day for day in days if due_at(day, at, timezone) + _DIGEST_GRACE <= now), None)
    if due is None or window_of_day(due, timezone)[1] <= first or made.intersection(_days_since(due, days)):
        return []
    last = f"the last one is of {max(made)}" if made else "there is none yet"
    detail = f"none was made for {due}, due at {at:%H:%M} the day after; {last}: presswatch digest makes it"
    return [Finding("digest", is_well=False, detail=detail)]


def _are_digests_wanted(settings: Settings) -> bool:
    return settings.mail is not None or heartbeat_file(settings.archive.database).exists()


def _days_since(due: date, days: Iterable[date]) -> list[date]:
    """The day whose digest is due, and later ones: a later digest has what a skipped day had."""
    return [day for day in days if day >= due]


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


def _check_listings(archive: Archive, settings: Settings) -> list[Finding]:
    """
    Listings that answer, and yet bring nothing: quiet for long, without an entry ever, or at a new
    address.
    """
    findings: list[Finding] = []
    for source in settings.sources:
        if not source.enabled:
            continue
        known = archive.listings(source.name)
        for url in source.listing_urls:
            listing = known.get(url)
            if listing is None:
                continue
            last = archive.last_check(url, source.name)
            details = [describe_quiet(listing)] if is_quiet(listing) else []
            if last and last.outcome is CheckOutcome.EMPTY:
                details.append("empty: it has never had an entry")
            if listing.has_moved:
                details.append(f"moved for good to {listing.moved_to}: put that into the configuration")
            findings.extend(Finding(source.title, is_well=False, detail=f"{url}: {detail}") for detail in details)
    return findings


def _check_sources(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    Sources that fail, sources not visited for three times their schedule, and whether all fail at
    once.
    """
    schedules = {source.name: source.schedule for source in settings.sources if source.enabled}
    rows = [row for row in archive.source_health(now) if row.source in schedules]
    findings = [
        finding for row in rows if (finding := _check_source(archive, settings, row, schedules[row.source], now))
    ]
    findings += _check_listings(archive, settings)
    return [*_check_network(rows), *findings] or [Finding("sources", is_well=True, detail="none fails")]


def _check_source(
    archive: Archive, settings: Settings, row: SourceHealth, schedule: str, now: datetime
) -> Finding | None:
    """
    A source that fails, or was not visited; its turn may have come while its listings wait
    (judge/polling.py).
    """
    if row.outcome in SICK:
        return Finding(row.title, is_well=False, detail=f"{row.outcome.value}: {row.detail or ''}")
    visited_at = archive.last_checked_at(row.source)
    if visited_at and is_overdue(schedule, visited_at, now, settings.digest.timezone):
        return Finding(row.title, is_well=False, detail=f"not visited since {_minute(visited_at)}")
    return None


def _check_hosts(archive: Archive, now: datetime) -> list[Finding]:
    """
    Hosts that are left alone because they do not answer, refuse, or said so; for half a day that is
    no fault.
    """
    return [
        Finding(
            f"host {rest.host}",
            is_well=now - rest.since < _LONGEST_REST,
            detail=f"{'its pages are' if rest.is_of_pages else 'it is'} left alone since {_minute(rest.since)}, "
            f"next asked after {_minute(rest.until)}: {rest.why}",
        )
        for rest in archive.host_rests()
        if now - rest.until < _FORGOTTEN_REST
    ]


def _check_lost(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    Articles that were given up in the last week, by source; for a day that is not well, but for
    pages taken away.
    """
    titles = {source.name: source.title for source in settings.sources}
    lost: dict[str, list[Lost]] = {}
    for one in archive.lost(now - _SHOWN_LOSSES):
        lost.setdefault(one.source, []).append(one)
    return [
        Finding(
            titles.get(source, source),
            is_well=all(one.is_gone or now - one.given_up_at > _ALARM_OF_LOSS for one in losses),
            detail=f"{len(losses)} {'article' if len(losses) == 1 else 'articles'} given up in the last week, "
            f"the latest {losses[0].url}: {losses[0].why}",
        )
        for source, losses in lost.items()
    ]


def _check_network(rows: list[SourceHealth]) -> list[Finding]:
    """Whether every source fails: then it is hardly the fault of each."""
    visited = [row for row in rows if row.checked_at]
    if not visited or any(row.outcome is not CheckOutcome.FAILED for row in visited):
        return []
    return [Finding("network", is_well=False, detail=f"no source can be reached: all {len(visited)} visited ones fail")]
