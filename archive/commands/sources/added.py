"""Sources added to the configuration: one found at an address, or those of an OPML list."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from archive.commands.options import Options, pass_options
from archive.run.additions import Additions, Refusal, plan_additions, sources_of_list, with_additions
from archive.run.find_source import FoundSource, find_source, stranger
from archive.settings import Settings
from archive.show import terminal
from scraper.discover.addresses import mend_url
from scraper.discover.documents import MAX_UNPACKED_BYTES
from scraper.discover.opml import OpmlList, parse_opml
from scraper.errors import ConfigError, Mistake, PageError, ParseError
from scraper.fetch.ask import opened_lanes
from scraper.model import Source
from scraper.secrets import hide_secrets
from scraper.settings.rendering import render_source
from scraper.settings.sources import SOURCE_NAME


@click.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--name", help="Its short name (default: from its domain).")
@click.option("--section", help="Under which heading of the digest it stands.")
@click.option("--schedule", help="How often it is visited: a duration (30m), or a crontab line.")
@click.option("--print", "only_print", is_flag=True, help="Print the table and write nothing.")
@pass_options
def add_source(
    options: Options,
    urls: tuple[str, ...],
    name: str | None,
    section: str | None,
    schedule: str | None,
    only_print: bool,
) -> None:
    """
    Find the feeds or sitemaps of the site at each URL, and add it to sources/added.toml.

    A URL is a home page, a section, an article or a feed. Feeds of comments are left alone, and of
    several forms of a feed (RSS, Atom) one is taken. Nothing is written that the configuration
    would not load with.
    """
    settings = options.settings()
    if name is not None:
        if len(urls) > 1:
            raise click.UsageError("--name is for one URL")
        _check_name(settings, name)
    wanted = [_mended(url) for url in urls]
    looked_up = asyncio.run(_look(settings, wanted, name))
    found = [source for url, each in looked_up if (source := _source_told(url, each)) is not None]
    sources = [replace(one, section=section or one.section, schedule=schedule or one.schedule) for one in found]
    additions = plan_additions(settings, sources, environ=os.environ)
    for refusal in additions.refusals:
        click.echo(f"{refusal.title}: {refusal.reason}", err=True)
    _add(settings, additions, only_print=only_print)
    if len(sources) < len(wanted) or not all(refusal.is_known for refusal in additions.refusals):
        sys.exit(1)


async def _look(settings: Settings, urls: Sequence[str], name: str | None) -> list[tuple[str, FoundSource]]:
    """What is found at each address, one after the other."""
    found = []
    for url in urls:
        async with opened_lanes(settings.fetch, (stranger(url),)) as lanes:
            found.append((url, await find_source(url, lanes, settings.fetch, name)))
    return found


def _source_told(url: str, found: FoundSource) -> Source | None:
    """The source that was found at an address; what was wrong on the way is told, and that there is none."""
    for problem in found.problems:
        click.echo(f"  {problem}", err=True)
    if found.source is None:
        click.echo(f"presswatch: {PageError(hide_secrets(url), 'no source could be made of it')}", err=True)
    return found.source


def _check_name(settings: Settings, name: str) -> None:
    if name in {source.name for source in settings.sources}:
        raise click.UsageError(f"there is a source of the name {name} already")
    if not SOURCE_NAME.fullmatch(name):
        raise click.UsageError(f"{name} is no name of a source: a-z, 0-9, - and _")


def _mended(url: str) -> str:
    """An address as readers type it, absolute and without its fragment."""
    try:
        has_scheme = "://" in url or url.lower().startswith("feed:")
        return mend_url(url if has_scheme else f"https://{url.removeprefix('//')}").partition("#")[0]
    except ValueError as wrong:
        raise click.UsageError(f"{hide_secrets(url)}: {wrong}") from None


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


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--print", "only_print", is_flag=True, help="Print the tables and write nothing.")
@pass_options
def import_sources(options: Options, file: Path, only_print: bool) -> None:
    """
    Add the feeds of an OPML file, disabled: look through them, then enable what you want.

    What cannot be taken, or is watched already, is named on stderr with the reason, and the others
    are added. Exit code 1 where nothing could be taken of what the file names, or the file cannot
    be read; then nothing is written.
    """
    settings = options.settings()
    outlines = _list_in(file)
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


def _list_in(file: Path) -> OpmlList:
    try:
        if file.stat().st_size > MAX_UNPACKED_BYTES:
            raise ParseError(file.name, f"the list is larger than {MAX_UNPACKED_BYTES // 1_000_000} MB")
        return parse_opml(file.read_bytes(), file.name)
    except OSError as error:
        raise ParseError(file.name, f"cannot be read: {error.strerror}") from error
