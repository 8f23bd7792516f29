"""
React's wire format ("flight"), in which Next.js and others send a page's tree: rows of values that
name each other.

    5:["$","article",null,{"children":"$L6"}]      a row: number, value
    6:T6c9,<p>…                                    a text, with its length in bytes
    7:I["4707",["…"],"Story"]                      something else: modules, hints, errors

Source: `ReactFlightClient.js` of https://github.com/facebook/react.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress

_ROW = re.compile(rb"([0-9a-fA-F]*):(T([0-9a-fA-F]+),|[A-Z]{0,2}(?=[\[{\"])|)")
# "$L5", "$5", "$@5", "$5:props:children".
_REFERENCE = re.compile(r"\$(?:L|@|Q|W|B|)([0-9a-fA-F]+)((?::[^:]+)*)$")
_ELEMENT_PARTS = 4  # "$", its type, its key, its properties
# Nothing refers to itself on a page; a document that does must end all the same.
_MOST_STEPS = 100_000
_MOST_LEVELS = 150


def read_flight(chunks: list[str]) -> list[object]:
    r"""
    The values of all rows of a stream that no other row refers to, each with what it refers to.

    An element is an object: its tag, its properties, its children.

    >>> read_flight(['1:["$","p",null,{"children":"$2"}]', '\n2:T5,Locks'])
    [{'children': 'Locks', 'tagName': 'p'}]
    """
    rows = _rows("".join(chunks).encode("utf-8", "replace"))
    return _Resolver(rows).roots()


def _rows(stream: bytes) -> dict[str, object]:
    rows: dict[str, object] = {}
    at = 0
    while found := _ROW.match(stream, at):
        number = found.group(1).decode()
        if found.group(3) is not None:
            at = found.end() + _text_length(stream, found.end(), int(found.group(3), 16))
            rows[number] = stream[found.end() : at].decode("utf-8", "replace")
            at += stream[at : at + 1] == b"\n"
            continue
        end = stream.find(b"\n", found.end())
        end = len(stream) if end < 0 else end
        # A row with a letter is no value of the page: a module, a hint, an error.
        if not found.group(2):
            with suppress(ValueError, RecursionError):
                rows[number] = json.loads(stream[found.end() : end], strict=False)
        at = end + 1
    return rows


def _text_length(stream: bytes, start: int, length: int) -> int:
    """How long a text is: as it says, where a row or the end follows; else up to the next row."""
    end = start + length
    if end >= len(stream) or _ROW.match(stream, end) or stream[end : end + 1] == b"\n":
        return length
    following = re.compile(rb"\n?[0-9a-f]{1,3}:(?:[\[{\"]|T[0-9a-f]+,|I\[|HL\[)").search(stream, start)
    return (following.start() if following else len(stream)) - start


class _Resolver:
    """Puts the rows of a stream together."""

    def __init__(self, rows: dict[str, object]) -> None:
        self.rows, self.used = rows, set[str]()
        self.made: dict[str, object] = {}
        self.steps = 0

    def roots(self) -> list[object]:
        found = [(number, self._row(number)) for number in self.rows]
        return [value for number, value in found if number not in self.used]

    def _row(self, number: str) -> object:
        if number not in self.made:
            self.made[number] = None  # what a row in itself stands for
            self.made[number] = self._resolved(self.rows[number], 0)
        return self.made[number]

    def _resolved(self, value: object, level: int) -> object:
        self.steps += 1
        if self.steps > _MOST_STEPS or level > _MOST_LEVELS:
            return None
        if isinstance(value, str):
            return self._referred(value) if value.startswith("$") else value
        if isinstance(value, dict):
            return {key: self._resolved(part, level + 1) for key, part in value.items()}
        if isinstance(value, list):
            return self._list(value, level)
        return value

    def _list(self, parts: list[object], level: int) -> object:
        if len(parts) >= _ELEMENT_PARTS and parts[0] == "$" and isinstance(parts[3], dict):
            return self._element(parts, level)
        return [self._resolved(part, level + 1) for part in parts]

    def _element(self, value: list[object], level: int) -> object:
        properties = self._resolved(value[3], level + 1)
        # What a component is called says nothing of what it shows.
        tag = value[1] if isinstance(value[1], str) and not value[1].startswith("$") else "div"
        return {**properties, "tagName": tag} if isinstance(properties, dict) else properties

    def _referred(self, text: str) -> object:
        if text.startswith("$$"):
            return text[1:]
        found = _REFERENCE.match(text)
        if found is None:  # "$undefined", "$Sreact.suspense", "$D2026-…"
            return None
        number = found.group(1)
        if number not in self.rows:
            return None
        self.used.add(number)
        value = self._row(number)
        for step in filter(None, found.group(2).split(":")):
            if isinstance(value, dict):  # of an element, its properties are all there is
                value = value if step in {"3", "props"} else value.get(step)
            elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value
