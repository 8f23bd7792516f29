"""Pages and articles in and out, captures read again, old ones let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from archive.commands.options import (
    Options,
    now,
    pass_options,
    progress,
    read_span,
    require_source,
    wait_option,
    writing,
)
from archive.judge.wishes import limits_of, quoted_article, without_private_links
from archive.run.readers import ReaderPool
from archive.run.reread import compare, complete_again, import_exchange, read_all, wishes_again
from archive.show import terminal
from archive.show.article_json import render_json
from archive.show.export import file_name, render_csv, render_markdown
from archive.store import Archive
from archive.store.captures import CaptureWriter, read_capture, read_warc
from scraper.errors import PageError
from scraper.model import RawExchange, Selectors


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", "name", metavar="NAME", help="The source these pages are of.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes that read.")
@wait_option
@pass_options
def import_command(options: Options, files: tuple[Path, ...], name: str | None, jobs: int, wait: timedelta) -> None:
    """Take WARC files in (any crawler's, Common Crawl News too): raw responses and the articles in them."""
    settings = options.settings()
    if name and name not in {source.name for source in settings.sources}:
        raise click.UsageError(f"no such source: {name}")
    counts: dict[str, int] = {}
    learns = {source.name: source.learn_templates for source in settings.sources}.get(name or "", True)
    with (
        writing(settings.archive.database, wait) as archive,
        ReaderPool(jobs, settings.passes.reading_timeout, settings.phrases) as readers,
    ):
        archive.save_sources(settings.sources)
        for file in files:
            stamp = f"import-{now():%Y%m%dT%H%M%SZ}"
            warc = read_warc(file)
            with (
                CaptureWriter(settings.archive.warc_folder, stamp, settings.archive.warc_bytes) as captures,
                progress(f"responses of {file.name}") as advance,
            ):
                pages = ((exchange, Selectors()) for exchange in warc)
                for number, (exchange, article) in enumerate(read_all(pages, readers), 1):
                    result = import_exchange(
                        archive,
                        captures,
                        exchange,
                        article,
                        name,
                        learn_templates=learns,
                        settings=settings.fetch,
                        private=warc.is_private,
                        keeps_noarchive=settings.archive.noarchive_captures,
                    )
                    kind = result.decision or "no article"
                    counts[kind] = counts.get(kind, 0) + 1
                    advance(number, None, f"{counts.get('add', 0)} new")
            if warc.broken_count:
                click.echo(f"{file.name}: {warc.broken_count} records could not be read", err=True)
                for problem in warc.problems:
                    click.echo(f"  {problem}", err=True)
    click.echo(
        ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda pair: -pair[1]))
        or "no responses in there"
    )


@click.command()
@click.option("--format", "style", type=click.Choice(["jsonl", "csv", "markdown"]), default="jsonl", show_default=True)
@click.option("--source", metavar="NAME")
@click.option("--since", callback=read_span, metavar="DURATION", help="Only what was first seen since (7d).")
@click.option("--starred", is_flag=True, help="Only articles with a star.")
@click.option("--private", is_flag=True, help="Also what is yours alone: read with your subscription, or noarchive.")
@click.option("--reserved", is_flag=True, help="Also what publishers reserve from text and data mining (jsonl, csv).")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, by which Excel knows UTF-8 (csv).")
@click.option("--out", type=click.Path(path_type=Path), help="A file; for markdown a folder, one file an article.")
@pass_options
def export(
    options: Options,
    style: str,
    source: str | None,
    since: timedelta | None,
    starred: bool,
    private: bool,
    reserved: bool,
    bom: bool,
    out: Path | None,
) -> None:
    """
    Write articles out: JSON Lines, CSV that no spreadsheet takes for formulas, or Markdown with front matter.

    What publishers wish is obeyed as it was when a page came ([fetch] respect_wishes): no more text than may be quoted
    (max-snippet), nothing after its time (unavailable_after).
    """
    if bom and style != "csv":
        raise click.UsageError(
            "a byte order mark (--bom) is for csv; readers of JSON Lines and Markdown stumble over it"
        )
    begin = now() - since if since else None
    with options.reading() as archive:
        require_source(source, archive, options.settings_if_any)
        is_for_programs = style != "markdown"
        stored_articles = archive.articles(
            since=begin,
            source=source,
            starred=True if starred else None,
            private=None if private else False,
            tdm_reserved=False if is_for_programs and not reserved else None,
            available_at=now(),
        )
        articles = map(quoted_article, stored_articles)
        if not private:
            articles = map(without_private_links, articles)
        _tell_left_out(archive, private=not private, reserved=is_for_programs and not reserved)
        if style == "markdown" and out is not None:
            out.mkdir(parents=True, exist_ok=True)
            count = 0
            for stored in articles:
                (out / file_name(stored)).write_text(render_markdown(stored), encoding="utf-8")
                count += 1
            click.echo(f"{count} articles in {out}", err=True)
            return
        with _output(out) as write:
            write("\ufeff" * bom)
            match style:
                case "csv":
                    for line in render_csv(articles):
                        write(line)
                case "markdown":
                    for stored in articles:
                        write(render_markdown(stored) + "\n")
                case _:
                    for stored in articles:
                        write(render_json(stored) + "\n")


