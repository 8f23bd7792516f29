"""What became of a digest's mail, and of alerts, said by every command that sends some."""

from __future__ import annotations

import click

from archive.edition.publish import Delivered
from archive.run.alerts.outbox import Sent
from archive.show import terminal


def show_delivered(delivered: Delivered) -> None:
    """Who got a digest by mail, and what was not delivered, on stderr."""
    for reader in delivered.mailed:
        click.echo(f"mailed to {reader}", err=True)
    for problem in delivered.problems:
        click.echo(f"presswatch: {problem}", err=True)
    if delivered.left_count:
        click.echo(f"{terminal.counted(delivered.left_count, 'mail')} left for the next time", err=True)


def show_told(sent: Sent) -> None:
    """What alerts were told, and what was not, on stderr."""
    for name, headline in sent.told:
        click.echo(f"alert {name}: {headline}", err=True)
    for problem in sent.problems:
        click.echo(f"presswatch: {problem}", err=True)
