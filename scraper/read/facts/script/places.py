"""Where data stands in a page: in scripts of data, in what scripts are called with or set, in attributes."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from scraper.read.facts.script.flat import unflatten
from scraper.read.facts.script.flight import read_flight
from scraper.read.facts.script.literals import LiteralError, read_literal
from scraper.read.page.parse import Page

# Characters: forty words, with what stands around them.
_FEWEST_CHARACTERS = 200
# A value of a script begins behind one of these.
_BEGINNING = re.compile(r"(?:[=(,:]|\breturn)\s*(?=[\[{\"'`]|\(function|\(\(|function\s*\(|JSON\.parse)")
# A literal is read as a whole, or not: so many that are none, and the script is a program.
_MOST_FAILURES = 200
_FLIGHT = ("__next_f", "__FLIGHT_DATA", "__RSC_PUSH")
_IS_FLIGHT = re.compile(rf"\b(?:{'|'.join(_FLIGHT)})\b")
_STREAM = ".enqueue("
_PUSHED = re.compile(r"(?:\.push|\.enqueue)\(\s*")
# An attribute with data: long, and it begins like JSON or markup, as it stands or encoded.
_LONG_ATTRIBUTE = re.compile(r"=\s*(?:\"(?:[\[{<%]|&quot;|&#|&lt;|eyJ)[^\"]{200}|'(?:[\[{<%]|&#|&lt;|eyJ)[^']{200})")
_DATA_BEGINNINGS = ("{", "[", "<", "%7B", "%5B", "eyJ")
# The other ways to write JSON into an element: https://angular.dev/api/core/TransferState.
_ANGULAR = {"&q;": '"', "&s;": "'", "&l;": "<", "&g;": ">", "&a;": "&"}
_COMMENT = re.compile(r"^\s*<!--|-->\s*$")
_PROGRAMS = frozenset(("", "module", "text/javascript", "application/javascript", "text/ecmascript"))
_MARKUP_TYPES = ("template", "html", "x-handlebars", "css", "importmap", "speculationrules", "ld+json")


def find_states(page: Page) -> Iterator[tuple[object, str]]:
    """Every value that a page's scripts and attributes carry, and the name it goes by."""
    flight: list[str] = []
    stream: list[str] = []
    for node in page.tree.css("script"):
        source = node.text(deep=True)
        if any(name in source for name in _FLIGHT) and _IS_FLIGHT.search(source):
            flight.extend(_pushed(source))
        elif len(source) < _FEWEST_CHARACTERS:
            continue
        elif _STREAM in source:
            stream.extend(_pushed(source))
        else:
            yield from _of_script(node, source)
    # What is pushed is one stream; a text can begin in one push and end in the next.
    yield from ((value, "next.js flight") for value in read_flight(flight))
    yield from ((value, "script stream") for value in _streamed(stream))
    if _LONG_ATTRIBUTE.search(page.text):
        yield from _in_attributes(page)


def _of_script(node: LexborNode, source: str) -> Iterator[tuple[object, str]]:
    kind = (node.attributes.get("type") or "").strip().lower()
    if kind in _PROGRAMS:
        return _of_program(source)
    if any(name in kind for name in _MARKUP_TYPES):
        return iter(())
    return _of_data(source, node.attributes.get("id") or "script data")


def _of_data(source: str, where: str) -> Iterator[tuple[object, str]]:
    """The value of a script that is no program."""
    if "&q;" in source:
        source = re.sub(r"&[qslga];", lambda found: _ANGULAR[found.group()], source)
    try:
        yield read_literal(_COMMENT.sub("", source))[0], where
    except LiteralError:
        return


def _of_program(source: str) -> Iterator[tuple[object, str]]:
    """The values that a script sets or hands on."""
    at = failures = 0
    while failures < _MOST_FAILURES and (found := _BEGINNING.search(source, at)):
        try:
            value, at = read_literal(source, found.end())
        except LiteralError:
            at = found.end() + 1
            failures += 1
            continue
        if at - found.end() >= _FEWEST_CHARACTERS:
            yield value, "script state"


def _pushed(source: str) -> Iterator[str]:
    """The texts that a script adds to a stream."""
    for found in _PUSHED.finditer(source):
        try:
            value, _ = read_literal(source, found.end())
        except LiteralError:
            continue
        yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str))


def _streamed(chunks: list[str]) -> Iterator[object]:
    """
    The values of a stream of flat lists: what comes later goes on with the numbers of what came
    first.
    """
    flat: list[object] = []
    for line in "".join(chunks).splitlines():
        begin = line.find("[")
        try:
            value = json.loads(line[begin:], strict=False) if begin >= 0 else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list):
            start = len(flat)
            flat.extend(value)
            yield unflatten(flat, start)


def _in_attributes(page: Page) -> Iterator[tuple[object, str]]:
    root = page.tree.root
    for node in root.traverse(include_text=False) if root is not None else ():
        for name, value in node.attributes.items():
            is_data = value and len(value) >= _FEWEST_CHARACTERS and value.startswith(_DATA_BEGINNINGS)
            if value and is_data and not _is_of_another_kind(node, name):
                yield _as_island(node, value), f"attribute {name}"


def _is_of_another_kind(node: LexborNode, name: str) -> bool:
    return node.tag in {"meta", "link", "iframe", "img", "source"} or name in {
        "style",
        "src",
        "srcset",
        "href",
        "class",
    }


def _as_island(node: LexborNode, value: str) -> object:
    """The value of an attribute; Astro says of each value what type it has ([0, value])."""
    if node.tag != "astro-island":
        return html.unescape(value) if "&lt;" in value[:40] or "&quot;" in value[:40] else value
    try:
        return _without_types(json.loads(value, strict=False))
    except (ValueError, RecursionError):
        return value


def _without_types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_types(part) for key, part in value.items()}
    if isinstance(value, list):
        is_typed = len(value) == 2 and isinstance(value[0], int)
        return _without_types(value[1]) if is_typed else [_without_types(part) for part in value]
    return value
