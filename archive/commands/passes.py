"""One pass over the sources: to keep what came, or to see what comes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import click

from archive.commands.delivered import show_delivered, show_told
from archive.commands.options import (
    Options,
    complete_source,
    now,
    pass_options,
    read_duration,
    tell_alert_mistakes,
    writing,
)
from archive.commands.progress import progress
from archive.edition import publish
from archive.run import update
from archive.run.alerts.outbox import tell
from archive.run.due import due_sources
from archive.run.metrics import write_metrics
from archive.settings import Settings
from archive.show import terminal
from archive.store import Archive
from scraper.model import Source

_MOST_PROBLEMS = 20  # of a pass: they fit on a screen


@click.command()
@click.option(
    "--source",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this source, due or not (repeatable).",
    shell_complete=complete_source,
)
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
    """
    One pass over the sources that are due. Digests that could not be delivered are tried again
    after it.
    """
    settings = options.settings()
    tell_alert_mistakes(settings)
    with writing(settings.archive.database, wait) as archive:
        sources = _chosen(archive, settings, names, everything=everything)
        if not sources:
            click.echo("Nothing is due.", err=True)
        result = _visit(archive, settings, sources, sparing=not (names or everything)) if sources else None
        show_told(tell(archive, settings, now()))
        show_delivered(publish.deliver_waiting(archive, settings, now()))
    write_metrics(settings, now())
    if as_json:
        click.echo(terminal.to_json(_result_record(result)))
    elif result:
        _show_result(result)


def _chosen(archive: Archive, settings: Settings, names: tuple[str, ...], *, everything: bool) -> tuple[Source, ...]:
    if names:
        return _named(settings, names)
    enabled = tuple(source for source in settings.sources if source.enabled)
    return enabled if everything else due_sources(archive, enabled, now(), settings.digest.timezone)


def _named(settings: Settings, names: tuple[str, ...]) -> tuple[Source, ...]:
    by_name = {source.name: source for source in settings.sources}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise click.UsageError(f"no such source: {', '.join(unknown)} (presswatch sources list names them)")
    return tuple(by_name[name] for name in names)


def _visit(
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


def _show_result(result: update.PassResult) -> None:
    console = terminal.stdout_console()
    decisions, outcomes = result.decisions, result.outcomes
    new = decisions["add"] + decisions["duplicate"]
    console.print(
        f"[bold]{new}[/] new ({decisions['duplicate']} say what another says), [bold]{decisions['revise']}[/] revised, "
        f"{decisions['unchanged'] + outcomes['not modified']} unchanged"
    )
    console.print(
        f"requests: {_counted(outcomes)}",
        style="dim",
    )
    if result.pictures:
        console.print(f"pictures: {_counted(result.pictures)}", style="dim")
    for problem in result.problems[:_MOST_PROBLEMS]:
        console.print(f"  ! {problem}", style="yellow", markup=False)
    if more := result.problems[_MOST_PROBLEMS:]:
        console.print(f"  … and {len(more)} more (presswatch check --sources)", style="yellow")


def _counted(counts: Mapping[str, int]) -> str:
    """Counts by their names, the most first."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))


def _result_record(result: update.PassResult | None) -> dict[str, Any]:
    if result is None:
        return {
            "pass_id": None,
            "decisions": {},
            "outcomes": {},
            "checks": {},
            "pictures": {},
            "problems": [],
            "left": {},
        }
    return {
        "pass_id": result.pass_id,
        "decisions": dict(result.decisions),
        "outcomes": dict(result.outcomes),
        "checks": dict(result.checks),
        "pictures": dict(result.pictures),
        "problems": list(result.problems),
        "left": dict(result.left),
    }


@click.command("check")
@click.argument("names", nargs=-1, shell_complete=complete_source)
@pass_options
def check_sources(options: Options, names: tuple[str, ...]) -> None:
    """Ask every feed, sitemap and index page once, and say what came; nothing is kept."""
    settings = options.settings()
    chosen = _named(settings, names) or tuple(source for source in settings.sources if source.enabled)
    with Archive.open(":memory:", write=True) as archive:
        quiet = replace(settings, passes=replace(settings.passes, articles_per_source=0, reading_workers=0))
        result = _visit(archive, quiet, chosen)
        rows = archive.source_health(now())
    terminal.stdout_console().print(terminal.render_health([row for row in rows if row.checked_at], "UTC"))
    for problem in result.problems:
        click.echo(f"  ! {problem}", err=True)
    if result.problems:
        sys.exit(1)