def _tell_left_out(archive: Archive, *, private: bool, reserved: bool) -> None:
    if private and (count := archive.private_count()):
        click.echo(f"{terminal.counted(count, 'article')} {terminal.YOURS_ALONE} left out (--private)", err=True)
    if reserved and (count := archive.reserved_count()):
        click.echo(
            f"{terminal.counted(count, 'article')} reserved from text and data mining left out (--reserved)", err=True
        )
    if count := archive.withdrawn_count(now()):
        click.echo(f"{terminal.counted(count, 'article')} not to be shown any more left out", err=True)


@contextmanager
def _output(path: Path | None) -> Iterator[Callable[[str], object]]:
    if path is None:
        yield lambda text: click.echo(text, nl=False)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file.write


@click.command()
@click.option("--apply", "do_apply", is_flag=True, help="Keep what today's rules read; else it is only shown.")
@click.option("--source", metavar="NAME")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes that read.")
@wait_option
@pass_options
def reread(options: Options, do_apply: bool, source: str | None, jobs: int, wait: timedelta) -> None:
    """Read the stored captures again with today's rules, and show what changes."""
    settings = options.settings()
    selectors = {one.name: one.selectors for one in settings.sources}
    learns = {one.name: one.learn_templates for one in settings.sources}
    changed = read_count = 0
    console = terminal.stdout_console()
    with (
        writing(settings.archive.database, wait) if do_apply else options.reading() as archive,
        ReaderPool(jobs, settings.passes.reading_timeout, settings.phrases) as readers,
    ):
        require_source(source, archive, lambda: settings)
        captures = [capture for capture in archive.current_captures() if source in (None, capture.source)]

        def exchanges() -> Iterator[tuple[RawExchange, Selectors]]:
            for capture in captures:
                yield (
                    read_capture(settings.archive.warc_folder, capture.warc_file, capture.warc_offset),
                    selectors.get(capture.source or "", Selectors()),
                )

        with progress("captures") as advance:
            for capture, (exchange, article) in zip(captures, read_all(exchanges(), readers), strict=True):
                read_count += 1
                advance(read_count, len(captures), f"{changed} changed")
                stored = archive.article(capture.article_id)
                if isinstance(article, PageError) or stored is None:
                    continue
                article = complete_again(  # noqa: PLW2901 - the same article, whole
                    archive, stored, article, learn_templates=learns.get(stored.source or "", True)
                )
                changes = compare(stored, article)
                if changes:
                    changed += 1
                    console.print(
                        f"[bold]{stored.article_id}[/] {stored.article.headline or stored.article.url}", highlight=False
                    )
                    console.print(terminal.render_changes(changes))
                if do_apply:
                    archive.relabel(stored, article)
                    said = wishes_again(stored, exchange, article)
                    archive.save_limits(stored.article_id, said, limits_of(said, settings.fetch))
    click.echo(
        f"{read_count} captures read, {changed} read differently"
        + ("" if do_apply or not changed else " (--apply keeps that)"),
        err=True,
    )


@click.command()
@wait_option
@pass_options
def prune(options: Options, wait: timedelta) -> None:
    """Remove what the [retention] rules let go. Articles with a star stay."""
    settings = options.settings()
    with writing(settings.archive.database, wait) as archive:
        gone = archive.prune(settings.retention, now())
    click.echo(f"{gone.article_count} articles, {gone.capture_count} captures, {gone.request_count} requests removed")
