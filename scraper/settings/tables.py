"""
One table of a TOML file, changed where it stands: whatever else the file says, comments too, stays
as it is.

What comes of a change is read again and compared with what was asked for. So a file that is written
in a way that this module does not expect is refused, and never spoilt.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

_HEADER = re.compile(r"[ \t]*\[\[?([^\[\]#]+)\]\]?[ \t]*(?:#.*)?")
_COMMENT = re.compile(r"[ \t]*(?:#.*)?")


def table_of(text: str, name: str) -> str:
    r"""
    A table with those below it, as it stands in a file.

    Raises:
        ValueError: It cannot be told where it stands.

    >>> table_of('[a]\nx = 1\n\n[b]\ny = [\n 2]\n[b.c]\nz = 3\n', "b")
    '[b]\ny = [\n 2]\n[b.c]\nz = 3\n'
    """
    lines = text.splitlines(keepends=True)
    begin, end = _place_of(lines, name)
    found = "".join(lines[begin:end])
    if _read(found) != {name: _read(text).get(name)}:
        raise ValueError(_TOO_ODD)
    return found


def with_table(text: str, name: str, table: str) -> str:
    r"""
    A file with another text in place of one of its tables; an empty one takes it out.

    Raises:
        ValueError: It cannot be told where the table stands, or *table* is no TOML.

    >>> with_table('[a]\nx = 1\n\n[b]\ny = 2\n', "a", "[a]\nx = 5\n")
    '[a]\nx = 5\n\n[b]\ny = 2\n'
    """
    table_of(text, name)
    lines = text.splitlines(keepends=True)
    begin, end = _place_of(lines, name)
    changed = "".join([*lines[:begin], table, *lines[end:]])
    if _read(changed) != _without(_read(text), name) | _read(table):
        raise ValueError(_TOO_ODD)
    return changed


def with_values(text: str, name: str, values: Mapping[str, str]) -> str:
    r"""
    A file with other values of some keys of a table. *values* are written as TOML.

    Raises:
        ValueError: It cannot be told where the table stands, or a value is no TOML.

    >>> with_values('[a]\nx = 1  # one\n[b]\ny = 2\n', "a", {"x": "5", "enabled": "true"})
    '[a]\nenabled = true\nx = 5  # one\n[b]\ny = 2\n'
    """
    table = table_of(text, name)
    expected = _read(table)
    for key, value in values.items():
        expected[name][key] = _read(f"value = {value}")["value"]
        table = _with_value(table, key, value)
    if _read(table) != expected:
        raise ValueError(_TOO_ODD)
    return with_table(text, name, table)


_TOO_ODD = "the table is written in a way that cannot be changed by a program"


def _with_value(table: str, key: str, value: str) -> str:
    lines = table.splitlines(keepends=True)
    for number, line in enumerate(lines[1:], 1):
        if _HEADER.fullmatch(line.rstrip("\r\n")):
            break
        if re.match(rf"[ \t]*(?:{re.escape(key)}|\"{re.escape(key)}\")[ \t]*=", line):
            end = _end_of_value(lines, number)
            comment = _comment_behind(lines[number]) if end == number + 1 else ""
            return "".join([*lines[:number], f"{key} = {value}{comment}\n", *lines[end:]])
    head = lines[0] if lines[0].endswith("\n") else f"{lines[0]}\n"
    return "".join([head, f"{key} = {value}\n", *lines[1:]])


def _end_of_value(lines: list[str], begin: int) -> int:
    """The line behind a value that may take several."""
    for end in range(begin + 1, len(lines) + 1):
        try:
            tomllib.loads("".join(lines[begin:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return begin + 1


def _comment_behind(line: str) -> str:
    """The comment that ends a line with a value, with the blanks before it."""
    line = line.rstrip("\r\n")
    for found in re.finditer(r"[ \t]*#", line):
        if _is_toml(line[: found.start()]):
            return line[found.start() :]
    return ""


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _place_of(lines: list[str], name: str) -> tuple[int, int]:
    """The first line of a table, and the one behind it; blank lines and comments before the next belong to that."""
    begin = next((number for number, line in enumerate(lines) if _names(line) == [name]), None)
    if begin is None:
        raise ValueError(_TOO_ODD)
    headers = (
        number for number in range(begin + 1, len(lines)) if (names := _names(lines[number])) and names[0] != name
    )
    end = next(headers, len(lines))
    while end < len(lines) and end > begin + 1 and _COMMENT.fullmatch(lines[end - 1].rstrip("\r\n")):
        end -= 1
    return begin, end


def _names(line: str) -> list[str]:
    """The names of a header of a table; [] for another line."""
    found = _HEADER.fullmatch(line.rstrip("\r\n"))
    return [part.strip().strip("\"'") for part in found[1].split(".")] if found else []


def _without(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != name}


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is no TOML: {error}") from error
