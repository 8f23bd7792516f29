"""The archive for programs that speak the Model Context Protocol."""

from __future__ import annotations

import signal
import sys
from shutil import rmtree

import click

from archive import __version__
from archive.commands.options import Options, now, pass_options
from archive.commands.served.browse import make_view, require_free
from archive.show import terminal
from archive.store import Archive

_HOST, _PORT = "127.0.0.1", 8002  # beside browse


@click.command()
@click.option("--http", is_flag=True, help="Listen at http://127.0.0.1:PORT/mcp, in place of standard input.")
@click.option("--port", type=click.IntRange(1, 65_535), default=_PORT, show_default=True, help="With --http.")
@pass_options
def mcp(options: Options, http: bool, port: int) -> None:
    """
    Answer programs that speak the Model Context Protocol: search, article, story, today, sources.

    They read the public view of the archive, as browse serves it, without what is yours alone; they
    write nothing. The program starts this command itself and speaks to it by standard input and
    output; what is said to you goes to standard error. Needs the extra: pip install
    "presswatch[mcp]".
    """
    try:
        from archive.machines.server import Desk, make_server, serve_http, serve_stdio
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("archive"):
            raise
        raise click.ClickException('mcp is not there: pip install "presswatch[mcp]"') from error
    if http:
        require_free(_HOST, port)
    archive = options.database().resolve()
    settings = options.settings_if_any()
    view, is_temporary = make_view(archive)
    with Archive.open(archive, write=False) as opened:
        count = opened.private_count()
    if count:
        click.echo(f"{terminal.counted(count, 'article')} {terminal.YOURS_ALONE} left out", err=True)
    desk = Desk(view, archive, settings.digest.timezone if settings else "UTC", now)
    server = make_server(desk, __version__)
    try:
        if http:
            signal.signal(signal.SIGTERM, _end)  # uvicorn hands it on when it has ended
            click.echo(f"http://{_HOST}:{port}/mcp", err=True)
            serve_http(server, _HOST, port)
        else:
            serve_stdio(server)
    finally:
        desk.close()
        if is_temporary:
            rmtree(view.parent, ignore_errors=True)


def _end(*_: object) -> None:
    """End as at the end of what was asked, so that nothing is left behind."""
    sys.exit(0)
