"""WARC files of others, taken in on this machine."""

from __future__ import annotations

import os
import resource
from datetime import datetime, timedelta
from functools import partial
from time import monotonic, perf_counter

import click

from archive.commands.delivered import show_told
from archive.commands.imports.choices import choice_options, paths_of, require_configured, wanted_of
from archive.commands.options import Options, no_stories_option, now, pass_options, wait_option, writing
from archive.commands.progress import Advance, progress
from archive.run.alerts.outbox import tell
from archive.run.imports.importer import Importer, Report
from archive.run.imports.remote import fetched_folder
from archive.run.imports.settling import settle
from archive.run.imports.stopwatch import Stopwatch
from archive.run.imports.way import Way
from archive.run.readers import AHEAD, ReaderPool

# Pages that wait for each reader, so that none is idle while one process writes.
_AHEAD_OF_EACH = 4


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@choice_options
@click.option("--again", "is_again", is_flag=True, help="Read files once more that were taken in before.")
@click.option("--shard", "is_shard", is_flag=True, help="Keep what was read, so that `merge --into` can join archives.")
@click.option("--jobs", type=click.IntRange(1), help="Processes that read; as many as the machine has cores.")
@no_stories_option
@click.option("--profile", "do_profile", is_flag=True, help="Say where the time went.")
@wait_option
@pass_options
def import_command(
    options: Options,
    files: tuple[str, ...],
    name: str | None,
    hosts: tuple[str, ...],
    languages: tuple[str, ...],
    since: datetime | None,
    is_copied: bool,
    is_again: bool,
    is_shard: bool,
    only_articles: bool,
    jobs: int | None,
    no_stories: bool,
    do_profile: bool,
    wait: timedelta,
) -> None:
    """
    Take WARC files in (any crawler's, Common Crawl News too), with the articles in them. They may be
    .warc or .arc, plain, .gz or .zst, or .wacz. A file stays where it lies, and captures point into it;
    `captures relocate` finds one that was moved. FILES may be patterns ("news/*.warc.gz"), and addresses
    (https://, s3://; presswatch[remote]), which are fetched once into the folder `fetched` beside the archive.
    """
    if is_shard and is_again:
        raise click.UsageError("a shard has what was read once; --again goes with none")
    settings = options.settings()
    require_configured(name, settings)
    paths = paths_of(files, fetched_folder(settings.archive.database))
    wanted = wanted_of(hosts, languages, since, only_articles=only_articles)
    total, way = Report(), Way(paths, monotonic)
    jobs = jobs or core_count()
    watch = Stopwatch(perf_counter)
    with (
        writing(settings.archive.database, wait) as archive,
        ReaderPool(jobs, settings.passes.reading_timeout, settings.phrases) as readers,
    ):
        archive.save_sources(settings.sources)
        for path in paths:
            with progress(f"responses of {path.name}") as advance:
                importer = Importer(
                    archive,
                    settings,
                    readers,
                    source=name,
                    wanted=wanted,
                    is_copied=is_copied,
                    is_again=is_again,
                    is_shard=is_shard,
                    ahead=max(AHEAD, jobs * _AHEAD_OF_EACH),
                    now=now,
                    on_progress=partial(_advance, advance, way),
                    watch=watch,
                )
                report = importer.take_in(path)
            way.end_file(report)
            _tell_of_file(path.name, report)
            total.decisions.update(report.decisions)
            total.left_out.update(report.left_out)
        with progress("articles put into stories") as advance:
            settle(
                archive,
                has_stories=not (is_shard or no_stories),
                on_progress=lambda done, of: advance(done, of, ""),
            )
        if not is_shard:  # what lies in a shard is told when it was joined
            show_told(tell(archive, settings, now()))
    if do_profile:
        _tell_profile(watch, jobs)
    said = ", ".join(f"{count} {kind}" for kind, count in total.decisions.most_common())
    if said or not total.left_out:
        click.echo(said or "nothing new in there")
    if total.left_out:
        click.echo("left out: " + ", ".join(f"{count} {why}" for why, count in total.left_out.most_common()))


def core_count() -> int:
    """The cores that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _advance(advance: Advance, way: Way, report: Report) -> None:
    advance(report.count, None, f"{report.decisions['add']} new, {way.told(report)}")


def _tell_profile(watch: Stopwatch, jobs: int) -> None:
    """Where the time went, on stderr. The readers have ended, so that their time is known."""
    readers, writer = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    reading, writing = (used.ru_utime + used.ru_stime for used in (readers, writer))
    click.echo(f"{reading:8.1f} s of CPU  reading, in {jobs} processes", err=True)
    click.echo(f"{writing:8.1f} s of CPU  all else: {writing / (reading + writing or 1):.0%} of the whole", err=True)
    for part, seconds in watch.seconds.items():
        click.echo(f"{seconds:8.1f} s         {part}", err=True)


def _tell_of_file(name: str, report: Report) -> None:
    """What is to be known of one file, on stderr."""
    if report.known and report.known.ended_at:
        click.echo(
            f"{name}: was taken in before, until {report.known.ended_at:%Y-%m-%d %H:%M} UTC (--again reads it again)",
            err=True,
        )
    if report.lost_count:
        click.echo(f"{name}: {report.lost_count} revisits of pages that are in none of the files", err=True)
    if report.broken_count:
        click.echo(f"{name}: {report.broken_count} records could not be read", err=True)
        for problem in report.problems:
            click.echo(f"  {problem}", err=True)
