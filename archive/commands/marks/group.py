"""The commands below `presswatch marks`."""

from __future__ import annotations

import click

from archive.later import Later

_COMMANDS = (
    Later("export", "marks.together:export_marks", "Write all marks to standard output, a JSON object a line."),
    Later(
        "import",
        "marks.together:import_marks",
        "Add the marks of an export (- is standard input); what is here stays.",
    ),
    Later(
        "undo",
        "marks.together:undo_marks",
        "Take the latest step back, and say what it was; also one that was made in browse.",
    ),
)


@click.group(commands=_COMMANDS)
def marks() -> None:
    """All stars, tags and notes, what was read and what is followed, together."""
