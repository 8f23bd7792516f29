"""Pages taken apart, without the archive."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from archive import view
from archive.commands.options import Options, now, pass_options, progress
from archive.export import render_article
from archive.readers import readers_of
from archive.reread import read_all
from scraper.errors import ConfigError, PageError
from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes, follow
from scraper.model import Fetched, FetchRequest, FetchSettings, Purpose, RawExchange, Redirected, Selectors
from scraper.settings import PassSettings


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="FILE|URL|- …")
@click.option(
    "--format",
    "style",
    type=click.Choice(["pieces", "text", "markdown", "json", "jsonl"]),
    default="pieces",
    show_default=True,
)
@click.option("--why", is_flag=True, help="Name the rule behind each role.")
@click.option("--all", "show_all", is_flag=True, help="Show navigation and other matter, too.")
@click.option("--url", "page_url", metavar="URL", help="The address the page in a FILE came from.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes that read.")
@pass_options
def read(
    options: Options, targets: tuple[str, ...], style: str, why: bool, show_all: bool, page_url: str | None, jobs: int
) -> None:
    """Take pages apart and show the pieces. A URL is asked for politely (robots.txt and all), and not kept."""
    failed = 0
    documents = _documents(options, targets, page_url)
    with (
        readers_of(PassSettings(reading_workers=jobs if jobs > 1 else 0)) as readers,
        progress("pages") as advance,
    ):
        for number, (_, article) in enumerate(read_all(documents, readers), 1):
            if isinstance(article, PageError):
                click.echo(f"presswatch: {article}", err=True)
                failed += 1
                continue
            match style:
                case "text":
                    click.echo(view.render_text(article))
                case "markdown":
                    click.echo(render_article(article))
                case "json":
                    click.echo(view.to_json(view.article_record(article)))
                case "jsonl":
                    click.echo(view.to_json(view.article_record(article), indent=None))
                case _:
                    view.stdout_console().print(view.render_pieces(article, show_reasons=why, show_all=show_all))
            if len(targets) > 1:
                advance(number, len(targets), "")
    if failed:
        sys.exit(1)


def _documents(
    options: Options, targets: tuple[str, ...], page_url: str | None
) -> Iterator[tuple[RawExchange, Selectors]]:
    for target in targets:
        if target.startswith(("http://", "https://")):
            yield _fetch_one(options, target), Selectors()
            continue
        try:
            body = sys.stdin.buffer.read() if target == "-" else Path(target).read_bytes()
        except OSError as error:
            raise click.FileError(target, error.strerror or str(error)) from error
        media_type = "text/plain" if target.endswith(".txt") else "text/html"
        url = page_url or (Path(target).absolute().as_uri() if target != "-" else "file:///stdin")
        headers = (("content-type", media_type),) if target.endswith(".txt") else ()
        yield RawExchange(url, now(), "GET", (), 200, "OK", "HTTP/1.1", headers, body), Selectors()


def _fetch_one(options: Options, url: str) -> RawExchange:
    try:
        fetch = options.settings().fetch
    except ConfigError:
        fetch = FetchSettings(user_agent="presswatch (one page, asked for by its reader)")

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
