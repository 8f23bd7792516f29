"""
One walk over the tree: the text blocks of a page in reading order, and its pictures.

A block is a maximal run of text between block-level elements; two line breaks in a row
end one as well (paragraphs of pages that have no `<p>`). Nothing is lost: the texts of
all blocks together are the page's text. What a block *is* gets decided in `labels.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

from selectolax.lexbor import LexborNode

from scraper.read.page import Page
from scraper.text import count_words, squash
from scraper.urls import join_url

# HTML Standard §15.3: elements rendered as blocks, and those that never share a line with text in practice.
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html iframe label legend li listing main menu nav "
    "noscript ol optgroup option p picture plaintext pre search section select summary table tbody td textarea tfoot "
    "th thead title tr ul video audio xmp".split()
)
# Elements whose text nobody sees.
_SKIPPED_TAGS = frozenset(
    "script style template head svg math object embed applet noframes canvas param datalist".split()
)
_PREFORMATTED_TAGS = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))
_HIDDEN_TAGS = frozenset(("noscript",))
# Inline elements that set their text apart even when they have no name.
_EMPHASIS = frozenset("b strong i em code kbd tt samp small cite".split())
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_BREAKS = re.compile(r" ?\x01 ?")
# In a block's raw text: a line break, and the ends of inline elements that carry a name ("credit") or a link.
_BREAK = "\x01"
_OPEN, _CLOSE = "\x02", "\x03"
# A space that its author laid out.
_KEPT_SPACE = "\x04"
_INVISIBLE = dict.fromkeys(map(ord, "\x01\x02\x03\x04\u00ad\u200b\ufeff"))
_MARK = re.compile(r"\x02(/?)(\d+)\x03")


@dataclass(slots=True, eq=False)
class Element:
    """
    A block-level element that text stands in.

    Args:
        names: Its classes, id, itemprop and role, separated by spaces.
        order: Its number in document order.
        node_id: Identifies the node in the tree, so that CSS selectors can be matched with blocks.
    """

    tag: str
    names: str
    parent: Element | None
    order: int
    node_id: int
    is_hidden: bool

    def ancestors(self) -> Iterator[Element]:
        """The element itself and all around it, innermost first."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent


@dataclass(frozen=True, slots=True)
class Inline:
    """A stretch of a block's text that an inline element sets apart. *start* and *end* are offsets in the text."""

    start: int
    end: int
    tag: str
    names: str
    href: str | None = None

    @property
    def is_link(self) -> bool:
        """Whether it leads somewhere."""
        return self.href is not None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """
    One run of text.

    Args:
        text: White space as a browser shows it; a line break is a newline.
        inlines: Links, emphasis, and stretches with a class of their own, in order of their start.
        link_share: Share of the characters that stand in links, 0 to 1.
        word_count: As `scraper.text.words` counts.
    """

    order: int
    text: str
    element: Element
    inlines: tuple[Inline, ...] = ()
    link_share: float = 0.0
    word_count: int = 0
    is_hidden: bool = False

    @property
    def tag(self) -> str:
        """The block-level element it stands in."""
        return self.element.tag

    @property
    def names(self) -> str:
        """Classes and ids of that element."""
        return self.element.names


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An `<img>`, and the number of the block that follows it."""

    url: str | None
    alt: str
    element: Element
    before_block: int
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What the walk found."""

    blocks: tuple[Block, ...]
    pictures: tuple[Picture, ...]


class _Mark(NamedTuple):
    """An inline element that says something about its text."""

    tag: str
    names: str
    href: str | None


def walk(page: Page) -> Outline:
    """The blocks and pictures of a page, in document order."""
    return _Walker(page).walk()


