"""Passes over the sources: one now, or on schedule."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from archive.commands.options import LONGEST_WAIT, Options, now, pass_options, progress, read_duration, writing
from archive.edition import publish
from archive.run import update
from archive.run.heartbeat import Heartbeat, heartbeat_file
from archive.run.metrics import serve_metrics, write_metrics
from archive.run.schedule import Plan, aside, due_sources, watch
from archive.run.standing import StandingSettings
from archive.show import terminal
from archive.store import Archive
from scraper.errors import ArchiveLockedError
from scraper.model import Source
from scraper.settings import DigestSettings, Settings

log = logging.getLogger("presswatch")


@click.command()
@click.option("--source", "names", multiple=True, metavar="NAME", help="Only this source, due or not (repeatable).")
@click.option("--all", "everything", is_flag=True, help="All enabled sources, due or not.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object.")
@click.option(
    "--wait",
    callback=read_duration,
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="How long to wait for another process that writes to the archive; the next pass is never far.",
)
@pass_options
def run(options: Options, names: tuple[str, ...], everything: bool, as_json: bool, wait: timedelta) -> None:
    """One pass over the sources that are due. Digests that could not be delivered are tried again after it."""
    settings = options.settings()
    with writing(settings.archive.database, wait) as archive:
        sources = _chosen(archive, settings, names, everything=everything)
        if not sources:
            click.echo("Nothing is due.", err=True)
        result = visit(archive, settings, sources, sparing=not (names or everything)) if sources else None
        show_delivered(publish.deliver_waiting(archive, settings, now()))
    write_metrics(settings, now())
    if as_json:
        click.echo(terminal.to_json(_result_record(result)))
    elif result:
        _show_result(result)


def _chosen(archive: Archive, settings: Settings, names: tuple[str, ...], *, everything: bool) -> tuple[Source, ...]:
    by_name = {source.name: source for source in settings.sources}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise click.UsageError(f"no such source: {', '.join(unknown)} (presswatch sources list names them)")
    if names:
        return tuple(by_name[name] for name in names)
    enabled = tuple(source for source in settings.sources if source.enabled)
    return enabled if everything else due_sources(archive, enabled, now(), settings.digest.timezone)


def visit(
    archive: Archive, settings: Settings, sources: Iterable[Source], *, sparing: bool = False
) -> update.PassResult:
    """One pass with a progress bar."""
    with progress("pages") as advance:
        return asyncio.run(
            update.make_pass(
                archive,
                settings,
                sources,
                on_progress=lambda p: advance(p.done, p.known, f"{p.added} new"),
                sparing=sparing,
            )
        )


def show_delivered(delivered: publish.Delivered) -> None:
    """Who got a digest by mail, and what was not delivered, on stderr."""
    for reader in delivered.mailed:
        click.echo(f"mailed to {reader}", err=True)
    for problem in delivered.problems:
        click.echo(f"presswatch: {problem}", err=True)
    if delivered.left_count:
        click.echo(f"{terminal.counted(delivered.left_count, 'mail')} left for the next time", err=True)


def _show_result(result: update.PassResult) -> None:
    console = terminal.stdout_console()
    decisions, outcomes = result.decisions, result.outcomes
    new = decisions["add"] + decisions["duplicate"]
    console.print(
        f"[bold]{new}[/] new ({decisions['duplicate']} say what another says), [bold]{decisions['revise']}[/] revised, "
        f"{decisions['unchanged'] + outcomes['not modified']} unchanged"
    )
    console.print(
        "requests: "
        + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items(), key=lambda pair: -pair[1])),
        style="dim",
    )
    for problem in result.problems[:20]:
        console.print(f"  ! {problem}", style="yellow", markup=False)
    if len(result.problems) > 20:
        console.print(f"  … and {len(result.problems) - 20} more (presswatch check --sources)", style="yellow")


def _result_record(result: update.PassResult | None) -> dict[str, Any]:
    if result is None:
        return {"pass_id": None, "decisions": {}, "outcomes": {}, "checks": {}, "problems": [], "left": {}}
    return {
        "pass_id": result.pass_id,
        "decisions": dict(result.decisions),
        "outcomes": dict(result.outcomes),
        "checks": dict(result.checks),
        "problems": list(result.problems),
        "left": dict(result.left),
    }


@click.command("watch")
@pass_options
def watch_command(options: Options) -> None:
    """
    Stay, and make passes and digests on schedule (what the container runs). SIGTERM or Ctrl-C ends it.

    A configuration that changes is picked up within half a minute, or at once on SIGHUP.
    """
    standing = StandingSettings(options.settings)
    database = standing.current.archive.database
    with writing(database):
        pass  # made, brought up to date, and nobody else writes: said now and not in the first pass
    heartbeat = Heartbeat(heartbeat_file(database), now)
    standing.tell = lambda trouble: heartbeat.tell("configuration", trouble)

    async def make_pass() -> None:
        settings = standing.current
        async with _opened(database) as archive:
            due = due_sources(archive, _enabled(settings), now(), settings.digest.timezone)
            if due:
                result = await update.make_pass(
                    archive, settings, due, on_progress=lambda _: heartbeat.went_on(), sparing=True
                )
                log.warning(
                    "pass %d: %s",
                    result.pass_id,
                    ", ".join(f"{n} {name}" for name, n in sorted(result.decisions.items())) or "nothing new",
                )
        write_metrics(settings, now())

    def write_digests() -> None:
        settings = standing.current
        with Archive.open(database, write=True, wait=LONGEST_WAIT) as archive:
            made = publish.make_due(archive, settings, now())
            for one in made:
                log.warning("digest: %d articles, %s", len(one.edition.items), ", ".join(map(str, one.files)))
            _log_delivered(made[0].delivered if made else publish.deliver_waiting(archive, settings, now()))
            if made:
                archive.prune(settings.retention, now())
        write_metrics(settings, now())

    async def make_digests() -> None:
        await aside(write_digests)

    def changed(anyway: bool) -> Plan | None:
        return _plan(standing.current) if standing.look(anyway=anyway) else None

    sources, digest = _plan(standing.current)
    end_metrics = serve_metrics(lambda: standing.current, now)
    log.warning("watching %d sources, archive %s", len(sources), database)
    try:
        asyncio.run(
            watch(sources, digest, make_pass=make_pass, make_digests=make_digests, heartbeat=heartbeat, changed=changed)
        )
    finally:
        end_metrics()


def _enabled(settings: Settings) -> list[Source]:
    return [source for source in settings.sources if source.enabled]


def _plan(settings: Settings) -> tuple[list[Source], DigestSettings]:
    return _enabled(settings), settings.digest


@asynccontextmanager
async def _opened(database: Path) -> AsyncIterator[Archive]:
    """The archive to write in, as soon as nobody else does; the loop goes on meanwhile, and with it the heartbeat."""
    waited = timedelta()
    while True:
        try:
            archive = Archive.open(database, write=True)
            break
        except ArchiveLockedError:
            if waited >= LONGEST_WAIT:
                raise
            await asyncio.sleep(1)
            waited += timedelta(seconds=1)
    with archive:
        yield archive


def _log_delivered(delivered: publish.Delivered) -> None:
    for reader in delivered.mailed:
        log.warning("digest mailed to %s", reader)
    for problem in delivered.problems:
        log.error("%s", problem)
