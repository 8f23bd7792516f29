"""The digest, and the archive in a browser."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from archive.commands.delivered import show_delivered
from archive.commands.options import Options, now, pass_options, read_span, wait_option, writing
from archive.edition import publish
from archive.edition.days import last_whole_day, window_of_day
from archive.edition.deliver import write_files
from archive.edition.formats import FORMATS
from archive.edition.period import make_period
from archive.edition.render import render
from archive.model import Edition
from archive.run.stories import NOT_SETTLED, settle_stories
from archive.settings import Settings
from archive.show.times import render_time
from archive.store import Archive

# Nothing was written on the web before (a window reaches back from its day).
_FIRST_DAY = date(1990, 1, 1)


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The local day (default: the last whole one).")
@click.option(
    "--since",
    callback=read_span,
    metavar="DURATION",
    help="In place of a day: from so long ago until now (24h, 2d).",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="Print it in this form and write nothing.",
)
@click.option("--week", is_flag=True, help="The seven days that end with the day.")
@click.option("--month", is_flag=True, help="The thirty days that end with it.")
@click.option("--mail", is_flag=True, help="Mail it to the configured readers, once for a day.")
@wait_option
@pass_options
def digest(
    options: Options,
    day: datetime | None,
    since: timedelta | None,
    formats: tuple[str, ...],
    week: bool,
    month: bool,
    mail: bool,
    wait: timedelta,
) -> None:
    """
    Build the digest of a window: its files are written, and what it told does not come back unless
    revised.

    The digest of a day has what skipped days left out, too. What --since writes is a preview that
    takes nothing from it, unless it is mailed. Mail that failed before is tried again. Exit code 1
    where something was not delivered.

    That of a week or a month has the main stories, what alerts found, new CVEs, walls that changed,
    and what could not be seen. It is written to files and takes nothing from the others.
    """
    settings = options.settings()
    if week and month:
        raise click.UsageError("--week and --month are two digests: ask for one after the other")
    if week or month:
        if since is not None or mail:
            raise click.UsageError("--week and --month go with --day and --format alone")
        _show_period(settings, day.date() if day else None, 7 if week else 30, formats)
        return
    begin, end = _window(settings, day.date() if day else None, since)
    if mail and settings.mail is None:
        raise click.UsageError("--mail needs a [mail] table in presswatch.toml")
    if formats:
        _print(settings, begin, end, formats)
    elif not _publish(settings, begin, end, wait, mail=mail):
        sys.exit(1)


def _print(settings: Settings, begin: datetime, end: datetime, formats: tuple[str, ...]) -> None:
    with Archive.open(settings.archive.database, write=False) as archive:
        edition = publish.make_edition(archive, settings, begin, end, now())
        first_seen_at = archive.first_seen_at()
    for name in formats:
        click.echo(render(edition, name))
    _tell_why_empty(edition, first_seen_at)


def _publish(settings: Settings, begin: datetime, end: datetime, wait: timedelta, *, mail: bool) -> bool:
    """Write and send the digest of a window; whether all of it arrived."""
    with writing(settings.archive.database, wait) as archive:
        if not settle_stories(archive, end):
            click.echo(NOT_SETTLED, err=True)
        made = publish.publish(archive, settings, begin, end, now(), mail=mail)
        first_seen_at = archive.first_seen_at()
    _show(made)
    _tell_why_empty(made.edition, first_seen_at)
    has_problems = _deliver_rest(settings, made.delivered, wait)
    return not has_problems and not made.problems


def _show_period(settings: Settings, day: date | None, length: int, formats: tuple[str, ...]) -> None:
    """Write the digest of a longer time, or print it."""
    _, until = _window(settings, day, None)
    last = day or last_whole_day(now(), settings.digest.timezone)
    since, _ = window_of_day(last - timedelta(days=length - 1), settings.digest.timezone)
    with Archive.open(settings.archive.database, write=False) as archive:
        edition = make_period(archive, settings, since, until, now())
    for name in formats:
        click.echo(render(edition, name))
    if not formats:
        name = f"{last.isoformat()}-{'week' if length == 7 else 'month'}"
        for path in write_files(edition, settings.digest.folder, settings.digest.formats, name):
            click.echo(path)


def _show(made: publish.Published) -> None:
    for path in made.files:
        click.echo(path)
    edition = made.edition
    click.echo(
        f"digest of {describe_window(edition)}: {len(edition.stories)} stories, {len(edition.items)} articles; "
        f"{len(edition.unseen)} things could not be seen",
        err=True,
    )
    for reader in made.skipped:
        click.echo(f"{reader} has had this day's digest", err=True)
    show_delivered(made.delivered)


def describe_window(edition: Edition) -> str:
    """What a digest is of: the local day, or from when until when."""
    zone = ZoneInfo(edition.timezone)
    if window_of_day(edition.day.date(), edition.timezone) == (edition.since, edition.until):
        return f"{edition.day:%A, %Y-%m-%d} ({edition.timezone})"
    return f"{render_time(edition.since, zone)} to {render_time(edition.until, zone)}"


def _tell_why_empty(edition: Edition, first_seen_at: datetime | None) -> None:
    """Why a digest has nothing, and what shows something all the same."""
    if edition.stories:
        return
    if first_seen_at is None:
        click.echo("The archive has no article yet: presswatch run makes a pass.", err=True)
    elif first_seen_at >= edition.until:
        seen = render_time(first_seen_at, ZoneInfo(edition.timezone))
        click.echo(
            f"The archive begins after that day ({seen}); "
            "what has come since then: presswatch digest --since 24h --format text",
            err=True,
        )
    else:
        click.echo("Nothing came then that was not told before; look further: presswatch digest --since 24h", err=True)


def _deliver_rest(settings: Settings, delivered: publish.Delivered, wait: timedelta) -> bool:
    """Send the mails that one run left; whether any of them was not delivered."""
    has_problems = False
    while delivered.left_count and delivered.mailed:  # the archive was given free in between
        with writing(settings.archive.database, wait) as archive:
            delivered = publish.deliver_waiting(archive, settings, now(), is_asked=True)
        show_delivered(delivered)
        has_problems |= bool(delivered.problems)
    return has_problems


def _window(settings: Settings, day: date | None, since: timedelta | None) -> tuple[datetime, datetime]:
    if since is not None:
        if day is not None:
            raise click.UsageError("--day and --since name two different windows")
        return now() - since, now()
    last = last_whole_day(now(), settings.digest.timezone)
    if day is not None and day > last + timedelta(days=1):
        raise click.BadParameter(f"{day} has not begun yet", param_hint="--day")
    if day is not None and day < _FIRST_DAY:
        raise click.BadParameter(f"{day} is before there was a web", param_hint="--day")
    return window_of_day(day or last, settings.digest.timezone)
