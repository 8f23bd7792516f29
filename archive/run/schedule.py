"""
When passes run and digests are made.

`presswatch watch` is one asyncio loop: APScheduler wakes it, passes and digests take turns, SIGTERM
and Ctrl-C end it at once. A pass that was missed (the machine slept) is made once, not as often as
it was missed. Which digests are due is told by the archive, not by this process: it looks when it
starts, at the hour, and after each pass.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar, cast

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive.run.heartbeat import Heartbeat
from archive.settings import DigestSettings
from scraper.errors import PresswatchError
from scraper.model import Source
from scraper.settings.values import parse_duration

log = logging.getLogger("presswatch")
T = TypeVar("T")

# APScheduler's own is one second: a digest would be dropped when the loop is busy at its minute. A
# pass that is an hour late is the next one's; the digest of a day may be made until the next is
# due.
_PASS_GRACE_SECONDS = 3600
_DIGEST_GRACE_SECONDS = 86_400
# Often enough for a container's health check, which asks every minute or so.
_HEARTBEAT = timedelta(seconds=30)
# What is told at once is told within a minute: a look, and the half minute that a server may take.
_LOOK_FOR_ALERTS = timedelta(seconds=20)
# Whatever still hangs (a mail server that does not answer) is left behind: every write is a
# transaction. Docker kills after ten seconds, and some service managers sooner.
_LONGEST_GOODBYE = timedelta(seconds=4)

Plan = tuple[Iterable[Source], DigestSettings]
"""What a watch goes by: whom to visit, and when the digest is made."""


def trigger_of(schedule: str, timezone: str) -> CronTrigger | IntervalTrigger:
    """What wakes the watch for a schedule."""
    if " " in schedule.strip():
        cron: CronTrigger = CronTrigger.from_crontab(schedule, timezone)
        return cron
    every = parse_duration(schedule)
    return IntervalTrigger(seconds=max(1, int(every.total_seconds())), timezone=timezone)


async def _nothing() -> None:
    """Nothing is to be told."""


async def watch(
    sources: Iterable[Source],
    digest: DigestSettings,
    *,
    make_pass: Callable[[], Awaitable[None]],
    make_digests: Callable[[], Awaitable[None]],
    heartbeat: Heartbeat,
    changed: Callable[[bool], Plan | None] = lambda _: None,
    tell_alerts: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """
    Make passes and digests until SIGTERM or SIGINT.

    *make_pass* visits whatever is due, *make_digests* makes what is due and delivers what waits.
    Both are called at once, too: first the digests of days that nobody was here for, then a pass;
    and the digests again after each pass.

    The heartbeat tells what is under way and what failed, for `presswatch check`.

    Args:
        changed: The sources and digest settings to go by from now on, where they changed; asked at
            each beat, and with True on SIGHUP. Then what is new is visited at once.
        tell_alerts: Tells what was archived since the last time. It is called every 20 seconds,
            also while a pass goes on.
    """
    await _Watch(digest, make_pass, make_digests, heartbeat, changed, tell_alerts).run(sources)


class _Watch:
    """The loop of `watch`: whatever it begins waits for its turn, one thing after the other."""

    def __init__(
        self,
        digest: DigestSettings,
        make_pass: Callable[[], Awaitable[None]],
        make_digests: Callable[[], Awaitable[None]],
        heartbeat: Heartbeat,
        changed: Callable[[bool], Plan | None],
        tell_alerts: Callable[[], Awaitable[None]],
    ) -> None:
        self._digest = digest
        self._make_pass = make_pass
        self._make_digests = make_digests
        self._heartbeat = heartbeat
        self._changed = changed
        self._tell_alerts = tell_alerts
        self._turn = asyncio.Lock()
        self._telling = asyncio.Lock()
        defaults = {"coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=digest.timezone, job_defaults=defaults)
        self._scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)

    async def run(self, sources: Iterable[Source]) -> None:
        """Watch until a signal says that it is enough."""
        _plan(self._scheduler, sources, self._digest, self._pass_in_turn, self._digests_in_turn)
        every = IntervalTrigger(seconds=int(_HEARTBEAT.total_seconds()))
        self._scheduler.add_job(self._beat, every, id="heartbeat")
        look = IntervalTrigger(seconds=int(_LOOK_FOR_ALERTS.total_seconds()))
        self._scheduler.add_job(self._alerts, look, id="alerts")
        stop = self._hear_signals()
        self._heartbeat.beat()
        self._scheduler.start()
        first = asyncio.create_task(self._begin())
        first.add_done_callback(_log_first)
        await stop.wait()
        log.info("stopping")
        await self._end(first)

    def _hear_signals(self) -> asyncio.Event:
        """What is set by SIGTERM and SIGINT; SIGHUP looks for changes."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._follow(anyway=True))
        return stop

    async def _end(self, first: asyncio.Task[None]) -> None:
        """End what is under way; what does not end in time is left behind with the process."""
        last_resort = threading.Timer(_LONGEST_GOODBYE.total_seconds(), os._exit, [0])
        last_resort.daemon = True
        last_resort.start()
        self._scheduler.shutdown(wait=False)  # cancels what it had begun
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        async with self._turn, self._telling:  # whatever had them has cleaned up
            last_resort.cancel()

    async def _beat(self) -> None:
        self._heartbeat.beat()
        self._follow()

    async def _alerts(self) -> None:
        async with self._telling:
            await attempt("alerts", self._tell_alerts)

    def _follow(self, *, anyway: bool = False) -> None:
        """Go by sources and settings that have changed; what is new is visited at once."""
        if (fresh := self._changed(anyway)) is not None:
            _plan(self._scheduler, *fresh, self._pass_in_turn, self._digests_in_turn)
            self._scheduler.add_job(
                self._pass_in_turn, id="changed", misfire_grace_time=_PASS_GRACE_SECONDS, replace_existing=True
            )

    async def _begin(self) -> None:
        await attempt("digest", self._digests_in_turn)
        await self._pass_in_turn()

    async def _pass_in_turn(self) -> None:
        async with self._turn:
            await attempt("pass", self._one_pass)
            await self._digests()

    async def _digests_in_turn(self) -> None:
        async with self._turn:
            await self._digests()

    async def _one_pass(self) -> None:
        with self._heartbeat.at_work("pass"):
            await self._make_pass()

    async def _digests(self) -> None:
        with self._heartbeat.at_work("digest"):
            await self._make_digests()


def _plan(
    scheduler: AsyncIOScheduler,
    sources: Iterable[Source],
    digest: DigestSettings,
    make_pass: Callable[[], Awaitable[None]],
    make_digests: Callable[[], Awaitable[None]],
) -> None:
    """
    Jobs for the schedules of *sources*, each once, and for the hour of the digest; others of the
    kind end.
    """
    wanted = {f"pass {source.schedule}": source.schedule for source in sources}
    for job in scheduler.get_jobs():
        if job.id.startswith("pass ") and job.id not in wanted:
            job.remove()
    for name, schedule in sorted(wanted.items()):
        scheduler.add_job(
            make_pass,
            trigger_of(schedule, digest.timezone),
            id=name,
            misfire_grace_time=_PASS_GRACE_SECONDS,
            replace_existing=True,
        )
    nightly = CronTrigger(hour=digest.at.hour, minute=digest.at.minute, timezone=digest.timezone)
    scheduler.add_job(
        make_digests, nightly, id="digest", misfire_grace_time=_DIGEST_GRACE_SECONDS, replace_existing=True
    )


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


def _log_failure(event: JobExecutionEvent) -> None:
    log.error("%s: %s", event.job_id, event.exception)


def _log_first(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("pass: %s", error)
