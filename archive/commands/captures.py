"""Raw responses: taken in from WARC files, and read again with today's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import click

from archive.commands.delivered import show_told
from archive.commands.options import Options, complete_source, now, pass_options, require_source, wait_option, writing
from archive.commands.progress import progress
from archive.judge.wishes import limits_of
from archive.later import Later
from archive.model import CurrentCapture
from archive.run.alerts.outbox import tell
from archive.run.imports.importer import find_moved
from archive.run.learn import learn_walls
from archive.run.readers import ReaderPool, document_of, read_all
from archive.run.reread import compare, complete_again, wishes_again
from archive.settings import Settings
from archive.show import terminal
from archive.store import Archive
from archive.store.captures import read_capture
from scraper.errors import PageError
from scraper.model import Article, RawExchange, Selectors
from scraper.read.document import Document

_JOBS = 2  # as in a pass, unless the configuration says more
_jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=_JOBS,
    show_default=True,
    help="Processes that read.",
)


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
        count = archive.current_capture_count(source)
        exchanges = _exchanges(settings, archive.current_captures(source))
        read = read_all(exchanges, readers.submit)
        with progress("captures") as advance:
            for number, ((capture, exchange), article) in enumerate(read, 1):
                advance(number, count, f"{changed} changed")
                if isinstance(article, PageError):
                    click.echo(f"not read: {article}", err=True)
                else:
                    changed += _read_again(archive, settings, capture, exchange, article, do_apply=do_apply)
        if do_apply:
            learn_walls(archive)
            show_told(tell(archive, settings, now()))
    click.echo(
        f"{count} captures read, {changed} read differently"
        + ("" if do_apply or not changed else " (--apply keeps that)"),
        err=True,
    )


def _exchanges(
    settings: Settings, captures: Iterable[CurrentCapture]
) -> Iterator[tuple[tuple[CurrentCapture, RawExchange], Document]]:
    selectors: Mapping[str | None, Selectors] = {one.name: one.selectors for one in settings.sources}
    for capture in captures:
        exchange = read_capture(settings.archive.warc_folder, capture.warc_file, capture.warc_offset)
        yield (capture, exchange), document_of(exchange, selectors.get(capture.source, Selectors()))


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
