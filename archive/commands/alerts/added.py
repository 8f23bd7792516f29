"""Alerts added to the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from archive.commands.articles import QueryCommand, query_of
from archive.commands.options import Options, pass_options
from archive.commands.sources.added import write_whole
from archive.settings import Settings, added_alerts_file, read_settings
from archive.settings.alerts import NAME
from scraper.errors import ConfigError, Mistake
from scraper.settings.rendering import render_value


@click.command("add", cls=QueryCommand)
@click.argument("name")
@click.argument("words", nargs=-1, metavar="QUERY...")
@click.option("--title", help="What messages call it (default: its name).")
@click.option(
    "--words",
    "words_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with a word or a phrase a line; one of them must be there.",
)
@click.option("--tag", multiple=True, help="A tag for what is found, for tag: in queries (repeatable).")
@click.option("--lead", is_flag=True, help="Stories of it are first in the digest.")
@click.option("--star", is_flag=True, help="Retention keeps what is found.")
@click.option(
    "--notify", multiple=True, metavar="CHANNEL", help='Tell it at once: "mail", or a channel of [notify] (repeatable).'
)
@click.option("--print", "only_print", is_flag=True, help="Print the table and write nothing.")
@pass_options
def add_alert(
    options: Options,
    name: str,
    words: tuple[str, ...],
    title: str | None,
    words_file: Path | None,
    tag: tuple[str, ...],
    lead: bool,
    star: bool,
    notify: tuple[str, ...],
    only_print: bool,
) -> None:
    """
    Add an alert for QUERY to alerts/added.toml. Options stand before NAME or between the words; all
    other words are the query (docs/search.md).

    `presswatch alert test NAME` says what it would have found. Nothing is written that the
    configuration would not load with.
    """
    settings = options.settings()
    _check_name(settings, name)
    given = {
        "title": title,
        "query": query_of(words) if words else None,
        "words_file": str(words_file.absolute()) if words_file else None,
        "tag": list(tag),
        "lead": lead,
        "star": star,
        "notify": list(notify),
    }
    table = _table_of(name, given)
    path = added_alerts_file(settings)
    text = f"{_text_in(path).rstrip()}\n\n{table}".lstrip()
    _check(settings, name, path, text)
    click.echo(table, nl=False)
    if not only_print:
        write_whole(path, text, is_secret=False)
        click.echo(f"added to {path}", err=True)


def _check_name(settings: Settings, name: str) -> None:
    if not NAME.fullmatch(name):
        raise click.UsageError(f"{name} is no name of an alert: a-z, 0-9, - and _")
    if name in {alert.name for alert in settings.alerts}:
        raise click.UsageError(f"there is an alert of the name {name} already")


def _table_of(name: str, given: Mapping[str, object]) -> str:
    """The table of an alert in TOML, with the values that are given."""
    rows = (f"{key} = {render_value(value)}\n" for key, value in given.items() if value)
    return f"[{name}]\n{''.join(rows)}"


def _text_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeError) as error:
        raise ConfigError((Mistake(path, "", "", f"cannot be read: {error}"),)) from error


def _check(settings: Settings, name: str, path: Path, text: str) -> None:
    """Read the configuration as it would be with *text* in a file. Raises ConfigError where it has mistakes."""
    fresh = read_settings(settings.folder, environ=os.environ, instead={path: text})
    if wrong := tuple(mistake for mistake in fresh.alert_mistakes if mistake.file == path):
        raise ConfigError(wrong)
    if problem := next((one.problem for one in fresh.alerts if one.name == name), None):
        raise ConfigError((Mistake(path, name, "words_file", problem),))
