"""The publications that are watched."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import click
from rich.markup import escape

from archive.commands.options import Options, now, pass_options
from archive.commands.passes import visit
from archive.run.additions import Additions, Refusal, plan_additions, sources_of_list, with_additions
from archive.run.find_source import FoundSource, find_source, stranger
from archive.show import terminal
from archive.store import Archive
from scraper.discover.addresses import mend_url
from scraper.discover.documents import MAX_UNPACKED_BYTES
from scraper.discover.opml import parse_opml, render_opml
from scraper.errors import ConfigError, Mistake, PageError, ParseError
from scraper.fetch.client import Client
from scraper.fetch.clock import SystemClock
from scraper.fetch.lanes import Lanes
from scraper.model import Source
from scraper.secrets import hide_secrets, without_login
from scraper.settings import SOURCE_NAME, Settings, render_source


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
        click.echo(terminal.to_json([_source_record(source) for source in settings.sources]))
        return
    console = terminal.stdout_console()
    for source in settings.sources:
        console.print(
            f"{'●' if source.enabled else '○'} [bold]{source.name}[/]  {escape(source.title)}  "
            f"[dim]every {source.schedule}, {escape(_listings_in_words(source))}[/]",
            style="" if source.enabled else "dim",
        )
        for line in (_ways_in_words(source), source.access_note):
            if line:
                console.print(f"    {line}", style="dim", markup=False)


def _listings_in_words(source: Source) -> str:
    counts = (
        (len(source.feeds), "feed"),
        (len(source.sitemaps), "sitemap"),
        (len(source.index_pages), "index page"),
    )
    return ", ".join(terminal.counted(count, noun) for count, noun in counts if count)


def _ways_in_words(source: Source) -> str:
    """What a source's site is sent besides, and how; never a secret."""
    ways = (
        f"headers {', '.join(name for name, _ in source.headers)}" if source.headers else "",
        f"logs in as {source.auth_user}, password in ${source.auth_password_env}" if source.auth_user else "",
        f"token in ${source.token_env}" if source.token_env else "",
        "a secret in its address" if source.secret_urls else "",
        f"cookies of {source.cookies_file}" if source.cookies_file else "",
        ("no proxy" if source.proxy == "none" else f"by {without_login(source.proxy)}") if source.proxy else "",
        f"certificates of {source.ca_bundle}" if source.ca_bundle else "",
    )
    return "; ".join(filter(None, ways))


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
            "auth_user",
            "auth_password_env",
            "token_env",
        )
    } | {"headers": [name for name, _ in source.headers], "proxy": source.proxy and without_login(source.proxy)}


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
    terminal.stdout_console().print(
        terminal.render_health([row for row in rows if row.checked_at], settings.digest.timezone)
    )
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
    """
    Find the feeds or sitemaps of the site at URL, and add it to sources/added.toml.

    URL is a home page, a section, an article or a feed. Feeds of comments are left alone, and of several forms of a
    feed (RSS, Atom) one is taken. Nothing is written that the configuration would not load with.
    """
    settings = options.settings()
    if name is not None:
        if name in {source.name for source in settings.sources}:
            raise click.UsageError(f"there is a source of the name {name} already")
        if not SOURCE_NAME.fullmatch(name):
            raise click.UsageError(f"{name} is no name of a source: a-z, 0-9, - and _")
    try:
        has_scheme = "://" in url or url.lower().startswith("feed:")
        url = mend_url(url if has_scheme else f"https://{url.removeprefix('//')}").partition("#")[0]
    except ValueError as wrong:
        raise click.UsageError(f"{hide_secrets(url)}: {wrong}") from None

    async def look() -> FoundSource:
        clock = SystemClock()
        async with Client(settings.fetch, clock=clock, sources=(stranger(url),)) as client:
            return await find_source(url, Lanes(client, settings.fetch, clock), settings.fetch, name)

    found = asyncio.run(look())
    for problem in found.problems:
        click.echo(f"  {problem}", err=True)
    if found.source is None:
        raise PageError(hide_secrets(url), "no source could be made of it")
    additions = plan_additions(settings, [found.source], environ=os.environ)
    for refusal in additions.refusals:
        click.echo(f"{refusal.title}: {refusal.reason}", err=True)
    _add(settings, additions, only_print=only_print)
    if not all(refusal.is_known for refusal in additions.refusals):
        sys.exit(1)


def _add(settings: Settings, additions: Additions, *, only_print: bool = False) -> None:
    """Print the new tables, without the secrets of their addresses, and write them."""
    if not additions.sources:
        return
    click.echo("\n".join(map(render_source, additions.sources)))
    if not only_print:
        path, text = with_additions(settings, additions, environ=os.environ)
        write_whole(path, text, is_secret=any(source.secret_urls for source in additions.sources))
        click.echo(f"added to {path}", err=True)


def write_whole(path: Path, text: str, *, is_secret: bool) -> None:
    """
    Write a file of the configuration, whole or not at all. *is_secret*: for its owner alone.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as written:
            written.write(text)
        Path(written.name).chmod(mode & 0o600 if is_secret else mode)
        Path(written.name).replace(path)
    except OSError as error:
        raise ConfigError((Mistake(path, "", "", f"cannot be written: {error.strerror}"),)) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@sources.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--print", "only_print", is_flag=True, help="Print the tables and write nothing.")
@pass_options
def import_sources(options: Options, file: Path, only_print: bool) -> None:
    """
    Add the feeds of an OPML file, disabled: look through them, then enable what you want.

    What cannot be taken, or is watched already, is named on stderr with the reason, and the others are added. Exit code
    1 where nothing could be taken of what the file names, or the file cannot be read; then nothing is written.
    """
    settings = options.settings()
    try:
        if file.stat().st_size > MAX_UNPACKED_BYTES:
            raise ParseError(file.name, f"the list is larger than {MAX_UNPACKED_BYTES // 1_000_000} MB")
        outlines = parse_opml(file.read_bytes(), file.name)
    except OSError as error:
        raise ParseError(file.name, f"cannot be read: {error.strerror}") from error
    additions = plan_additions(settings, sources_of_list(outlines.outlines), environ=os.environ)
    refusals = [Refusal(refusal.title, refusal.reason) for refusal in outlines.refusals]
    refusals += additions.refusals
    for refusal in refusals:
        click.echo(f"  {refusal.title}: {refusal.reason}", err=True)
    _add(settings, additions, only_print=only_print)
    feeds = sum(len(source.feeds) for source in additions.sources)
    click.echo(
        f"{terminal.counted(feeds, 'feed')} {'to add' if only_print else 'added'}, disabled; "
        f"{len(refusals)} passed over",
        err=True,
    )
    has_known = any(refusal.is_known for refusal in refusals)
    if refusals and not additions.sources and not has_known:
        sys.exit(1)


@sources.command("export")
@pass_options
def export_sources(options: Options) -> None:
    """The feeds of all sources as OPML, on stdout. Passwords and tokens of addresses are left out."""
    found = options.settings().sources
    click.echo(render_opml(found, "presswatch sources", now()))
    hidden = sum(url in {secret.shown for secret in source.secret_urls} for source in found for url in source.feeds)
    if hidden:
        click.echo(f"{terminal.counted(hidden, 'feed')} without the secret of the address", err=True)
