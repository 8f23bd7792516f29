"""The configured sources, listed: for the reader, and as OPML for other programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click
from rich.markup import escape

from archive.commands.options import Options, now, pass_options
from archive.show import terminal
from scraper.discover.opml import render_opml
from scraper.model import LISTINGS, Source
from scraper.secrets import without_login


@click.command("list")
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
    counts = Counter(kind for kind, _ in source.listings)
    return ", ".join(terminal.counted(count, kind) for kind, count in counts.items())


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
            *LISTINGS,
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


@click.command("export")
@pass_options
def export_sources(options: Options) -> None:
    """
    The feeds of all sources as OPML, on stdout, a folder a section.

    Secrets of addresses are left out. OPML has no word for sitemaps and index pages: what is
    watched by these is named on stderr.
    """
    found = options.settings().sources
    click.echo(render_opml(found, "presswatch sources", now()))
    hidden = sum(url in {secret.shown for secret in source.secret_urls} for source in found for url in source.feeds)
    others = [source.name for source in found if len(source.listing_urls) > len(source.feeds)]
    if others:
        what = terminal.counted(len(others), "source")
        click.echo(f"{what} with a sitemap or index page, which OPML cannot name: {', '.join(others)}", err=True)
    if hidden:
        click.echo(f"{terminal.counted(hidden, 'feed')} without the secret of the address", err=True)
