"""
When passes run and digests are made.

`presswatch watch` is one asyncio loop: APScheduler wakes it, passes and digests take turns, SIGTERM
and Ctrl-C end it at once. A pass that was missed (the machine slept) is made once, not as
often as it was missed; so is a digest, up to a day late.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive.heartbeat import Heartbeat
from archive.store import Archive
from scraper.model import Source
from scraper.setting_values import parse_duration
from scraper.settings import DigestSettings

log = logging.getLogger("presswatch")

# APScheduler's own is one second: a digest would be dropped when the loop is busy at its minute.
_PASS_GRACE = timedelta(hours=1)
_DIGEST_GRACE = timedelta(days=1)
# A pass every hour begins some seconds after the hour and its visits come later still:
# without slack every second one would find its sources not due.
_SLACK = 0.1
_HEARTBEAT = timedelta(seconds=30)
# Whatever still hangs (a mail server that does not answer) is left behind: every write is a transaction.
_LONGEST_GOODBYE = timedelta(seconds=4)

Plan = tuple[Iterable[Source], DigestSettings]
"""What a watch goes by: whom to visit, and when the digest is made."""


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
    """
    if last_checked_at is None:
        return True
    if " " in schedule.strip():
        following = CronTrigger.from_crontab(schedule, timezone).get_next_fire_time(
            last_checked_at, last_checked_at + timedelta(seconds=1)
        )
        return following is None or following <= now
    return now >= last_checked_at + parse_duration(schedule) * (1 - _SLACK)


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
    trigger = CronTrigger.from_crontab(schedule, timezone)
    at = last_checked_at
    for _ in range(3):
        following: datetime | None = trigger.get_next_fire_time(at, at + timedelta(seconds=1))
        if following is None or following > now:
            return False
        at = following
    return True


def due_sources(archive: Archive, sources: Iterable[Source], now: datetime, timezone: str) -> tuple[Source, ...]:
    """The sources whose time has come, and those of a pass that was broken off before its end."""
    broken_off_at = archive.broken_off_at()
    due = []
    for source in sources:
        last = archive.last_checked_at(source.name)
        was_cut = last is not None and broken_off_at is not None and last >= broken_off_at
        if was_cut or is_due(source.schedule, last, now, timezone):
            due.append(source)
    return tuple(due)


def trigger_of(schedule: str, timezone: str) -> CronTrigger | IntervalTrigger:
    """What wakes the watch for a schedule."""
    if " " in schedule.strip():
        cron: CronTrigger = CronTrigger.from_crontab(schedule, timezone)
        return cron
    every = parse_duration(schedule)
    return IntervalTrigger(seconds=max(1, int(every.total_seconds())), timezone=timezone)


async def watch(
    sources: Iterable[Source],
    digest: DigestSettings,
    *,
    make_pass: Callable[[], Awaitable[None]],
    make_digest: Callable[[], Awaitable[None]],
    heartbeat: Heartbeat,
    changed: Callable[[bool], Plan | None] = lambda _: None,
) -> None:
    """
    Make passes and digests until SIGTERM or SIGINT. *make_pass* visits whatever is due; it is called at once, too.

    The heartbeat tells what is under way and what failed, for `presswatch check`.

    Args:
        changed: The sources and digest settings to go by from now on, where they changed; asked at each beat, and with
            True on SIGHUP. Then what is new is visited at once.
    """
    turn = asyncio.Lock()

    async def take_turn(work: Callable[[], Awaitable[None]], what: str = "pass") -> None:
        async with turn:
            with heartbeat.at_work(what):
                await work()

    scheduler = AsyncIOScheduler(timezone=digest.timezone, job_defaults={"coalesce": True, "max_instances": 1})
    scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
    grace = int(_PASS_GRACE.total_seconds())

    def plan(sources: Iterable[Source], digest: DigestSettings) -> None:
        wanted = {f"pass {source.schedule}": source.schedule for source in sources}
        for job in scheduler.get_jobs():
            if job.id.startswith("pass ") and job.id not in wanted:
                job.remove()
        for name, schedule in sorted(wanted.items()):
            scheduler.add_job(
                take_turn,
                trigger_of(schedule, digest.timezone),
                [make_pass],
                id=name,
                misfire_grace_time=grace,
                replace_existing=True,
            )
        nightly = CronTrigger(hour=digest.at.hour, minute=digest.at.minute, timezone=digest.timezone)
        scheduler.add_job(
            take_turn,
            nightly,
            [make_digest, "digest"],
            id="digest",
            misfire_grace_time=int(_DIGEST_GRACE.total_seconds()),
            replace_existing=True,
        )

    def follow(*, anyway: bool = False) -> None:
        if (fresh := changed(anyway)) is not None:
            plan(*fresh)
            scheduler.add_job(
                take_turn, args=[make_pass], id="changed", misfire_grace_time=grace, replace_existing=True
            )

    async def beat() -> None:
        heartbeat.beat()
        follow()

    plan(sources, digest)
    scheduler.add_job(beat, IntervalTrigger(seconds=int(_HEARTBEAT.total_seconds())), id="heartbeat")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: follow(anyway=True))
    heartbeat.beat()
    scheduler.start()
    first = asyncio.create_task(take_turn(make_pass))
    first.add_done_callback(_log_first)
    await stop.wait()
    log.info("stopping")
    last_resort = threading.Timer(_LONGEST_GOODBYE.total_seconds(), os._exit, [0])
    last_resort.daemon = True
    last_resort.start()
    scheduler.shutdown(wait=False)  # cancels what it had begun
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    async with turn:  # whatever had it has cleaned up
        last_resort.cancel()


def _log_failure(event: JobExecutionEvent) -> None:
    log.error("%s: %s", event.job_id, event.exception)


def _log_first(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("pass: %s", error)
