"""Raw responses: taken in from WARC files, and read again with today's rules."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from glob import glob
from pathlib import Path
from time import monotonic, perf_counter

import click

from archive.commands.delivered import show_told
from archive.commands.options import Options, complete_source, now, pass_options, require_source, wait_option, writing
from archive.commands.progress import Advance, progress
from archive.judge.wishes import limits_of
from archive.later import Later
from archive.model import CurrentCapture
from archive.run.alerts.outbox import tell
from archive.run.imports.importer import Importer, Report, Wanted, find_moved
from archive.run.imports.merging import Shard, merge_shards
from archive.run.imports.stopwatch import Stopwatch
from archive.run.imports.way import Way
from archive.run.learn import learn_walls
from archive.run.readers import AHEAD, ReaderPool, document_of, read_all
from archive.run.reread import compare, complete_again, wishes_again
from archive.run.stories import place_articles
from archive.settings import Settings
from archive.show import terminal
from archive.store import Archive
from archive.store.captures import read_capture
from scraper.errors import PageError
from scraper.model import Article, RawExchange, Selectors
from scraper.read.document import Document
from scraper.read.file_kinds import LOOKED_AT_BYTES, PACKED, is_markup, name_list, name_other_file

_JOBS = 2  # as in a pass, unless the configuration says more
# Pages that wait for each reader, so that none is idle while one process writes.
_AHEAD_OF_EACH = 4
_jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=_JOBS,
    show_default=True,
    help="Processes that read.",
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option(
    "--source",
    "name",
    metavar="NAME",
    help="The source of all these pages; else each page's is found.",
    shell_complete=complete_source,
)
@click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only pages of this host and those below it.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only pages in this language (de).")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="Only what was served on this day (UTC) or later.")
@click.option("--copy", "is_copied", is_flag=True, help="Copy raw responses; else they stay where they lie.")
@click.option("--again", "is_again", is_flag=True, help="Read files once more that were taken in before.")
@click.option("--shard", "is_shard", is_flag=True, help="Keep what was read, so that `merge --into` can join archives.")
@click.option("--only-articles", is_flag=True, help="Leave out, unread, what lies at addresses of lists and files.")
@click.option("--jobs", type=click.IntRange(1), help="Processes that read; as many as the machine has cores.")
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
    do_profile: bool,
    wait: timedelta,
) -> None:
    """
    Take WARC files in (any crawler's, Common Crawl News too), with the articles in them. They may be
    .warc or .arc, plain, .gz or .zst, or .wacz. A file stays where it lies, and captures point into it;
    `captures relocate` finds one that was moved. FILES may be patterns ("news/*.warc.gz").
    """
    if is_shard and is_again:
        raise click.UsageError("a shard has what was read once; --again goes with none")
    paths = _paths_of(files)
    settings = options.settings()
    if name and name not in {source.name for source in settings.sources}:
        raise click.UsageError(f"no such source: {name}")
    wanted = Wanted(hosts, languages, since.replace(tzinfo=UTC) if since else None, only_articles)
    total, way = Report(), Way(paths, monotonic)
    jobs = jobs or _core_count()
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
        _learn(archive)
        if not is_shard:  # what lies in a shard is told when it was joined
            show_told(tell(archive, settings, now()))
    if do_profile:
        _tell_profile(watch, jobs)
    said = ", ".join(f"{count} {kind}" for kind, count in total.decisions.most_common())
    if said or not total.left_out:
        click.echo(said or "nothing new in there")
    if total.left_out:
        click.echo("left out: " + ", ".join(f"{count} {why}" for why, count in total.left_out.most_common()))


def _paths_of(patterns: tuple[str, ...]) -> list[Path]:
    """
    The files that are named, or that a pattern names.

    Raises:
        click.UsageError: There is none.
    """
    paths = []
    for pattern in patterns:
        found = [pattern] if Path(pattern).exists() else sorted(glob(pattern, recursive=True))  # noqa: PTH207 - patterns may begin at the root
        files = [Path(path) for path in found if Path(path).is_file()]
        if not files:
            what = "is a folder" if Path(pattern).is_dir() else "does not exist"
            raise click.UsageError(f"{pattern} {what}; name files, or a pattern such as “folder/*.warc.gz”")
        paths += files
    for path in paths:
        _refuse_others(path)
    return paths


def _refuse_others(path: Path) -> None:
    """
    Let pass what may hold WARC records.

    Raises:
        click.UsageError: It is something else; says what, and what takes it.
    """
    with path.open("rb") as file:
        begin = file.read(LOOKED_AT_BYTES)
    what = name_list(begin) or (is_markup(begin) and "a web page") or name_other_file(begin)
    if what and what not in PACKED:
        takes = f"; `presswatch read {path}` takes it apart" if what == "a web page" else ""
        raise click.UsageError(f"{path} is {what}, not a WARC file{takes}")


def join_shards(options: Options, shards: Sequence[Path], into: Path, wait: timedelta) -> None:
    """Join *shards* into the archive *into*, and say what came of it."""
    settings = replace(options, archive=into).settings()
    paths = dict.fromkeys(path.resolve() for path in shards)
    if into.resolve() in paths:
        raise click.UsageError(f"{into} cannot be joined into itself")
    with ExitStack() as opened:
        # First: of a shard that is not there, no archive is made.
        found = [Shard(opened.enter_context(Archive.open(path, write=False)), path.parent / "warc") for path in paths]
        archive = opened.enter_context(writing(into, wait))
        archive.save_sources(settings.sources)
        begin = monotonic()
        with progress("readings") as advance:
            decisions = merge_shards(
                archive, settings, found, now=now, on_progress=lambda done, of: advance(done, of, "")
            )
        _learn(archive)
        show_told(tell(archive, settings, now()))
    said = ", ".join(f"{count} {kind}" for kind, count in decisions.most_common())
    click.echo(f"{said} in {monotonic() - begin:.1f} s" if said else "nothing new in there")


def _learn(archive: Archive) -> None:
    """What is made of articles when all of them came."""
    learn_walls(archive)
    while place_articles(archive):
        pass


def _core_count() -> int:
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


@click.group(
    commands=(
        Later(
            "relocate",
            "captures:relocate",
            "Find imported WARC files that were moved: by their bytes, whatever they are called now.",
        ),
    )
)
def captures() -> None:
    """The raw responses that articles were read from."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@wait_option
@pass_options
def relocate(options: Options, folder: Path, wait: timedelta) -> None:
    """
    Find imported WARC files that were moved: by their bytes, whatever they are called now. They are
    looked for below FOLDER; exit code 1 where one is still missing.
    """
    with writing(options.database(), wait) as archive:
        moved = find_moved(archive, folder)
        for file, path in moved:
            if path is None:
                click.echo(f"not found: {file.path}", err=True)
            else:
                count = archive.relocate_file(str(file.path), path)
                click.echo(f"{file.path} → {path} ({count} captures)")
    if not moved:
        click.echo("every file is where it was")
    if any(path is None for _, path in moved):
        raise SystemExit(1)


@click.command()
@click.option("--apply", "do_apply", is_flag=True, help="Keep what today's rules read; else it is only shown.")
@click.option("--source", metavar="NAME", shell_complete=complete_source)
@_jobs_option
@wait_option
@pass_options
def reread(options: Options, do_apply: bool, source: str | None, jobs: int, wait: timedelta) -> None:
    """Read the stored captures again with today's rules, and show what changes."""
    settings = options.settings()
    changed = 0
    with (
        writing(settings.archive.database, wait) if do_apply else options.reading() as archive,
        ReaderPool(jobs, settings.passes.reading_timeout, settings.phrases) as readers,
    ):
        require_source(source, archive, lambda: settings)
        current = [capture for capture in archive.current_captures() if source in (None, capture.source)]
        exchanges = _exchanges(settings, current)
        read = read_all(exchanges, readers.submit)
        with progress("captures") as advance:
            for number, (capture, (exchange, article)) in enumerate(zip(current, read, strict=True), 1):
                advance(number, len(current), f"{changed} changed")
                if not isinstance(article, PageError):
                    changed += _read_again(archive, settings, capture, exchange, article, do_apply=do_apply)
        if do_apply:
            learn_walls(archive)
            show_told(tell(archive, settings, now()))
    click.echo(
        f"{len(current)} captures read, {changed} read differently"
        + ("" if do_apply or not changed else " (--apply keeps that)"),
        err=True,
    )


def _exchanges(settings: Settings, captures: Sequence[CurrentCapture]) -> Iterator[tuple[RawExchange, Document]]:
    selectors: Mapping[str | None, Selectors] = {one.name: one.selectors for one in settings.sources}
    for capture in captures:
        exchange = read_capture(settings.archive.warc_folder, capture.warc_file, capture.warc_offset)
        yield exchange, document_of(exchange, selectors.get(capture.source, Selectors()))


def _read_again(
    archive: Archive,
    settings: Settings,
    capture: CurrentCapture,
    exchange: RawExchange,
    article: Article,
    *,
    do_apply: bool,
) -> bool:
    """Show how an article reads now, and keep that if *do_apply*; whether it reads differently."""
    stored = archive.article(capture.article_id)
    if stored is None:
        return False
    learns = {one.name: one.learn_templates for one in settings.sources}.get(stored.source or "", True)
    article, end = complete_again(archive, stored, article, learn_templates=learns)
    changes = compare(stored, article)
    if changes:
        console = terminal.stdout_console()
        console.print(f"[bold]{stored.article_id}[/] {stored.article.headline or stored.article.url}", highlight=False)
        console.print(terminal.render_changes(changes))
    if do_apply:
        archive.relabel(stored, article)
        archive.save_end(stored.article_id, None if stored.private else stored.source, end)
        said = wishes_again(stored, exchange, article)
        archive.save_limits(stored.article_id, said, limits_of(said, settings.fetch))
    return bool(changes)
