"""
Everything that can be looked at without a watch: configuration, folders, archive, passes, sources,
digests.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from archive.run.health.alerts import check_alert_files, check_alerts
from archive.run.health.digests import check_deliveries, check_digests
from archive.run.health.finding import Finding, minute
from archive.run.health.folders import check_folders
from archive.run.health.imports import check_fetched, check_imports
from archive.run.health.pictures import check_pictures
from archive.run.health.sources import check_hosts, check_lost, check_sources, show_meters
from archive.settings import Settings
from archive.store import Archive
from archive.store.lock import is_locked
from scraper.errors import ArchiveError
from scraper.settings.network import is_example_contact


def check_all(settings: Settings, now: datetime, *, thorough: bool = True) -> tuple[Finding, ...]:
    """
    Everything but the heartbeat, which not every set-up has; not *thorough*: without reading the
    whole archive.
    """
    findings = [_check_contact(settings), *check_alert_files(settings), *check_folders(settings)]
    findings.extend(check_fetched(settings.archive.database))
    try:
        with Archive.open(settings.archive.database, write=False) as archive:
            if thorough:
                findings.append(_check_integrity(archive))
            findings.extend(_check_passes(archive, settings.archive.database))
            findings.extend(_check_duplicates(archive))
            findings.extend(check_sources(archive, settings, now))
            findings.extend(check_hosts(archive, now))
            findings.extend(check_lost(archive, settings, now))
            findings.extend(check_imports(archive))
            findings.extend(check_pictures(archive, settings, now))
            findings.extend(_check_sessions(archive, settings))
            findings.extend(show_meters(archive, settings, now))
            findings.extend(check_digests(archive, settings, now))
            findings.extend(check_deliveries(archive, settings))
            findings.extend(check_alerts(archive, settings, now))
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


def _check_passes(archive: Archive, database: Path) -> list[Finding]:
    """
    The latest pass: one that came to no end, while none is under way, kept its articles from
    coming.
    """
    began_at = archive.broken_off_at()
    if began_at is None or is_locked(database):
        return []
    return [Finding("passes", is_well=False, detail=f"the latest, of {minute(began_at)}, was broken off")]


def _check_integrity(archive: Archive) -> Finding:
    problems = archive.integrity_check()
    counts = archive.statistics()
    return Finding(
        "archive",
        not problems,
        "; ".join(problems) or f"sound; {counts.article_count} articles, {counts.capture_count} captures",
    )


def _check_duplicates(archive: Archive) -> list[Finding]:
    """Articles of which no copy can be found: an update compares texts in another way."""
    count = archive.unindexed_count()
    if not count:
        return []
    detail = f"copies of {count} articles are not recognised: run `presswatch reindex` once"
    return [Finding("duplicates", is_well=False, detail=detail)]


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