class _Walker:
    """Holds what a walk collects; recursion would end at Python's limit on deeply nested pages."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self.element = Element("html", "", None, 0, 0, is_hidden=False)
        self.element_count = 0
        self.preformatted = 0
        # The text since the last block ended, and the inline elements open around it.
        self.pieces: list[str] = []
        self.link_chars = 0
        self.marks: list[_Mark] = []
        self.open_marks: list[int] = []
        self.open_links = 0

    def walk(self) -> Outline:
        # What to do at the end of each element that is open around the current node.
        endings: list[Callable[[], None]] = []
        node = self.page.tree.root
        depth = 0
        while node is not None:
            child = self._enter(node, endings)
            if child is not None:
                node, depth = child, depth + 1
                continue
            endings.pop()()
            while depth and node.next is None:
                node, depth = cast("LexborNode", node.parent), depth - 1
                endings.pop()()
            node = node.next if depth else None
        self._flush()
        return Outline(tuple(self.blocks), tuple(self.pictures))

    def _enter(self, node: LexborNode, endings: list[Callable[[], None]]) -> LexborNode | None:
        """Take a node in; gives its first child when that has to be walked."""
        ending: Callable[[], None] = _nothing
        child = None
        if node.is_text_node:
            self._text(node.text_content or "")
        elif node.is_element_node and (tag := node.tag or "") not in _SKIPPED_TAGS:
            child = node.first_child
            if tag in _BLOCK_TAGS or "-" in tag:  # custom elements are containers in practice
                self._flush()
                self._open_block(node, tag)
                ending = self._close_block
                if tag == "amp-img":
                    self._picture(node)
            elif tag == "br":
                self._break()
            elif tag == "img":
                self._picture(node)
            elif self._open_inline(node, tag):
                ending = self._close_inline
        endings.append(ending)
        return child

    def _close_block(self) -> None:
        self._flush()
        self.preformatted -= self.element.tag in _PREFORMATTED_TAGS
        self.element = self.element.parent or self.element

    def _open_block(self, node: LexborNode, tag: str) -> None:
        attributes = node.attributes
        names = _names(attributes)
        self.element_count += 1
        self.element = Element(
            tag,
            names,
            self.element,
            self.element_count,
            node.mem_id,
            self.element.is_hidden or tag in _HIDDEN_TAGS or _is_hiding(attributes),
        )
        self.preformatted += tag in _PREFORMATTED_TAGS

    def _open_inline(self, node: LexborNode, tag: str) -> bool:
        """Mark the start of an inline element, if it says something about its text."""
        attributes = node.attributes
        names = _names(attributes)
        href = attributes.get("href") if tag == "a" else None
        if href is None and not names and tag not in _EMPHASIS:
            return False
        number = len(self.marks)
        self.marks.append(_Mark(tag, names, href))
        self.open_marks.append(number)
        self.open_links += href is not None
        self.pieces.append(f"{_OPEN}{number}{_CLOSE}")
        return True

    def _close_inline(self) -> None:
        number = self.open_marks.pop()
        self.open_links -= self.marks[number].href is not None
        self.pieces.append(f"{_OPEN}/{number}{_CLOSE}")

    def _text(self, text: str) -> None:
        if not text.isprintable():
            text = text.translate(_INVISIBLE)
        if self.preformatted:
            text = text.replace("\t", "    ").replace("\n", _BREAK).replace(" ", _KEPT_SPACE)
        self.pieces.append(text)
        if self.open_links:
            self.link_chars += len(text.strip())

    def _break(self) -> None:
        # Two line breaks make a paragraph, unless the text is laid out by its author.
        for piece in reversed(self.pieces):
            if piece == _BREAK and not self.preformatted:
                self._flush()
                return
            if piece.strip() and not _MARK.fullmatch(piece):
                break
        self.pieces.append(_BREAK)

    def _picture(self, node: LexborNode) -> None:
        attributes = node.attributes
        self.pictures.append(
            Picture(
                join_url(self.page.base_url, _picture_source(attributes)),
                squash(attributes.get("alt")),
                self.element,
                len(self.blocks),
                _number(attributes.get("width")),
            )
        )

    def _flush(self) -> None:
        if not self.pieces:
            return
        raw = _BREAKS.sub("\n", _SPACES.sub(" ", "".join(self.pieces)))
        link_chars, self.link_chars = self.link_chars, 0
        # An inline element may run on into the next block.
        self.pieces = [f"{_OPEN}{number}{_CLOSE}" for number in self.open_marks]
        text, inlines = _take_marks(raw, self.marks)
        text = text.replace(_KEPT_SPACE, " ")
        if text.strip():
            self.blocks.append(
                Block(
                    len(self.blocks),
                    text,
                    self.element,
                    inlines,
                    min(1.0, link_chars / len(text)),
                    count_words(text),
                    self.element.is_hidden,
                )
            )


def _nothing() -> None:
    """The end of an element that changes nothing."""


def _take_marks(raw: str, marks: list[_Mark]) -> tuple[str, tuple[Inline, ...]]:
    """The text without its marks and without white space at its ends, and the stretches that the marks set apart."""
    if _OPEN not in raw:
        return raw.strip(), ()
    whole = ""
    position = 0
    opened: dict[int, int] = {}
    spans: list[tuple[int, int, int]] = []
    for found in _MARK.finditer(raw):
        piece = raw[position : found.start()]
        # Where a mark is taken out, two spaces can meet.
        whole += piece[1:] if piece[:1] == " " and (not whole or whole[-1].isspace()) else piece
        position = found.end()
        number = int(found.group(2))
        if found.group(1):
            spans.append((opened.pop(number, 0), len(whole), number))
        else:
            opened[number] = len(whole)
    piece = raw[position:]
    whole += piece[1:] if piece[:1] == " " and (not whole or whole[-1].isspace()) else piece
    spans.extend((start, len(whole), number) for number, start in opened.items())
    text = whole.strip()
    lead = len(whole) - len(whole.lstrip())
    inlines = []
    for start, end, number in sorted(spans):
        begin, finish = max(0, start - lead), min(len(text), end - lead)
        while begin < finish and text[begin].isspace():
            begin += 1
        while begin < finish and text[finish - 1].isspace():
            finish -= 1
        if begin < finish:
            inlines.append(Inline(begin, finish, *marks[number]))
    return text, tuple(inlines)


def _names(attributes: dict[str, str | None]) -> str:
    values = [attributes.get(key) for key in ("class", "id", "itemprop", "role", "data-testid", "data-component")]
    return " ".join(value for value in values if value)


def _is_hiding(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style and _HIDING_STYLE.search(style))


def _picture_source(attributes: dict[str, str | None]) -> str | None:
    for key in ("data-src", "data-original", "data-lazy-src", "src"):
        value = attributes.get(key)
        if value and not value.startswith("data:"):
            return value
    srcset = attributes.get("srcset") or attributes.get("data-srcset")
    candidates = [part.split()[0] for part in (srcset or "").split(", ") if part.strip()]
    return candidates[-1] if candidates else None


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
