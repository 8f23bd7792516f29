"""Articles out: JSON Lines, CSV, Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from archive.commands.options import Options, complete_source, now, pass_options, read_span, require_source
from archive.judge.wishes import quoted_article, without_private_links
from archive.model import StoredArticle
from archive.show import terminal
from archive.show.article_json import render_json
from archive.show.export import file_name, render_csv, render_markdown
from archive.store import Archive

if TYPE_CHECKING:
    from archive.run.fleet.shelf import Shelf


@click.command()
@click.option("--format", "style", type=click.Choice(["jsonl", "csv", "markdown"]), default="jsonl", show_default=True)
@click.option("--source", metavar="NAME", shell_complete=complete_source)
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
    Write articles out: JSON Lines, CSV that no spreadsheet takes for formulas, or Markdown with
    front matter.

    What publishers wish is obeyed as it was when a page came ([fetch] respect_wishes): no more text
    than may be quoted (max-snippet), nothing after its time (unavailable_after).
    """
    if bom and style != "csv":
        raise click.UsageError(
            "a byte order mark (--bom) is for csv; readers of JSON Lines and Markdown stumble over it"
        )
    # Markdown is for people: what is reserved from text and data mining is not reserved from them.
    choice = _Choice(source, now() - since if since else None, starred, private, reserved or style == "markdown")
    with options.looking() as archive:
        require_source(source, archive, options.settings_if_any)
        articles = _chosen(archive, choice)
        _tell_left_out(archive, private=not choice.private, reserved=not choice.reserved)
        if style == "markdown" and out is not None:
            _write_files(articles, out)
            return
        with _output(out) as write:
            write("\ufeff" * bom)
            for text in _texts(articles, style):
                write(text)


class _Choice(NamedTuple):
    """Which articles are written out; *private* and *reserved*: those as well."""

    source: str | None
    since: datetime | None
    starred: bool
    private: bool
    reserved: bool


def _chosen(archive: Archive | Shelf, choice: _Choice) -> Iterator[StoredArticle]:
    stored = archive.articles(
        since=choice.since,
        source=choice.source,
        starred=True if choice.starred else None,
        private=None if choice.private else False,
        tdm_reserved=None if choice.reserved else False,
        available_at=now(),
    )
    articles = map(quoted_article, stored)
    return articles if choice.private else map(without_private_links, articles)


def _texts(articles: Iterable[StoredArticle], style: str) -> Iterator[str]:
    match style:
        case "csv":
            yield from render_csv(articles)
        case "markdown":
            yield from (render_markdown(stored) + "\n" for stored in articles)
        case _:
            yield from (render_json(stored) + "\n" for stored in articles)


def _write_files(articles: Iterable[StoredArticle], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for stored in articles:
        (folder / file_name(stored)).write_text(render_markdown(stored), encoding="utf-8")
        count += 1
    click.echo(f"{count} articles in {folder}", err=True)


def _tell_left_out(archive: Archive | Shelf, *, private: bool, reserved: bool) -> None:
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
