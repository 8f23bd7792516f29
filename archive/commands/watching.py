"""Passes and digests on schedule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import click

from archive.commands.options import LONGEST_WAIT, Options, now, pass_options, writing
from archive.edition import publish
from archive.edition.days import window_of_day
from archive.run import update
from archive.run.alerts.outbox import tell_meanwhile
from archive.run.due import due_sources
from archive.run.heartbeat import Heartbeat, heartbeat_file
from archive.run.metrics import serve_metrics, write_metrics
from archive.run.schedule import Plan, aside, watch
from archive.run.standing import StandingSettings
from archive.run.stories import NOT_SETTLED, settle_stories
from archive.settings import Settings
from archive.store import Archive
from scraper.errors import ArchiveLockedError
from scraper.model import Source

log = logging.getLogger("presswatch")

_LOOK_AGAIN = timedelta(seconds=1)  # at an archive that another process writes to


@click.command("watch")
@pass_options
def watch_command(options: Options) -> None:
    """
    Stay, and make passes and digests on schedule (what the container runs). SIGTERM or Ctrl-C ends
    it.

    A configuration that changes is picked up within half a minute, or at once on SIGHUP.
    """
    watched = _Watched(options)
    watched.prepare()
    end_metrics = serve_metrics(lambda: watched.settings, now)
    log.setLevel(logging.INFO)  # what it does is what its log is for
    log.info("watching %d sources, archive %s", len(_enabled(watched.settings)), watched.database)
    if not _enabled(watched.settings):
        log.warning("no source is enabled: presswatch sources enable NAME (it is picked up while the watch runs)")
    try:
        asyncio.run(
            watch(
                *_plan(watched.settings),
                make_pass=watched.make_pass,
                make_digests=watched.make_digests,
                heartbeat=watched.heartbeat,
                changed=watched.changed,
                tell_alerts=watched.tell_alerts,
            )
        )
    finally:
        end_metrics()


class _Watched:
    """What the watch does when its time has come, by the configuration as it is then."""

    def __init__(self, options: Options) -> None:
        self._standing = StandingSettings(options.settings)
        # A new place in the configuration counts after a restart alone.
        self.database = self.settings.archive.database
        self.heartbeat = Heartbeat(heartbeat_file(self.database), now)
        self._open: Archive | None = None  # while a pass is under way
        self._telling = asyncio.Lock()
        self._has_untold = True  # as far as is known: another process may have been killed

    @property
    def settings(self) -> Settings:
        """The configuration as it is now."""
        return self._standing.current

    def prepare(self) -> None:
        """
        Make the archive, or bring it up to date.

        Another process that writes is told now, and not in the first pass.
        """
        with writing(self.database):
            pass
        self._standing.tell = lambda trouble: self.heartbeat.tell("configuration", trouble)

    async def make_pass(self) -> None:
        """Visit what is due."""
        settings = self.settings
        async with _opened(self.database) as archive:
            due = due_sources(archive, _enabled(settings), now(), settings.digest.timezone)
            if due:
                async with self._lent(archive):
                    result = await update.make_pass(
                        archive, settings, due, on_progress=lambda _: self.heartbeat.went_on(), sparing=True
                    )
                log_pass(result, len(due))
            async with self._telling:
                await self._tell(archive)
        write_metrics(settings, now())

    @asynccontextmanager
    async def _lent(self, archive: Archive) -> AsyncIterator[None]:
        """Let alerts be told from the archive of a pass, which is open in this thread."""
        self._open = archive
        try:
            yield
        finally:
            async with self._telling:  # what goes out is noted before the archive is closed
                self._open = None

    async def tell_alerts(self) -> None:
        """Tell what was archived since the last time, also in the middle of a pass, and what waits."""
        async with self._telling:
            if self._open is not None:
                await self._tell(self._open)
            elif self._has_untold:
                with suppress(ArchiveLockedError), Archive.open(self.database, write=True) as archive:
                    await self._tell(archive)

    async def _tell(self, archive: Archive) -> None:
        sent = await tell_meanwhile(archive, self.settings, now(), aside=aside)
        self._has_untold = sent.is_waiting
        for name, headline in sent.told:
            log.warning("alert %s: %s", name, headline)
        for problem in sent.problems:
            log.error("%s", problem)

    async def make_digests(self) -> None:
        """Write and send the digests that are due; the loop goes on meanwhile."""
        await aside(self._write_digests)

    def _write_digests(self) -> None:
        settings = self.settings
        with Archive.open(self.database, write=True, wait=LONGEST_WAIT) as archive:
            for day in publish.days_to_make(archive, settings, now()):
                if not settle_stories(archive, window_of_day(day, settings.digest.timezone)[1]):
                    log.warning(NOT_SETTLED)
            made = publish.make_due(archive, settings, now())
            for one in made:
                log.info("digest: %d articles, %s", len(one.edition.items), ", ".join(map(str, one.files)))
            _log_delivered(made[0].delivered if made else publish.deliver_waiting(archive, settings, now()))
            if made:
                archive.prune(settings.retention, now())
        write_metrics(settings, now())

    def changed(self, anyway: bool) -> Plan | None:
        """What the watch goes by from now on, where a file changed, or is read *anyway*."""
        return _plan(self.settings) if self._standing.look(anyway=anyway) else None


def log_pass(result: update.PassResult, source_count: int) -> None:
    """What came of a pass; a warning where no source could be looked at."""
    counts = ", ".join(f"{n} {name}" for name, n in sorted(result.decisions.items()))
    if result.is_in_vain:
        first = f": {result.problems[0]}" if result.problems else ""
        log.warning("pass %d: none of %d sources could be looked at%s", result.pass_id, source_count, first)
    else:
        more = f"; {len(result.problems)} problems (presswatch check --sources)" if result.problems else ""
        log.info("pass %d, %d sources: %s%s", result.pass_id, source_count, counts or "nothing new", more)


def _enabled(settings: Settings) -> list[Source]:
    return [source for source in settings.sources if source.enabled]


def _plan(settings: Settings) -> Plan:
    return _enabled(settings), settings.digest


@asynccontextmanager
async def _opened(database: Path) -> AsyncIterator[Archive]:
    """
    The archive to write in, as soon as nobody else does.

    The loop goes on meanwhile, and with it the heartbeat.
    """
    waited = timedelta()
    while True:
        try:
            archive = Archive.open(database, write=True)
            break
        except ArchiveLockedError:
            if waited >= LONGEST_WAIT:
                raise
            await asyncio.sleep(_LOOK_AGAIN.total_seconds())
            waited += _LOOK_AGAIN
    with archive:
        yield archive


def _log_delivered(delivered: publish.Delivered) -> None:
    for reader in delivered.mailed:
        log.info("digest mailed to %s", reader)
    for problem in delivered.problems:
        log.error("%s", problem)
