"""
Write what the documentation takes from the program: docs/cli.md, and parts of docs/archive.md,
docs/json.md, docs/machines.md and CONTRIBUTING.md (the tables of rooms and libraries that the test of
import directions holds).
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from archive.cli import cli
from archive.later import Later
from archive.machines.forms import answer_schema
from archive.machines.questions import QUESTIONS
from archive.show.article_json import article_schema
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
    for name in re.findall(r"^DROP TABLE (\w+);", schema, re.MULTILINE):
        tables.pop(name, None)
    return "\n\n".join(f"**{name}**: {', '.join(columns)}" for name, columns in tables.items())


def _described(column: str, comment: str | None) -> str:
    return f"`{column}`{f' ({comment.strip()})' if comment else ''}"


def render_keys() -> str:
    """Every key of an article as JSON, from its schema: of each page, then of its parts."""
    schema = article_schema()
    later = {name for names in schema["dependentRequired"].values() for name in names}
    groups = {
        "of every article": [name for name in schema["properties"] if name not in later],
        "of a page that was read": _with("is_article", schema),
        "of an article in the archive": _with("id", schema),
    }
    parts = [
        f"### {title}\n\n" + _key_table({name: schema["properties"][name] for name in names})
        for title, names in groups.items()
    ]
    for name, part in schema["$defs"].items():
        if "properties" in part:
            parts.append(f"### {name}\n\n{part['description']}.\n\n{_key_table(part['properties'])}")
    return "\n\n".join(parts)


def render_answers() -> str:
    """Every key of the answers to programs, from their schema: of each answer, then of its parts."""
    parts: dict[str, Any] = {}
    for question in QUESTIONS:
        schema = answer_schema(question.name)
        parts[question.name] = schema
        parts |= {name: part for name, part in schema["$defs"].items() if name not in article_schema()["$defs"]}
    del parts["article_form"]  # docs/json.md
    ordered = sorted(parts, key=lambda name: name not in {one.name for one in QUESTIONS})
    return "\n\n".join(
        f"### {name}\n\n{parts[name]['description']}.\n\n{_key_table(parts[name]['properties'])}" for name in ordered
    )


def _with(name: str, schema: dict[str, Any]) -> list[str]:
    """The keys that come with this one."""
    return [name, *schema["dependentRequired"][name]]


def _key_table(properties: dict[str, Any], before: str = "") -> str:
    lines = [] if before else ["| key | type | meaning |", "|---|---|---|"]
    for name, value in properties.items():
        lines.append(f"| `{before}{name}` | {_type_of(value)} | {value['description']} |")
        inner = value.get("items", value)
        if "properties" in inner:
            lines.append(_key_table(inner["properties"], f"{before}{name}{'[]' * ('items' in value)}."))
    return "\n".join(lines)


def _type_of(value: dict[str, Any]) -> str:
    """The type of a value in words, as `list of block` or `text or null`."""
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "$ref" in value:
        return str(value["$ref"].rpartition("/")[2])
    if "anyOf" in value:
        return " or ".join(map(_type_of, value["anyOf"]))
    if value["type"] == "array":
        return f"list of {_type_of(value['items'])}"
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    return " or ".join(_TYPES.get(one, one) for one in types)


_TYPES = {"string": "text", "boolean": "true or false"}


def _doors() -> ModuleType:
    """The test of import directions, which holds the tables."""
    spec = importlib.util.spec_from_file_location("doors", DOCS.parent / "tests/test_architecture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def render_rooms(rooms: Mapping[str, tuple[str, ...]], ground: tuple[str, ...]) -> str:
    """What every room may import, without the ground."""
    lines = ["| room | may import |", "|---|---|", f"| the ground: {_names(ground)} | |"]
    lines += [f"| `{room}` | {_names(doors)} |" for room, doors in rooms.items() if room not in ground]
    return "\n".join(lines)


def render_libraries(places: Mapping[str, tuple[str, ...]]) -> str:
    """Where every library is met."""
    lines = ["| library | where |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{library}` | {_names(rooms)} |" for library, rooms in places.items())])


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def put(page: str, name: str, text: str) -> str:
    """A page with the part between the marks of this *name* replaced."""
    part = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    return re.sub(part, lambda m: f"{m.group(1)}{text}\n{m.group(2)}", page, flags=re.DOTALL)


def pages() -> dict[Path, str]:
    """Every generated file, and what should stand in it."""
    archive, as_json, contributing = DOCS / "archive.md", DOCS / "json.md", DOCS.parent / "CONTRIBUTING.md"
    machines, doors = DOCS / "machines.md", _doors()
    rooms = put(contributing.read_text(encoding="utf-8"), "rooms", render_rooms(doors.MAY_IMPORT, doors.GROUND))
    return {
        DOCS / "cli.md": render_cli(),
        archive: put(archive.read_text(encoding="utf-8"), "tables", render_tables()),
        as_json: put(as_json.read_text(encoding="utf-8"), "keys", render_keys()),
        machines: put(machines.read_text(encoding="utf-8"), "keys", render_answers()),
        contributing: put(rooms, "libraries", render_libraries(doors.PLACES)),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
