"""The publications that are watched."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from archive import view
from archive.commands.options import Options, now, pass_options
from archive.commands.passes import visit
from archive.find_source import FoundSource, find_source, slug
from archive.store import Archive
from scraper.discover.opml import parse_opml, render_opml
from scraper.errors import PageError
from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes
from scraper.model import Source
from scraper.settings import Settings, render_source


@click.group()
def sources() -> None:
    """The publications that are watched."""


@sources.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_options
def list_sources(options: Options, as_json: bool) -> None:
    """Every configured source, and what is known of its access."""
    settings = options.settings()
    if as_json:
        click.echo(view.to_json([_source_record(source) for source in settings.sources]))
        return
    console = view.stdout_console()
    for source in settings.sources:
        style = "" if source.enabled else "dim"
        console.print(
            f"{'●' if source.enabled else '○'} [bold]{source.name}[/]  {source.title}  [dim]every {source.schedule}[/]",
            style=style,
        )
        if source.access_note:
            console.print(f"    {source.access_note}", style="dim", markup=False)


def _source_record(source: Source) -> dict[str, Any]:
    return {
        name: getattr(source, name)
        for name in (
            "name",
            "title",
            "home_url",
            "feeds",
            "sitemaps",
            "index_pages",
            "language",
            "section",
            "schedule",
            "enabled",
            "access_note",
            "access_checked",
        )
    }


@sources.command("check")
@click.argument("names", nargs=-1)
@pass_options
def check_sources(options: Options, names: tuple[str, ...]) -> None:
    """Ask every feed, sitemap and index page once, and say what came; nothing is kept."""
    settings = options.settings()
    by_name = {source.name: source for source in settings.sources}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise click.UsageError(f"no such source: {', '.join(unknown)}")
    chosen = [by_name[name] for name in names] or [source for source in settings.sources if source.enabled]
    with Archive.open(":memory:", write=True) as archive:
        quiet = replace(settings, passes=replace(settings.passes, articles_per_source=0, reading_workers=0))
        result = visit(archive, quiet, chosen)
        rows = archive.source_health(now())
    view.stdout_console().print(view.render_health([row for row in rows if row.checked_at], settings.digest.timezone))
    for problem in result.problems:
        click.echo(f"  ! {problem}", err=True)
    if result.problems:
        sys.exit(1)


@sources.command("add")
@click.argument("url")
@click.option("--name", help="Its short name (default: from its domain).")
@click.option("--print", "only_print", is_flag=True, help="Print the table and write nothing.")
@pass_options
def add_source(options: Options, url: str, name: str | None, only_print: bool) -> None:
    """Find the feeds or sitemaps of the site at URL, and add it to sources/added.toml."""
    settings = options.settings()
    if not url.startswith(("http://", "https://")):
        url = f"https://{url}"

    async def look() -> FoundSource:
        clock = SystemClock()
        async with Client(settings.fetch, clock=clock) as client:
            return await find_source(url, Lanes(client, settings.fetch, clock), settings.fetch, name)

    found = asyncio.run(look())
    for problem in found.problems:
        click.echo(f"  {problem}", err=True)
    if found.source is None:
        raise PageError(url, "no source could be made of it")
    _add_sources(settings, [found.source], only_print=only_print)


def _add_sources(settings: Settings, new: Iterable[Source], *, only_print: bool = False) -> None:
    """Append to sources/added.toml: a name that is taken gets a number, what is watched is passed over."""
    taken = {source.name for source in settings.sources}
    watched = {url for source in settings.sources for url in (*source.feeds, *source.sitemaps, *source.index_pages)}
    texts = []
    for source in new:
        listings = (*source.feeds, *source.sitemaps, *source.index_pages)
        if watched & set(listings):
            click.echo(f"{source.title} is watched already", err=True)
            continue
        name, number = source.name, 2
        while name in taken:
            name, number = f"{source.name}-{number}", number + 1
        taken.add(name)
        watched.update(listings)
        texts.append(render_source(replace(source, name=name)))
    if not texts:
        return
    click.echo("\n".join(texts))
    if only_print:
        return
    path = settings.folder / "sources" / "added.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"\n{text}" for text in texts))
    click.echo(f"added to {path}", err=True)


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@pass_options
def import_sources(options: Options, file: Path) -> None:
    """Add the feeds of an OPML file, disabled: look through them, then enable what you want."""
    settings = options.settings()
    outlines = parse_opml(file.read_bytes(), file.name)
    _add_sources(
        settings,
        [
            Source(
                name=slug(outline.title)[:40],
                title=outline.title,
                home_url=outline.home_url or outline.feed_url,
                feeds=(outline.feed_url,),
                section=outline.section,
                enabled=False,
            )
            for outline in outlines
        ],
    )


@sources.command("export")
@pass_options
def export_sources(options: Options) -> None:
    """The feeds of all sources as OPML, on stdout."""
    click.echo(render_opml(options.settings().sources, "presswatch sources", now()))
