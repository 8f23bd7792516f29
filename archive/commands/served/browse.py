"""The archive in a browser."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import click

from archive.browse.serve import Served, browse_command
from archive.commands.options import Options, now, pass_options
from archive.settings import Settings
from archive.show import terminal
from archive.store import Archive
from archive.store.public.view import PublicView

_PORT = 8001  # as datasette has it


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=_PORT, show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
@click.option("--private", is_flag=True, help="Also what is yours alone: read with your subscription, or noarchive.")
@pass_options
def browse(options: Options, host: str, port: int, open_browser: bool, private: bool) -> None:
    """
    Browse the archive with datasette, read-only: what anybody may see of it, or with --private all
    of it.
    """
    settings = options.settings_if_any()
    require_free(host, port)
    if folder := options.shard_folder():
        from archive.commands.imports.shards import joined

        options = joined(options, folder)
    database = options.database().resolve()
    served = Served(
        database,
        timezone=settings.digest.timezone if settings else "UTC",
        hosts=settings.browse.hosts if settings else (),
        alerts=tuple((alert.name, alert.title) for alert in settings.alerts) if settings else (),
        warc_folder=settings.archive.warc_folder if settings else None,
        digests=digest_folder(database, settings, is_named=options.archive is not None),
    )
    if private:
        # Whether the archive is there, and of this version, is said in one line here.
        with Archive.open(served.database, write=False):
            pass
    else:
        served = public_view(served)
    command = browse_command(served, host=host, port=port, open_browser=open_browser)
    os.execv(command[0], command)  # noqa: S606 - no shell: datasette takes this process over


def require_free(host: str, port: int) -> None:
    """
    Nothing, where datasette will be able to listen.

    Raises:
        click.ClickException: It will not; datasette would say so below ten lines of its own.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(f"port {port} is taken; --port names another") from error
        raise click.ClickException(f"{host}, port {port}: {error.strerror or error}") from error


def digest_folder(database: Path, settings: Settings | None, *, is_named: bool) -> Path | None:
    """
    Where the digests of an archive are; None where nobody says.

    *is_named*: by `--archive`. Then the configuration may be that of another archive, as where the
    demo's is looked at from the folder of one's own: digests that lie beside it go first.
    """
    beside = database.parent / "digests"
    if is_named and beside.is_dir():
        return beside
    return settings.digest.folder if settings else None


def public_view(served: Served) -> Served:
    """
    The public view in place of the archive: beside it, or in a folder of its own.

    The folder of its own is for an archive beside which nothing can be written.

    Whoever may ask SQL sees every row of a file: what is the reader's alone must not be in it.
    """
    archive = served.database
    view_path, is_temporary = make_view(archive)
    with Archive.open(archive, write=False) as opened:
        count = opened.private_count()
    if count:
        click.echo(
            f"{terminal.counted(count, 'article')} {terminal.YOURS_ALONE}: shown by headline, summary and link alone "
            "(--private shows the archive itself)",
            err=True,
        )
    return replace(served, database=view_path, archive=archive, is_temporary=is_temporary)


def make_view(archive: Path) -> tuple[Path, bool]:
    """The file of the public view, at the latest commit; and whether its folder is a temporary one."""
    with Archive.open(archive, write=False):
        pass  # whether it is there, and of this version, is said in one line here
    view_path = archive.parent / "public" / archive.name
    is_temporary = not os.access(view_path.parent if view_path.parent.exists() else archive.parent, os.W_OK)
    if is_temporary:
        view_path = Path(mkdtemp(prefix="presswatch-public-")) / archive.name
    with PublicView.open(view_path, archive) as public:
        public.follow(now())
    return view_path, is_temporary
