"""Which pages of WARC files are taken in: the same choices for one machine and for many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from glob import glob
from pathlib import Path
from typing import Any

import click

from archive.commands.options import complete_source
from archive.commands.progress import progress
from archive.run.imports.importer import Wanted
from archive.run.imports.remote import fetch, is_address, name_of
from archive.settings import Settings
from scraper.read.file_kinds import LOOKED_AT_BYTES, PACKED, is_markup, name_list, name_other_file

_CHOICES = (
    click.option(
        "--source",
        "name",
        metavar="NAME",
        help="The source of all these pages; else each page's is found.",
        shell_complete=complete_source,
    ),
    click.option("--host", "hosts", multiple=True, metavar="HOST", help="Only pages of this host and those below it."),
    click.option("--language", "languages", multiple=True, metavar="CODE", help="Only pages in this language (de)."),
    click.option(
        "--since", type=click.DateTime(("%Y-%m-%d",)), help="Only what was served on this day (UTC) or later."
    ),
    click.option("--copy", "is_copied", is_flag=True, help="Copy raw responses; else they stay where they lie."),
    click.option("--only-articles", is_flag=True, help="Leave out, unread, what lies at addresses of lists and files."),
)


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with the options by which pages are chosen."""
    for option in reversed(_CHOICES):
        command = option(command)
    return command


def wanted_of(
    hosts: tuple[str, ...], languages: tuple[str, ...], since: datetime | None, *, only_articles: bool
) -> Wanted:
    """The choice that options make."""
    return Wanted(hosts, languages, since.replace(tzinfo=UTC) if since else None, only_articles)


def require_configured(name: str | None, settings: Settings) -> None:
    """
    Nothing, where *name* is a source of the configuration, or none is named.

    Raises:
        click.UsageError: It is not.
    """
    if name and name not in {source.name for source in settings.sources}:
        raise click.UsageError(f"no such source: {name}")


def paths_of(patterns: tuple[str, ...], fetched: Path | None = None) -> list[Path]:
    """
    The files that are named, or that a pattern names.

    Args:
        fetched: Where files of addresses come to lie; None: no address is taken.

    Raises:
        click.UsageError: There is none.
        RemoteFileError: One at an address is not to be had.
    """
    paths = []
    for pattern in patterns:
        if is_address(pattern):
            if fetched is None:
                raise click.UsageError(f"{pattern} is an address; name files (`presswatch import` takes addresses)")
            paths.append(_fetch(pattern, fetched))
            continue
        found = [pattern] if Path(pattern).exists() else sorted(glob(pattern, recursive=True))  # noqa: PTH207 - patterns may begin at the root
        files = [Path(path) for path in found if Path(path).is_file()]
        if not files:
            what = "is a folder" if Path(pattern).is_dir() else "does not exist"
            raise click.UsageError(f"{pattern} {what}; name files, or a pattern such as “folder/*.warc.gz”")
        paths += files
    for path in paths:
        _refuse_others(path)
    return paths


def _fetch(address: str, folder: Path) -> Path:
    """The file of an address, with its progress in megabytes."""
    name = name_of(address)
    sizes: set[int | None] = set()
    with progress(f"megabytes of {name}") as advance:

        def tell(done: int, size: int | None) -> None:
            sizes.add(size)
            advance(done // _MEGABYTE, size and size // _MEGABYTE, "")

        path = fetch(address, folder, on_progress=tell)
    if None in sizes:
        click.echo(f"{name}: its server named no size, so nobody can tell whether this is all of it", err=True)
    try:
        _refuse_others(path)
    except click.UsageError:
        path.unlink()  # a page that says "try later": the next import asks for the file again
        raise
    return path


_MEGABYTE = 1_000_000


def _refuse_others(path: Path) -> None:
    """
    Let pass what may hold WARC records.

    Raises:
        click.UsageError: It is something else; says what, and what takes it.
    """
    with path.open("rb") as file:
        begin = file.read(LOOKED_AT_BYTES)
    what = name_list(begin) or (is_markup(begin) and "a web page") or name_other_file(begin)
    if what and what not in PACKED:
        takes = f"; `presswatch read {path}` takes it apart" if what == "a web page" else ""
        raise click.UsageError(f"{path} is {what}, not a WARC file{takes}")
