"""How far a command has come, for its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.show import terminal

Advance = Callable[[int, int | None, str], None]
"""Told how many are done, of how many where that is known, and a note."""

_LINE_EVERY = 100  # done ones: a log of a thousand pages has ten lines of it


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """A progress bar on a terminal; elsewhere a line now and then."""
    console = terminal.stderr_console()
    if not console.is_terminal:
        yield _lines(console, what)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, note="")

        def advance(done: int, known: int | None, note: str) -> None:
            bar.update(task, completed=done, total=known, note=note)

        yield advance


def _lines(console: Console, what: str) -> Advance:
    said = 0

    def say(done: int, known: int | None, note: str) -> None:
        nonlocal said
        if done >= said + _LINE_EVERY:
            said = done
            console.print(f"{done}{f' of {known}' if known else ''} {what}, {note}" if note else f"{done} {what}")

    return say
