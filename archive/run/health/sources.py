"""Whether sources, their listings and their hosts answer, and what became of their articles."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.judge.meters import period_of, views_left
from archive.judge.polling import describe_quiet, is_quiet
from archive.model import Lost, SourceHealth
from archive.run.due import is_overdue
from archive.run.health.finding import Finding, minute
from archive.settings import Settings
from archive.store import Archive
from scraper.model import CheckOutcome

# A host may be down for a night, or refuse for one; the longest rest that we give by ourselves is a
# day.
_LONGEST_REST = timedelta(hours=12)
# A host that nobody has asked since so long after its rest is of no source any more.
_FORGOTTEN_REST = timedelta(days=2)
# What was asked for longer ago says nothing of today.
_FORGOTTEN_REFUSAL = timedelta(days=14)
# Whoever looks once a week sees every loss; whoever looks every day is alarmed once.
_SHOWN_LOSSES, _ALARM_OF_LOSS = timedelta(days=7), timedelta(days=1)
SICK = frozenset({CheckOutcome.BROKEN, CheckOutcome.HTML, CheckOutcome.SUDDENLY_EMPTY, CheckOutcome.FAILED})


def check_listings(archive: Archive, settings: Settings) -> list[Finding]:
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


def check_sources(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
    """
    Sources that fail, sources not visited for three times their schedule, and whether all fail at
    once.
    """
    schedules = {source.name: source.schedule for source in settings.sources if source.enabled}
    rows = [row for row in archive.source_health(now) if row.source in schedules]
    findings = [
        finding for row in rows if (finding := _check_source(archive, settings, row, schedules[row.source], now))
    ]
    findings += check_listings(archive, settings)
    findings += _check_refusals(archive, rows, now)
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
        return Finding(row.title, is_well=False, detail=f"not visited since {minute(visited_at)}")
    return None


def _check_refusals(archive: Archive, rows: list[SourceHealth], now: datetime) -> list[Finding]:
    """
    Sources whose listings answer and whose pages are refused, too few for their host to be left:
    all that were asked for in half a day.
    """
    refused = archive.refused_sources(now - _FORGOTTEN_REFUSAL)
    return [
        Finding(
            row.title,
            is_well=False,
            detail=f"no page has come since {minute(one.first_at)}: "
            f"{one.pages} {'was' if one.pages == 1 else 'were'} asked for and refused (403)",
        )
        for row in rows
        if (one := refused.get(row.source))
        and now - one.first_at >= _LONGEST_REST
        and now - one.last_at < _FORGOTTEN_REST
    ]


def check_hosts(archive: Archive, now: datetime) -> list[Finding]:
    """
    Hosts that are left alone because they do not answer, refuse, or said so; for half a day that is
    no fault.
    """
    return [
        Finding(
            f"host {rest.host}",
            is_well=now - rest.since < _LONGEST_REST,
            detail=f"{'it refuses its pages' if rest.is_of_pages else 'it is left alone'} since {minute(rest.since)}, "
            f"next asked after {minute(rest.until)}: {rest.why}",
        )
        for rest in archive.host_rests()
        if now - rest.until < _FORGOTTEN_REST
    ]


def check_lost(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
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


def show_meters(archive: Archive, settings: Settings, now: datetime) -> list[Finding]:
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
