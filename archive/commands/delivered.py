"""What became of a digest's mail, said by every command that sends some."""

from __future__ import annotations

import click

from archive.edition.publish import Delivered
from archive.show import terminal


def show_delivered(delivered: Delivered) -> None:
    """Who got a digest by mail, and what was not delivered, on stderr."""
    for reader in delivered.mailed:
        click.echo(f"mailed to {reader}", err=True)
    for problem in delivered.problems:
        click.echo(f"presswatch: {problem}", err=True)
    if delivered.left_count:
        click.echo(f"{terminal.counted(delivered.left_count, 'mail')} left for the next time", err=True)
