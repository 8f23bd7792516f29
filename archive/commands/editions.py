"""The digest, and the archive in a browser."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import click

from archive.browse.serve import Served, browse_command
from archive.commands.options import Options, now, pass_options, wait_option, writing
from archive.commands.passes import show_delivered
from archive.edition import publish
from archive.edition.days import last_whole_day, window_of_day
from archive.edition.formats import FORMATS
from archive.show import terminal
from archive.store import Archive
from archive.store.public.view import PublicView
from scraper.setting_values import parse_duration
from scraper.settings import Settings


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The local day (default: the last whole one).")
@click.option("--since", metavar="DURATION", help="In place of a day: from so long ago until now (24h, 2d).")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(list(FORMATS)),
    help="Print it in this form and write nothing.",
)
@click.option("--mail", is_flag=True, help="Mail it to the configured readers, once for a day.")
@wait_option
@pass_options
def digest(
    options: Options, day: datetime | None, since: str | None, formats: tuple[str, ...], mail: bool, wait: timedelta
) -> None:
    """
    Build the digest of a window: its files are written, and what it told does not come back unless revised.

    The digest of a day has what skipped days left out, too. What --since writes is a preview that takes nothing from
    it, unless it is mailed. Mail that failed before is tried again. Exit code 1 where something was not delivered.
    """
    settings = options.settings()
    begin, end = _window(settings, day.date() if day else None, since)
    if mail and settings.mail is None:
        raise click.UsageError("--mail needs a [mail] table in presswatch.toml")
    if formats:
        with Archive.open(settings.archive.database, write=False) as archive:
            edition = publish.make_edition(archive, settings, begin, end, now())
        for name in formats:
            click.echo(FORMATS[name].render(edition))
        return
    with writing(settings.archive.database, wait) as archive:
        made = publish.publish(archive, settings, begin, end, now(), mail=mail)
    for path in made.files:
        click.echo(path)
    stories = len(made.edition.stories)
    click.echo(
        f"{stories} stories, {len(made.edition.items)} articles; {len(made.edition.unseen)} things could not be seen",
        err=True,
    )
    for reader in made.skipped:
        click.echo(f"{reader} has had this day's digest", err=True)
    show_delivered(made.delivered)
    delivered, has_problems = made.delivered, bool(made.problems)
    while delivered.left_count and delivered.mailed:  # the archive was given free in between
        with writing(settings.archive.database, wait) as archive:
            delivered = publish.deliver_waiting(archive, settings, now(), is_asked=True)
        show_delivered(delivered)
        has_problems |= bool(delivered.problems)
    if has_problems:
        sys.exit(1)


def _window(settings: Settings, day: date | None, since: str | None) -> tuple[datetime, datetime]:
    if since is not None:
        if day is not None:
            raise click.UsageError("--day and --since name two different windows")
        try:
            return now() - parse_duration(since), now()
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--since") from error
    window = window_of_day(day or last_whole_day(now(), settings.digest.timezone), settings.digest.timezone)
    if window[0] > now():
        raise click.BadParameter(f"{day} has not begun yet", param_hint="--day")
    return window


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8001, show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.option("--private", is_flag=True, help="Also what is yours alone: read with your subscription, or noarchive.")
@pass_options
def browse(options: Options, host: str, port: int, open_browser: bool, private: bool) -> None:
    """Browse the archive with datasette, read-only: what anybody may see of it, or with --private all of it."""
    settings = options.settings_if_any()
    database = options.database().resolve()
    served = Served(
        database,
        timezone=settings.digest.timezone if settings else "UTC",
        hosts=settings.browse.hosts if settings else (),
        digests=digest_folder(database, settings, is_named=options.archive is not None),
    )
    if private:
        # The archive is there, and of this version: said here in one line, not by datasette in many.
        with Archive.open(served.database, write=False):
            pass
    else:
        served = public_view(served)
    command = browse_command(served, host=host, port=port, open_browser=open_browser)
    os.execv(command[0], command)  # noqa: S606 - no shell: datasette takes this process over


def digest_folder(database: Path, settings: Settings | None, *, is_named: bool) -> Path | None:
    """
    Where the digests of an archive are; None where nobody says.

    *is_named*: by `--archive`. Then the configuration may be that of another archive, as where the demo's is looked at
    from the folder of one's own: digests that lie beside it go first.
    """
    beside = database.parent / "digests"
    if is_named and beside.is_dir():
        return beside
    return settings.digest.folder if settings else None


def public_view(served: Served) -> Served:
    """
    The public view in place of the archive: beside it, or, where nothing can be written there, in a folder of its own.

    Whoever may ask SQL sees every row of a file: what is the reader's alone must not be in it.
    """
    archive = served.database
    with Archive.open(archive, write=False) as opened:
        count = opened.private_count()
    view_path = archive.parent / "public" / archive.name
    is_temporary = not os.access(view_path.parent if view_path.parent.exists() else archive.parent, os.W_OK)
    if is_temporary:
        view_path = Path(mkdtemp(prefix="presswatch-public-")) / archive.name
    with PublicView.open(view_path, archive) as public:
        public.follow(now())
    if count:
        click.echo(
            f"{terminal.counted(count, 'article')} {terminal.YOURS_ALONE}: shown by headline, summary and link alone "
            "(--private shows the archive itself)",
            err=True,
        )
    return replace(served, database=view_path, archive=archive, is_temporary=is_temporary)
