"""What all commands share: the options of the whole program, the archive they open, the clock."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from scraper.errors import ArchiveLockedError, ConfigError
from scraper.settings.values import check_positive_duration, did_you_mean, parse_duration, render_duration

if TYPE_CHECKING:
    from archive.run.fleet.shelf import Shelf
    from archive.settings import Settings
    from archive.store import Archive

# What writes for a moment waits so long for what writes for longer.
LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the whole program."""

    config: str | None
    archive: Path | None

    def config_folder(self) -> Path:
        """Where the configuration is, or is to be."""
        from archive.settings import config_folder

        return config_folder(self.config, os.environ, Path.cwd())

    def settings(self) -> Settings:
        """The configuration; `--archive` goes before what it says."""
        from archive.settings import read_settings

        settings = read_settings(self.config_folder(), environ=os.environ)
        if self.archive is None:
            return settings
        database = self.archive.absolute()
        places = replace(settings.archive, database=database, warc_folder=database.parent / "warc")
        return replace(settings, archive=places)

    def settings_if_any(self) -> Settings | None:
        """The configuration; None where there is none. Mistakes are told, not passed over."""
        return self.settings() if (self.config_folder() / "presswatch.toml").is_file() else None

    def reading(self) -> Archive:
        """The archive, to read in."""
        from archive.store import Archive

        return Archive.open(self.database(), write=False)

    def looking(self) -> Archive | Shelf:
        """The archive, to read in; or the shards of the folder that `--archive` names, as they are."""
        if (folder := self.shard_folder()) is None:
            return self.reading()
        from archive.run.fleet.shelf import Shelf

        return Shelf(folder)

    def shard_folder(self) -> Path | None:
        """The folder that `--archive` names; None where it names a file, or is not given."""
        return self.archive if self.archive is not None and self.archive.is_dir() else None

    def writing(self, wait: timedelta = LONGEST_WAIT) -> Archive:
        """The archive, to write in. Another writer is waited for, with a word on stderr."""
        return writing(self.database(), wait)

    def database(self) -> Path:
        """Where the archive is. With `--archive` no configuration is needed."""
        return self.archive.absolute() if self.archive is not None else self.settings().archive.database

    def timezone(self) -> str:
        """The reader's time zone; UTC where there is no configuration."""
        try:
            return self.settings().digest.timezone
        except ConfigError:
            return "UTC"


_LONGEST_SPAN = timedelta(days=36_500)  # a hundred years: no article on the web is older


def tell_alert_mistakes(settings: Settings) -> bool:
    """Say what is wrong with alerts, on stderr, and whether there was anything: nothing stops for it."""
    for mistake in settings.alert_mistakes:
        click.echo(f"presswatch: {mistake}", err=True)
    return bool(settings.alert_mistakes)


def read_span(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    """How far back an option reaches."""
    if value is None:
        return None
    try:
        span: timedelta = check_positive_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if span > _LONGEST_SPAN:
        raise click.BadParameter("expected a duration of less than a hundred years")
    return span


def complete_source(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The configured sources that a shell may complete a word to, with their titles; none where it does not load."""
    given = context.find_root().params
    try:
        found = Options(given.get("config"), given.get("archive")).settings().sources
    except ConfigError:
        return []
    return [CompletionItem(source.name, help=source.title) for source in found if source.name.startswith(typed)]


def require_source(name: str | None, archive: Archive | Shelf, settings: Callable[[], Settings | None]) -> None:
    """
    Nothing, where *name* is a source of the archive or of the configuration.

    Raises:
        click.UsageError: It is not. An export of nothing would look like a source without news.
    """
    if name is None or name in archive.source_names():
        return
    found = settings()
    known = {*archive.source_names(), *(source.name for source in (found.sources if found else ()))}
    if name not in known:
        raise click.UsageError(f"no such source: {name}{did_you_mean(name, sorted(known))}")


def writing(database: Path, wait: timedelta = LONGEST_WAIT) -> Archive:
    """An archive to write in, as soon as nobody else does."""

    def say(error: ArchiveLockedError) -> None:
        click.echo(f"{error} (waiting up to {render_duration(wait)})", err=True)

    from archive.store import Archive

    return Archive.open(database, write=True, wait=wait, on_wait=say)


def read_duration(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    """A length of time, as the configuration has them, from an option."""
    try:
        return parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


wait_option = click.option(
    "--wait",
    callback=read_duration,
    default=render_duration(LONGEST_WAIT),
    show_default=True,
    metavar="DURATION",
    help="How long to wait for another process that writes to the archive, as a pass does.",
)

no_stories_option = click.option(
    "--no-stories", is_flag=True, help="Put articles into no stories: that takes longer than deciding on them."
)

pass_options = click.make_pass_decorator(Options)


def now() -> datetime:
    """The time, aware and UTC."""
    return datetime.now(UTC)
