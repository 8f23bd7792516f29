"""Raw responses: taken in from WARC files, and read again with today's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from archive.commands.options import Options, now, pass_options, require_source, wait_option, writing
from archive.commands.progress import progress
from archive.judge.wishes import limits_of
from archive.model import CurrentCapture
from archive.run.learn import learn_walls
from archive.run.readers import ReaderPool, read_all
from archive.run.reread import compare, complete_again, import_exchange, wishes_again
from archive.run.stories import place_articles
from archive.settings import Settings
from archive.show import terminal
from archive.store import Archive
from archive.store.captures import CaptureWriter, WarcReader, read_capture, read_warc
from scraper.errors import PageError
from scraper.model import Article, RawExchange, Selectors

_JOBS = 2  # as in a pass, unless the configuration says more
_jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=_JOBS,
    show_default=True,
    help="Processes that read.",
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", "name", metavar="NAME", help="The source these pages are of.")
@_jobs_option
@wait_option
@pass_options
def import_command(options: Options, files: tuple[Path, ...], name: str | None, jobs: int, wait: timedelta) -> None:
    """
    Take WARC files in (any crawler's, Common Crawl News too): raw responses and the articles in
    them.
    """
    settings = options.settings()
    if name and name not in {source.name for source in settings.sources}:
        raise click.UsageError(f"no such source: {name}")
    counts: Counter[str] = Counter()
    with (
        writing(settings.archive.database, wait) as archive,
        ReaderPool(jobs, settings.passes.reading_timeout, settings.phrases) as readers,
    ):
        archive.save_sources(settings.sources)
        for file in files:
            warc = read_warc(file)
            _import_file(archive, settings, name, warc, readers, counts, file.name)
            if warc.broken_count:
                click.echo(f"{file.name}: {warc.broken_count} records could not be read", err=True)
                for problem in warc.problems:
                    click.echo(f"  {problem}", err=True)
        learn_walls(archive)
        while place_articles(archive):
            pass
    said = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    click.echo(said or "no responses in there")


def _import_file(
    archive: Archive,
    settings: Settings,
    source: str | None,
    warc: WarcReader,
    readers: ReaderPool,
    counts: Counter[str],
    file_name: str,
) -> None:
    """Keep the responses of one WARC file; *counts* has what was decided on them."""
    learns = {one.name: one.learn_templates for one in settings.sources}.get(source or "", True)
    stamp = f"import-{now():%Y%m%dT%H%M%SZ}"
    with (
        CaptureWriter(settings.archive.warc_folder, stamp, settings.archive.warc_bytes) as captures,
        progress(f"responses of {file_name}") as advance,
    ):
        pages = ((exchange, Selectors()) for exchange in warc)
        for number, (exchange, article) in enumerate(read_all(pages, readers), 1):
            result = import_exchange(
                archive,
                captures,
                exchange,
                article,
                source,
                learn_templates=learns,
                settings=settings.fetch,
                private=warc.is_private,
                keeps_noarchive=settings.archive.noarchive_captures,
            )
            counts[result.decision or "no article"] += 1
            advance(number, None, f"{counts['add']} new")


@click.command()
@click.option("--apply", "do_apply", is_flag=True, help="Keep what today's rules read; else it is only shown.")
@click.option("--source", metavar="NAME")
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
        captures = [capture for capture in archive.current_captures() if source in (None, capture.source)]
        exchanges = _exchanges(settings, captures)
        with progress("captures") as advance:
            for number, (capture, (exchange, article)) in enumerate(
                zip(captures, read_all(exchanges, readers), strict=True), 1
            ):
                advance(number, len(captures), f"{changed} changed")
                if not isinstance(article, PageError):
                    changed += _read_again(archive, settings, capture, exchange, article, do_apply=do_apply)
        if do_apply:
            learn_walls(archive)
    click.echo(
        f"{len(captures)} captures read, {changed} read differently"
        + ("" if do_apply or not changed else " (--apply keeps that)"),
        err=True,
    )


def _exchanges(settings: Settings, captures: Sequence[CurrentCapture]) -> Iterator[tuple[RawExchange, Selectors]]:
    selectors: Mapping[str | None, Selectors] = {one.name: one.selectors for one in settings.sources}
    for capture in captures:
        exchange = read_capture(settings.archive.warc_folder, capture.warc_file, capture.warc_offset)
        yield exchange, selectors.get(capture.source, Selectors())


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
