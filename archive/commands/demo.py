"""The demo."""

from __future__ import annotations

from pathlib import Path

import click

from archive.commands.options import now
from archive.demo.show import run_demo
from archive.show import terminal


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="presswatch-demo",
    show_default=True,
    help="Where the demo's archive and digest go.",
)
def demo(folder: Path) -> None:
    """
    Run everything against a built-in, invented newspaper web: two passes and a digest.

    The web is on loopback: no other is asked.
    """
    run_demo(folder, terminal.stdout_console(), now())
