"""Write what the documentation takes from the program: docs/cli.md, and the tables in docs/archive.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from archive.cli import cli
from archive.commands.later import Later
from archive.store.schema.migrations import scripts

DOCS = Path(__file__).parent
_COLUMN = re.compile(r"^    ([a-z_]+) (?:TEXT|INTEGER|REAL)\b[^-]*(?:-- (.*))?$")
_ADDED = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN (\w+) [^-;]*;(?: +-- (.*))?$", re.MULTILINE)


def render_cli() -> str:
    """The help of every command."""
    parts = ["# Commands\n\nWhat `--help` says. Made by `make docs`.\n"]
    for path, command in _commands(cli, ("presswatch",)):
        context = click.Context(command, info_name=" ".join(path), max_content_width=100, terminal_width=100)
        parts.append(f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    command = command.load() if isinstance(command, Later) else command
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _commands(child, (*path, name))


def render_tables() -> str:
    """Every table of the archive with its columns, from the schema."""
    schema = "\n".join(scripts())
    tables: dict[str, list[str]] = {}
    for name, body in re.findall(r"^CREATE TABLE (\w+) \([^\n]*\n(.*?)^\) STRICT", schema, re.DOTALL | re.MULTILINE):
        found = map(_COLUMN.match, body.splitlines())
        tables[name] = [_described(column[1], column[2]) for column in found if column]
    for name, column, comment in _ADDED.findall(schema):
        tables[name].append(_described(column, comment))
    return "\n\n".join(f"**{name}**: {', '.join(columns)}" for name, columns in tables.items())


def _described(column: str, comment: str | None) -> str:
    return f"`{column}`{f' ({comment.strip()})' if comment else ''}"


def put(page: str, text: str) -> str:
    """A page with the part between its marks replaced."""
    return re.sub(
        r"(<!-- tables -->\n).*?(\n<!-- /tables -->)", lambda m: m.group(1) + text + m.group(2), page, flags=re.DOTALL
    )


def pages() -> dict[Path, str]:
    """Every generated file, and what should stand in it."""
    archive = DOCS / "archive.md"
    return {DOCS / "cli.md": render_cli(), archive: put(archive.read_text(encoding="utf-8"), render_tables())}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
