"""Sources of the configuration, changed where they stand: switched on and off, edited, taken out."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from archive.commands.options import Options, complete_source, pass_options
from archive.commands.sources.added import write_whole
from archive.settings import Settings, config_files, read_settings
from scraper.errors import ConfigError, Mistake
from scraper.settings.rendering import render_value
from scraper.settings.tables import table_of, with_table, with_values
from scraper.settings.values import did_you_mean

_names = click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_source)


@click.command("enable")
@_names
@pass_options
def enable_sources(options: Options, names: tuple[str, ...]) -> None:
    """Watch sources: they are visited from the next pass on."""
    _switch(options, names, is_on=True)


@click.command("disable")
@_names
@pass_options
def disable_sources(options: Options, names: tuple[str, ...]) -> None:
    """Watch sources no more. What came of them stays in the archive."""
    _switch(options, names, is_on=False)


def _switch(options: Options, names: tuple[str, ...], *, is_on: bool) -> None:
    settings = options.settings()
    word = "enabled" if is_on else "disabled"
    before = {source.name for source in settings.sources if source.enabled == is_on}
    wanted = [name for name in _known(settings, names) if name not in before]
    _change(settings, wanted, lambda text, name: with_values(text, name, {"enabled": render_value(is_on)}))
    for name in names:
        click.echo(f"{name}: {'is' if name in before else 'now'} {word}", err=True)


@click.command("remove")
@_names
@pass_options
def remove_sources(options: Options, names: tuple[str, ...]) -> None:
    """Take sources out of the configuration. What came of them stays in the archive."""
    settings = options.settings()
    _change(settings, _known(settings, names), lambda text, name: with_table(text, name, ""))
    for name in dict.fromkeys(names):
        click.echo(f"{name}: removed", err=True)


@click.command("edit")
@click.argument("name", metavar="NAME", shell_complete=complete_source)
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="Set this, and open no editor (repeatable).")
@pass_options
def edit_source(options: Options, name: str, given: tuple[str, ...]) -> None:
    """
    Edit the table of a source in $EDITOR, or set single values. Nothing is written that the
    configuration would not load with.
    """
    settings = options.settings()
    _known(settings, (name,))
    if given:
        values = dict(map(_assignment, given))
        _change(settings, [name], lambda text, name: with_values(text, name, values))
        click.echo(f"{name}: changed", err=True)
        return
    text = _file_of(settings, name)[1]
    before = table_of(text, name)
    try:
        after = click.edit(before, extension=".toml")
    except ValueError as error:
        raise click.UsageError(f"$EDITOR cannot be called: {error}") from error
    if after is None or after == before:
        click.echo(f"{name}: nothing changed", err=True)
        return
    _change(settings, [name], lambda text, name: with_table(text, name, after))
    click.echo(f"{name}: changed", err=True)


def _assignment(given: str) -> tuple[str, str]:
    """
    A key, and its value in TOML: a word that is none is taken for a text.

    >>> _assignment("schedule=2h"), _assignment("enabled=true"), _assignment('feeds=["https://a.example/"]')
    (('schedule', '"2h"'), ('enabled', 'true'), ('feeds', '["https://a.example/"]'))
    """
    key, equals, value = given.partition("=")
    if not equals or not key.strip().isidentifier():
        raise click.UsageError(f"{given}: expected KEY=VALUE, as schedule=2h")
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        value = render_value(value)
    return key.strip(), value


def _known(settings: Settings, names: Iterable[str]) -> list[str]:
    known = sorted(source.name for source in settings.sources)
    for name in names:
        if name not in known:
            raise click.UsageError(f"no such source: {name}{did_you_mean(name, known)}")
    return list(dict.fromkeys(names))


def _file_of(settings: Settings, name: str) -> tuple[Path, str]:
    """The file that has the table of a source, and what it says."""
    for path in config_files(settings.folder, settings.archive.root):
        if path.parent.name == "sources" and path.is_file():
            text = path.read_text(encoding="utf-8-sig")
            if name in tomllib.loads(text):
                return path, text
    raise ConfigError((Mistake(settings.folder, name, "", "no file has this table"),))


def _change(settings: Settings, names: Iterable[str], change: Callable[[str, str], str]) -> None:
    """
    Write the files of sources as *change* has them, all or none.

    Raises:
        ConfigError: The configuration would not load with it; says what is wrong.
    """
    texts: dict[Path, str] = {}
    for name in names:
        path, text = _file_of(settings, name)
        try:
            texts[path] = change(texts.get(path, text), name)
        except ValueError as error:
            raise ConfigError((Mistake(path, name, "", f"{error}; edit the file by hand"),)) from error
    try:
        read_settings(settings.folder, environ=os.environ, instead=texts)
    except ConfigError as error:
        why = Mistake(settings.folder, "", "", "nothing was written, since the configuration would not load any more:")
        raise ConfigError((why, *error.mistakes)) from error
    for path, text in texts.items():
        write_whole(path, text, is_secret=False)
