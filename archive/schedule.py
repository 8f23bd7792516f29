"""
When passes run and digests are made.

`presswatch watch` is one asyncio loop: APScheduler wakes it, passes and digests take turns, SIGTERM
and Ctrl-C end it at once. A pass that was missed (the machine slept) is made once, not as
often as it was missed. Which digests are due is told by the archive, not by this process: it looks when it starts, at
the hour, and after each pass.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive.store import Archive
from scraper.errors import PresswatchError
from scraper.model import Source
from scraper.setting_values import parse_duration
from scraper.settings import DigestSettings

log = logging.getLogger("presswatch")
T = TypeVar("T")

# APScheduler's own is one second: a digest would be dropped when the loop is busy at its minute.
_PASS_GRACE = timedelta(hours=1)
_DIGEST_GRACE = timedelta(days=1)
# A pass every hour begins some seconds after the hour and its visits come later still:
# without slack every second one would find its sources not due.
_SLACK = 0.1
# A visit this far ahead of us was stamped by a clock that was wrong.
_CLOCKS_DIFFER = timedelta(minutes=5)
_HEARTBEAT = timedelta(seconds=30)
# Whatever still hangs (a mail server that does not answer) is left behind: every write is a transaction.
_LONGEST_GOODBYE = timedelta(seconds=4)


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

    A line with its hours named goes by the clock on the wall: where an hour comes twice it fires once, and where
    the hour is skipped it fires when that is over. One of every hour, or every some hours, goes by what has passed.

    Source: crontab(5) and cron(8) of Vixie cron, on changes of the clock.
    """
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
    make_digests: Callable[[], Awaitable[None]],
    heartbeat: Path,
    now: Callable[[], datetime],
) -> None:
    """
    Make passes and digests until SIGTERM or SIGINT.

    *make_pass* visits whatever is due, *make_digests* makes what is due and delivers what waits. Both are called at
    once, too: first the digests of days that nobody was here for, then a pass; and the digests again after each pass.

    The heartbeat file holds the time of the last beat, for `presswatch check`.
    """
    turn = asyncio.Lock()

    async def take_turn(work: Callable[[], Awaitable[None]]) -> None:
        async with turn:
            await work()

    async def pass_and_digests() -> None:
        await attempt("pass", make_pass)
        await make_digests()

    async def begin() -> None:
        await attempt("digest", lambda: take_turn(make_digests))
        await take_turn(pass_and_digests)

    scheduler = AsyncIOScheduler(timezone=digest.timezone, job_defaults={"coalesce": True, "max_instances": 1})
    scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
    grace = int(_PASS_GRACE.total_seconds())
    for schedule in sorted({source.schedule for source in sources}):
        scheduler.add_job(
            take_turn,
            trigger_of(schedule, digest.timezone),
            [pass_and_digests],
            id=f"pass {schedule}",
            misfire_grace_time=grace,
        )
    nightly = CronTrigger(hour=digest.at.hour, minute=digest.at.minute, timezone=digest.timezone)
    scheduler.add_job(
        take_turn, nightly, [make_digests], id="digest", misfire_grace_time=int(_DIGEST_GRACE.total_seconds())
    )
    scheduler.add_job(_beat, IntervalTrigger(seconds=int(_HEARTBEAT.total_seconds())), [heartbeat, now], id="heartbeat")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _beat(heartbeat, now)
    scheduler.start()
    first = asyncio.create_task(begin())
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


async def attempt(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do *work*; a named error of it is logged, so that what comes after it is done all the same."""
    try:
        await work()
    except PresswatchError as error:
        log.error("%s: %s", what, error)  # noqa: TRY400 - a sentence for the reader, no traceback


async def aside(work: Callable[[], T]) -> T:
    """
    What *work* gives, done in a thread of its own: the loop goes on, hears signals and beats.

    A thread that still hangs in a mail server when the loop ends is left behind, as by a kill.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast("T", value))

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except Exception as caught:  # noqa: BLE001 - raised again where it is waited for
            error = caught
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, daemon=True).start()
    return await done


def _beat(file: Path, now: Callable[[], datetime]) -> None:
    file.write_text(now().isoformat(timespec="seconds") + "\n", encoding="ascii")


def _log_failure(event: JobExecutionEvent) -> None:
    log.error("%s: %s", event.job_id, event.exception)


def _log_first(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("pass: %s", error)
