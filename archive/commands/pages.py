"""Pages taken apart, without the archive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.options import Options, now, pass_options
from archive.judge.wishes import limits_of
from archive.model import Limits
from archive.run.readers import Readers, document_of, read_all, readers_of
from archive.settings import PassSettings
from scraper.errors import PageError
from scraper.model import Article, Fetched, FetchRequest, FetchSettings, Outcome, Purpose, RawExchange
from scraper.read.document import Document
from scraper.read.facts.wishes import find_header_wishes
from scraper.read.file_kinds import name_list

if TYPE_CHECKING:
    from archive.commands.progress import Advance


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="FILE|URL|- …")
@click.option(
    "--format",
    "style",
    type=click.Choice(["pieces", "text", "markdown", "json", "jsonl", "html"]),
    default="pieces",
    show_default=True,
    help="html: the pages with their roles as coloured bands, one document to look at.",
)
@click.option("--why", is_flag=True, help="Name the rule behind each role (pieces, html).")
@click.option("--all", "show_all", is_flag=True, help="Show navigation and other matter, too (pieces, html).")
@click.option("--url", "page_url", metavar="URL", help="The address the page in a FILE came from.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that read.")
@pass_options
def read(
    options: Options, targets: tuple[str, ...], style: str, why: bool, show_all: bool, page_url: str | None, jobs: int
) -> None:
    """
    Take pages apart and show the pieces. A URL is asked for politely (robots.txt and all), and not
    kept.

    What cannot be read is named on stderr, and the others are read all the same.
    """
    settings = options.settings_if_any()  # a page can be read without a configuration, too
    fetch = settings.fetch if settings else FetchSettings("presswatch (one page, asked for by its reader)")
    workers = PassSettings(reading_workers=jobs if jobs > 1 else 0)
    shown: list[Article] = []
    with readers_of(workers, settings.phrases if settings else ()) as readers, _progress(len(targets)) as advance:
        pages = _Pages(fetch, page_url)
        for number, article in enumerate(pages.read(targets, readers), 1):
            if article is not None and style == "html":
                shown.append(article)
            elif article is not None:
                _show(article, style, why=why, show_all=show_all, limits=limits_of(article.wishes, fetch))
            advance(number, len(targets), "")
    if shown:
        from archive.show.pieces_page import render_pieces_page

        click.echo(render_pieces_page(shown, show_reasons=why, show_all=show_all), nl=False)
    if pages.has_problems:
        sys.exit(1)


def _progress(count: int) -> AbstractContextManager[Advance]:
    """A bar for many pages, where their text does not run through it."""
    if count > 1 and not sys.stdout.isatty():
        from archive.commands.progress import progress

        return progress("pages")
    return nullcontext(lambda *_: None)


def _show(article: Article, style: str, *, why: bool, show_all: bool, limits: Limits) -> None:
    from archive.show import terminal
    from archive.show.article_json import render_page_json
    from archive.show.export import render_article

    match style:
        case "text":
            click.echo(terminal.render_text(article))
        case "markdown":
            click.echo(render_article(article))
        case "json":
            click.echo(render_page_json(article, indent=2))
        case "jsonl":
            click.echo(render_page_json(article))
        case _:
            terminal.stdout_console().print(
                terminal.render_pieces(article, show_reasons=why, show_all=show_all, limits=limits)
            )


class _Pages:
    """The pages of targets, read one after the other. What cannot be read is named on stderr."""

    def __init__(self, fetch: FetchSettings, page_url: str | None) -> None:
        self._fetch = fetch
        self._page_url = page_url
        self.has_problems = False

    def read(self, targets: tuple[str, ...], readers: Readers) -> Iterator[Article | None]:
        """The article of each page that there is; None where it cannot be read."""
        for exchange, found in read_all(self._documents(targets), readers.submit):
            if isinstance(found, PageError):
                self._complain(str(found))
                yield None
            else:
                yield replace(found, wishes=(*find_header_wishes(exchange.headers), *found.wishes))

    def _complain(self, problem: str) -> None:
        click.echo(f"presswatch: {problem}", err=True)
        self.has_problems = True

    def _documents(self, targets: tuple[str, ...]) -> Iterator[tuple[RawExchange, Document]]:
        for target in targets:
            try:
                exchange = self._exchange(target)
                _refuse_lists(exchange)
            except PageError as error:
                self._complain(str(error))
            except OSError as error:
                self._complain(f"{target}: {error.strerror or error}")
            else:
                yield exchange, document_of(exchange)

    def _exchange(self, target: str) -> RawExchange:
        if target.startswith(("http://", "https://")):
            return _fetched(self._fetch, target)
        is_stdin = target == "-"
        body = sys.stdin.buffer.read() if is_stdin else Path(target).read_bytes()
        url = self._page_url or ("file:///stdin" if is_stdin else Path(target).absolute().as_uri())
        headers = (("content-type", "text/plain"),) if target.endswith(".txt") else ()
        return RawExchange(url, now(), "GET", (), 200, "OK", "HTTP/1.1", headers, body)


def _refuse_lists(exchange: RawExchange) -> None:
    """
    Let pages pass.

    Raises:
        PageError: It names pages, for programs; says what takes it.
    """
    if what := name_list(exchange.body):
        command = "sources import" if "OPML" in what else "sources add"
        raise PageError(exchange.url, f"this is {what}, not a web page; `presswatch {command}` takes it")


def _fetched(fetch: FetchSettings, url: str) -> RawExchange:
    """
    What comes from an address.

    Raises:
        PageError: Nothing that can be read.
    """
    import asyncio

    from scraper.fetch.ask import ask, opened_lanes

    async def look() -> Outcome:
        async with opened_lanes(fetch) as lanes:
            return await ask(FetchRequest(url, Purpose.PROBE), lanes, fetch)

    outcome = asyncio.run(look())
    if isinstance(outcome, Fetched):
        return outcome.exchange
    raise PageError(url, getattr(outcome, "reason", "nothing came"))
