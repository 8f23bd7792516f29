"""
The texts in a page's data: one walk over its values, whatever system wrote them.

Strings that are JSON are opened, references followed, and what the nodes of rich text say is taken
in its order. Each record (what has a title and an address, a date or an author) keeps its texts to
itself: those of two articles never become one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scraper.read.facts.script.flat import is_flat, unflatten
from scraper.read.facts.script.kinds import BLOCKS, FOREIGN, LIST, TEXT, kind_of
from scraper.read.facts.script.nodes import (
    MOST_LEVELS,
    OF_RECORDS,
    TITLES,
    holds_blocks,
    inline_of,
    inserts_of,
    is_leaf,
    is_other,
    items_of,
    own_text,
    paragraphs_of_run,
    title_of,
)
from scraper.read.facts.script.strings import MARKUP, Paragraph, escaped, is_prose, lines_of, opened_text, plain
from scraper.read.page.hints import Hint, hints_of
from scraper.text import squash

# Many times as many values as any page has.
_MOST_VALUES = 400_000
_WHOLE_PAGE = re.compile(r"\s*<(?:!doctype|html|head|svg|style|script|\?xml)\b", re.IGNORECASE)
_FEWEST_PROSE_CHARACTERS, _FEWEST_PROSE_SENTENCES = 200, 3
_SHORTEST_ENCODED = 40
# Made once: the walk asks it of each of many thousands of values.
_HOLDS_VALUES, _MAY_HOLD_TEXT = (dict, list), (str, dict, list)
_FURNITURE = (
    Hint.NAV | Hint.FOOTER | Hint.RELATED | Hint.COMMENT | Hint.NEWSLETTER | Hint.SHARE | Hint.AD | Hint.CONSENT
)


class DataText(NamedTuple):
    """A text that stands in data, and the title of the record that it belongs to."""

    paragraphs: tuple[Paragraph, ...]
    title: str | None


def find_texts(value: object) -> list[DataText]:
    """Every text in a value: each is the running text of one field of one record."""
    walk = _Walk(value)
    found = walk.collect(value, None)
    walk.keep(found, None)
    return walk.texts


class _Walk:
    """Holds what a walk has found so far."""

    def __init__(self, root: object) -> None:
        self.root = root
        self.texts: list[DataText] = []
        self.index: dict[str, object] | None = None
        self.open: set[int] = set()
        self.values = 0

    def keep(self, paragraphs: list[Paragraph], title: str | None) -> None:
        if paragraphs:
            self.texts.append(DataText(tuple(dict.fromkeys(paragraphs)), title))

    def collect(self, value: object, title: str | None) -> list[Paragraph]:
        """The paragraphs of a value that belong to what stands around it."""
        self.values += 1
        if isinstance(value, str):
            return self._of_text(value, title)
        if not isinstance(value, _HOLDS_VALUES) or self.values > _MOST_VALUES or len(self.open) > MOST_LEVELS:
            return []
        if id(value) in self.open:
            return []
        self.open.add(id(value))
        found = self._of_list(value, title) if isinstance(value, list) else self._of_dict(value, title)
        self.open.discard(id(value))
        return found

    # ------------------------------------------------------------ texts

    def _of_text(self, text: str, title: str | None) -> list[Paragraph]:
        if len(text) < _SHORTEST_ENCODED and not MARKUP.search(text):
            return []
        opened = opened_text(text)
        if not isinstance(opened, str):
            return self.collect(opened, title)
        if _WHOLE_PAGE.match(opened):
            return []
        if MARKUP.search(opened):
            return [Paragraph("", opened)] if is_prose(plain(opened), fewest=0) else []
        is_text = len(opened) >= _FEWEST_PROSE_CHARACTERS and is_prose(opened, fewest=_FEWEST_PROSE_SENTENCES)
        return list(lines_of(opened)) if is_text else []

    # ------------------------------------------------------------ lists

    def _of_list(self, parts: list[object], title: str | None) -> list[Paragraph]:
        if is_flat(parts):
            return self.collect(unflatten(parts), title)
        if inserts := inserts_of(parts):
            return list(lines_of(inserts))
        found: list[Paragraph] = []
        run: list[object] = []
        for part in parts:
            if is_leaf(part):
                run.append(part)
                continue
            found += paragraphs_of_run(run)
            run = []
            found += self.collect(part, title)
        found += paragraphs_of_run(run)
        self.keep(found, title)
        return found

    # ------------------------------------------------------------ objects

    def _of_dict(self, node: dict[str, object], title: str | None) -> list[Paragraph]:
        if (target := self._referred(node)) is not None:
            return self.collect(target, title)
        kind = kind_of(node)
        if kind == FOREIGN or _is_furniture(node):
            return []
        if kind in BLOCKS:
            return self._of_block(node, kind, title)
        if kind == TEXT and (own := own_text(node)):
            return _lines_of_markup(own)
        if kind == LIST and not holds_blocks(node):
            return [Paragraph("li", text) for text in items_of(node)]
        return self._of_container(node, title)

    def _of_block(self, node: dict[str, object], kind: str, title: str | None) -> list[Paragraph]:
        if holds_blocks(node):
            inner = self._of_container(node, title)
            return [part._replace(tag=kind) if part.tag == "p" else part for part in inner]
        text = inline_of(node)
        if MARKUP.search(text):
            return [Paragraph("" if kind == "p" else kind, text)]
        return [Paragraph(kind, text)] if squash(text) else []

    def _of_container(self, node: dict[str, object], title: str | None) -> list[Paragraph]:
        own_title = title_of(node)
        fields = self._fields_of(node, own_title or title)
        is_record = own_title is not None and not OF_RECORDS.isdisjoint(node)
        if is_record or not fields:
            return []
        if _is_mapping(node):
            return [part for field in fields for part in field]
        best = max(fields, key=_length)
        return [Paragraph("h2", escaped(own_title)), *best] if own_title and "tagName" not in node else best

    def _fields_of(self, node: dict[str, object], title: str | None) -> list[list[Paragraph]]:
        """The text of each member that has some."""
        fields = []
        for name, part in node.items():
            if isinstance(part, _MAY_HOLD_TEXT) and name not in TITLES and not is_other(name):
                found = self._of_member(name, part, title)
                if found:
                    self.keep(found, title)
                    fields.append(found)
        return fields

    def _of_member(self, name: str, part: object, title: str | None) -> list[Paragraph]:
        # The only child of an element can be a short text.
        if name == "children" and isinstance(part, str) and part.strip():
            return paragraphs_of_run([part])
        return self.collect(part, title)

    # ------------------------------------------------------------ references

    def _referred(self, node: dict[str, object]) -> object:
        """What a node that is only a reference stands for."""
        if isinstance(many := node.get("__refs"), list):
            return [self._named(str(name)) for name in many]
        name = node.get("__ref")
        if name is None and isinstance(node.get("id"), str) and isinstance(node.get("type"), str):
            name = node["id"] if _is_reference(node) else None
        target = self._named(name) if isinstance(name, str) else None
        return target if target is not node else None

    def _named(self, name: str) -> object:
        if self.index is None:
            self.index = {}
            for key, value in _named_values(self.root, 0):
                self.index.setdefault(key, value)
        return self.index.get(name)


def _is_reference(node: Mapping[str, object]) -> bool:
    """Whether a node with a type and an id says nothing else (JSON:API, Apollo before its third version)."""
    return len(node) == 2 or node.get("type") == "id"


def _named_values(value: object, level: int) -> Iterator[tuple[str, object]]:
    """What references can name: members of stores, and what is kept in lists with its id."""
    if level > _MOST_STORE_LEVELS or not isinstance(value, dict | list):
        return
    if isinstance(value, dict):
        yield from _members_of_store(value, level)
        return
    for part in value:
        if isinstance(part, dict) and isinstance(part.get("id"), str) and not _is_reference(part):
            yield part["id"], part
        yield from _named_values(part, level + 1)


def _members_of_store(store: dict[str, object], level: int) -> Iterator[tuple[str, object]]:
    for key, part in store.items():
        if isinstance(part, dict):
            yield key, part
        elif isinstance(part, str) and part[:1] in {"{", "["}:
            part = opened_text(part)  # noqa: PLW2901 - a store can be kept as JSON
        yield from _named_values(part, level + 1)


# A store lies a few levels deep, its records one or two below it.
_MOST_STORE_LEVELS = 6


def _is_furniture(node: Mapping[str, object]) -> bool:
    """Whether an element is named as what stands around an article."""
    names = node.get("className")
    return isinstance(names, str) and bool(hints_of(names) & _FURNITURE)


def _lines_of_markup(text: str) -> list[Paragraph]:
    return [Paragraph("", text)] if MARKUP.search(text) else list(lines_of(text))


def _is_mapping(node: Mapping[str, object]) -> bool:
    """Whether the members of an object are the parts of one text, by their ids."""
    if len(node) <= 1 or any(":" in name for name in node):
        return False
    return all(isinstance(part, dict) and kind_of(part) for part in node.values())


def _length(paragraphs: list[Paragraph]) -> int:
    return sum(len(part.markup) for part in paragraphs)
