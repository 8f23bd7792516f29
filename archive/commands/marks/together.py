"""All marks together: out, in, and the latest step back."""

from __future__ import annotations

from typing import TextIO

import click

from archive.commands.marks.put import state_of
from archive.commands.options import Options, pass_options
from archive.show import terminal
from scraper.text import squash

_SHOWN = 60  # characters of a note in a line


@click.command("export")
@pass_options
def export_marks(options: Options) -> None:
    """Write all marks to standard output, a JSON object a line."""
    with state_of(options) as state:
        for line in state.export():
            click.echo(line)


@click.command("import")
@click.argument("file", type=click.File(encoding="utf-8", errors="strict"))
@pass_options
def import_marks(options: Options, file: TextIO) -> None:
    """Add the marks of an export (- is standard input); what is here stays."""
    try:
        lines = file.read().split("\n")  # a note may have other ends of lines
    except UnicodeDecodeError as error:
        raise click.UsageError("this is no export of marks: it is not in UTF-8") from error
    with state_of(options) as state:
        count = state.take_in(lines)
    click.echo(f"{terminal.counted(count, 'mark')} added", err=True)


@click.command("undo")
@pass_options
def undo_marks(options: Options) -> None:
    """Take the latest step back, and say what it was; also one that was made in browse."""
    with state_of(options) as state:
        step = state.undo()
    if step is None:
        click.echo("there is nothing to take back", err=True)
        return
    for what, of_step in (("gone", step.added), ("back", step.removed)):
        for mark in of_step:
            words = squash(f"{mark.kind.value} {mark.value}")
            click.echo(f"{what}: {words[:_SHOWN]}  {mark.url_key}")
