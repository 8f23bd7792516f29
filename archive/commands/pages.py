"""Pages taken apart, without the archive."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import click

from archive.commands.options import Options, now, pass_options, progress
from archive.judge.wishes import limits_of
from archive.model import Limits
from archive.run.readers import readers_of
from archive.run.reread import read_all
from archive.show import terminal
from archive.show.article_json import render_page_json
from archive.show.export import render_article
from archive.show.pieces_page import render_pieces_page
from scraper.errors import PageError
from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.model import Article, Fetched, FetchRequest, FetchSettings, Purpose, RawExchange, Redirected, Selectors
from scraper.read.facts.wishes import find_header_wishes
from scraper.settings import PassSettings


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
    Take pages apart and show the pieces. A URL is asked for politely (robots.txt and all), and not kept.

    What cannot be read is named on stderr, and the others are read all the same.
    """
    problems: list[str] = []
    # A page can be read without a configuration, too.
    settings = options.settings_if_any()
    fetch = settings.fetch if settings else FetchSettings("presswatch (one page, asked for by its reader)")
    workers = PassSettings(reading_workers=jobs if jobs > 1 else 0)

    def complain(problem: str) -> None:
        click.echo(f"presswatch: {problem}", err=True)
        problems.append(problem)

    documents = _documents(fetch, targets, page_url, complain)
    shown: list[Article] = []
    with (
        readers_of(workers, settings.phrases if settings else ()) as readers,
        _progress(len(targets)) as advance,
    ):
        for number, (exchange, found) in enumerate(read_all(documents, readers), 1):
            if isinstance(found, PageError):
                complain(str(found))
                advance(number, len(targets), "")
                continue
            article = replace(found, wishes=(*find_header_wishes(exchange.headers), *found.wishes))
            if style == "html":
                shown.append(article)
            else:
                limits = limits_of(article.wishes, fetch)
                _show(article, style, why=why, show_all=show_all, limits=limits)
            advance(number, len(targets), "")
    if shown:
        click.echo(render_pieces_page(shown, show_reasons=why, show_all=show_all), nl=False)
    if problems:
        sys.exit(1)


def _progress(count: int) -> AbstractContextManager[Callable[[int, int | None, str], None]]:
    """A bar for many pages, where their text does not run through it."""
    if count > 1 and not sys.stdout.isatty():
        return progress("pages")
    return nullcontext(lambda *_: None)


def _show(article: Article, style: str, *, why: bool, show_all: bool, limits: Limits) -> None:
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


def _documents(
    fetch: FetchSettings, targets: tuple[str, ...], page_url: str | None, complain: Callable[[str], None]
) -> Iterator[tuple[RawExchange, Selectors]]:
    """What is there of the targets; *complain* is told of the others."""
    for target in targets:
        try:
            if target.startswith(("http://", "https://")):
                yield _fetch_one(fetch, target), Selectors()
                continue
            body = sys.stdin.buffer.read() if target == "-" else Path(target).read_bytes()
        except PageError as error:
            complain(str(error))
            continue
        except OSError as error:
            complain(f"{target}: {error.strerror or error}")
            continue
        media_type = "text/plain" if target.endswith(".txt") else "text/html"
        url = page_url or (Path(target).absolute().as_uri() if target != "-" else "file:///stdin")
        headers = (("content-type", media_type),) if target.endswith(".txt") else ()
        yield RawExchange(url, now(), "GET", (), 200, "OK", "HTTP/1.1", headers, body), Selectors()


def _fetch_one(fetch: FetchSettings, url: str) -> RawExchange:

    async def ask() -> RawExchange:
        clock = SystemClock()
        async with Client(fetch, clock=clock) as client:
            fetched = await _ask_one(url, Lanes(client, fetch, clock), fetch)
        return fetched.exchange

    return asyncio.run(ask())


async def _ask_one(url: str, lanes: Lanes, fetch: FetchSettings) -> Fetched:
    lanes.add(FetchRequest(url, Purpose.PROBE))
    async for outcome in lanes:
        if outcome.request.purpose is Purpose.ROBOTS:
            continue
        if isinstance(outcome, Fetched):
            return outcome
        if isinstance(outcome, Redirected):
            further = follow(outcome, fetch)
            if isinstance(further, FetchRequest):
                lanes.add(further)
                continue
            raise PageError(url, further.reason)
        raise PageError(url, getattr(outcome, "reason", "nothing came"))
    raise PageError(url, "nothing came")
