"""
One walk over the tree: the text blocks of a page in reading order, and its pictures.

A block is a maximal run of text between block-level elements; two line breaks in a row
end one as well (paragraphs of pages that have no `<p>`). Nothing is lost: the texts of
all blocks together are the page's text. What a block *is* gets decided in `labels.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from scraper.read.page.parse import Page
from scraper.read.page.picture_source import is_own_picture, picture_source
from scraper.read.page.styles import is_centred_by, is_hiding
from scraper.text import fold_and_count, squash
from scraper.urls import join_url

# HTML Standard §15.3: elements rendered as blocks, and those that never share a line with text in
# practice.
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html iframe label legend li listing main menu nav "
    "noscript ol optgroup option p picture plaintext pre search section select summary table tbody td textarea tfoot "
    "th thead title tr ul video audio xmp".split()
)
# Elements whose text nobody sees.
_SKIPPED_TAGS = frozenset(
    "script style template head svg math object embed applet iframe noembed noframes canvas param datalist".split()
)
_PREFORMATTED_TAGS = frozenset(("pre", "listing", "xmp", "plaintext", "textarea"))
_HIDDEN_TAGS = frozenset(("noscript",))
# Inline elements that set their text apart even when they have no name.
_EMPHASIS = frozenset("b strong i em code kbd tt samp small cite".split())
_NAMING = ("class", "id", "itemprop", "role", "data-testid", "data-component")
_OTHER_NAMING = frozenset(_NAMING[1:])
_SPACE = " \t\n\r\f"
_SPACES = re.compile(f"[{_SPACE}]+")
_BREAKS = re.compile(r" ?\x01 ?")
# In a block's raw text: a line break, and a space that its author laid out.
_BREAK = "\x01"
_KEPT_SPACE = "\x04"
_INVISIBLE = dict.fromkeys(map(ord, "\x01\x02\x03\x04\u00ad\u200b\ufeff"))
_INVISIBLE_ONE = re.compile(r"[\x01-\x04\u00ad\u200b\ufeff]")


class _Kind(Enum):
    """What the walk does with a node."""

    TEXT = auto()
    SKIPPED = auto()
    BLOCK = auto()
    INLINE = auto()
    BREAK = auto()
    PICTURE = auto()


@dataclass(slots=True, eq=False)
class Element:
    """
    A block-level element that text stands in.

    Args:
        names: Its classes, id, itemprop and role, separated by spaces.
        order: Its number in document order.
        depth: How many elements it stands in, itself included.
        is_centred: The lines of its text stand in the middle, as far as the markup says.
        node_id: Identifies the node in the tree, so that CSS selectors can be matched with blocks.
        tags: Its own tag and those of all elements around it.
    """

    tag: str
    names: str
    parent: Element | None
    order: int
    node_id: int
    is_hidden: bool
    tags: frozenset[str] = frozenset()
    depth: int = 1
    is_centred: bool = False

    def ancestors(self) -> Iterator[Element]:
        """The element itself and all around it, innermost first."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent


class Inline(NamedTuple):
    """
    A stretch of a block's text that an inline element sets apart.

    Args:
        start, end: Offsets in the text.
        href: Where a link leads; None where it is none.
    """

    start: int
    end: int
    tag: str
    names: str
    href: str | None = None


@dataclass(slots=True, eq=False)
class Block:
    """
    One run of text.

    Args:
        order: Its number on the page, from 0: by that it is found again, whatever else has its
            words.
        text: White space as a browser shows it; a line break is a newline.
        inlines: Links, emphasis, and stretches with a class of their own, in order of their start.
        link_share: Share of the characters that stand in links, 0 to 1.
        word_count: As `scraper.text.words` counts.
        folded: The form in which it is compared, as `scraper.text.fold` gives it.
    """

    order: int
    text: str
    element: Element
    inlines: tuple[Inline, ...] = ()
    link_share: float = 0.0
    word_count: int = 0
    folded: str = ""
    is_hidden: bool = False

    @property
    def tag(self) -> str:
        """The block-level element it stands in."""
        return self.element.tag

    @property
    def names(self) -> str:
        """Classes and ids of that element."""
        return self.element.names


class Picture(NamedTuple):
    """
    An `<img>`, and the number of the block that follows it.

    Args:
        attributes, base_url: What its answers are made of, when they are asked for: of most
            pictures nothing is.
        ends_line: A line break stands right behind it.
    """

    attributes: Mapping[str, str | None]
    base_url: str
    element: Element
    before_block: int
    ends_line: bool = False

    @property
    def url(self) -> str | None:
        """Where its file is."""
        return join_url(self.base_url, picture_source(self.attributes))

    @property
    def alt(self) -> str:
        """What stands in its place."""
        return squash(self.attributes.get("alt"))

    @property
    def width(self) -> int | None:
        """In pixels, as the page states it."""
        return _number(self.attributes.get("width"))


@dataclass(frozen=True, slots=True)
class Outline:
    """What the walk found. A block stands at the place of its number."""

    blocks: tuple[Block, ...]
    pictures: tuple[Picture, ...]

    def followed_by(self, more: Outline) -> Outline:
        """Both as of one page: the numbers of the second go on where those of the first end."""
        count = len(self.blocks)
        return Outline(
            (*self.blocks, *(replace(block, order=block.order + count) for block in more.blocks)),
            (
                *self.pictures,
                *(picture._replace(before_block=picture.before_block + count) for picture in more.pictures),
            ),
        )


# An inline element that says something about its text: where in the open block it starts, its
# number on the page, tag, names and target. A plain tuple: there are hundreds on a page.
_Mark = tuple[int, int, str, str, str | None]
# The same with the end of its stretch behind the start.
_Span = tuple[int, int, int, str, str, str | None]


def walk(page: Page) -> Outline:
    """The blocks and pictures of a page, in document order."""
    return _Walker(page).walk()


class _Walker:
    """Holds what a walk collects; recursion would end at Python's limit on deeply nested pages."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self.element = Element("html", "", None, 0, 0, is_hidden=False, tags=frozenset(("html",)))
        self.element_count = 0
        self.preformatted = 0
        # The text since the last block ended: settled up to the last mark, and in pieces behind
        # that.
        self.text = ""
        self.pieces: list[str] = []
        self.has_text = False
        self.is_after_break = False
        self.link_chars = 0
        # The inline elements open around it, and those that ended in it.
        self.mark_count = 0
        self.open_marks: list[_Mark] = []
        self.open_links = 0
        self.closed_marks: list[_Span] = []

    def walk(self) -> Outline:
        # Bound once: this loop runs for each of a page's thousands of nodes.
        is_text, is_skipped, is_block, is_inline, is_break, _ = _Kind
        close_block, close_inline = self._close_block, self._close_inline
        kinds: dict[int, tuple[str, _Kind]] = {}
        # The elements open around the current node, and how each ends; None where that changes
        # nothing.
        opened: list[tuple[LexborNode, Callable[[], None] | None]] = []
        node = self.page.tree.root
        while node is not None:
            number = node.tag_id
            known = kinds.get(number)
            if known is None:
                known = kinds[number] = _kind_of(node)
            tag, kind = known
            if kind is is_text:
                text = node.text_content or ""
                # Most text nodes are the white space between two elements: those begin no block.
                if self.has_text or self.preformatted or not (text.isspace() and text.isascii()):
                    self._text(text)
            elif kind is is_block:
                self._open_block(node, tag)
                if (child := node.first_child) is not None:
                    opened.append((node, close_block))
                    node = child
                    continue
                close_block()
            elif kind is is_inline:
                # One without anything in it, such as an icon, sets no text apart.
                if (child := node.first_child) is not None:
                    opened.append((node, close_inline if self._open_inline(node, tag) else None))
                    node = child
                    continue
            elif kind is is_break:
                self._break()
            elif kind is not is_skipped:
                self._picture(node)
            following = node.next
            while following is None and opened:
                node, close = opened.pop()
                if close is not None:
                    close()
                following = node.next
            node = following if opened else None
        self._flush()
        return Outline(tuple(self.blocks), tuple(self.pictures))

    def _open_block(self, node: LexborNode, tag: str) -> None:
        if self.pieces or self.text:
            self._flush()
        around = self.element
        names, is_hidden, tags = "", around.is_hidden or tag in _HIDDEN_TAGS, around.tags
        is_centred = around.is_centred or tag == "center"
        if attributes := node.attributes:
            names, is_hidden = _names(attributes), is_hidden or is_hiding(attributes)
            is_centred = is_centred_by(tag, attributes, is_centred=is_centred)
        if tag not in tags:
            tags |= {tag}
        self.element_count += 1
        self.element = Element(
            tag, names, around, self.element_count, node.mem_id, is_hidden, tags, around.depth + 1, is_centred
        )
        if tag in _PREFORMATTED_TAGS:
            self.preformatted += 1
        elif "-" in tag and is_own_picture(tag) and picture_source(attributes):
            self._picture(node)

    def _close_block(self) -> None:
        if self.pieces or self.text:
            self._flush()
        element = self.element
        if element.tag in _PREFORMATTED_TAGS:
            self.preformatted -= 1
        self.element = element.parent or element

    def _open_inline(self, node: LexborNode, tag: str) -> bool:
        """Mark the start of an inline element, if it says something about its text."""
        names, href = "", None
        if attributes := node.attributes:
            names, href = _names(attributes), attributes.get("href") if tag == "a" else None
        if href is None and not names and tag not in _EMPHASIS:
            return False
        if self.pieces:
            self._settle()
        self.open_marks.append((len(self.text), self.mark_count, tag, names, href))
        self.mark_count += 1
        self.open_links += href is not None
        return True

    def _close_inline(self) -> None:
        if self.pieces:
            self._settle()
        start, number, tag, names, href = self.open_marks.pop()
        self.open_links -= href is not None
        end = len(self.text)
        if end > start:
            self.closed_marks.append((start, end, number, tag, names, href))

    def _text(self, text: str) -> None:
        if self.preformatted:
            text = text.translate(_INVISIBLE).replace("\t", "    ").replace("\n", _BREAK).replace(" ", _KEPT_SPACE)
        core = text.strip()
        if not core.isprintable() and not self.preformatted and _INVISIBLE_ONE.search(core):
            text = text.translate(_INVISIBLE)
            core = text.strip()
        self.pieces.append(text)
        if core:
            self.has_text = True
            self.is_after_break = self.preformatted > 0 and text == _BREAK
            if self.open_links:
                self.link_chars += len(core)

    def _break(self) -> None:
        # Two line breaks make a paragraph, unless the text is laid out by its author.
        if self.is_after_break and not self.preformatted:
            self._flush()
        else:
            self.pieces.append(_BREAK)
            self.is_after_break = True
        if self.pictures and not self.has_text:
            last = self.pictures[-1]
            if last.element is self.element and last.before_block == len(self.blocks):
                self.pictures[-1] = last._replace(ends_line=True)

    def _picture(self, node: LexborNode) -> None:
        self.pictures.append(Picture(node.attributes, self.page.base_url, self.element, len(self.blocks)))

    def _settle(self) -> None:
        """Put the pieces behind the text, their white space as a browser shows it."""
        piece = "".join(self.pieces)
        self.pieces.clear()
        # Two spaces can meet where a mark is taken out.
        if not self.text or self.text[-1].isspace():
            piece = piece.lstrip(_SPACE)
        # Most have no white space but single spaces; these two looks are much cheaper than the
        # pattern.
        if not piece.isprintable() or "  " in piece:
            piece = _SPACES.sub(" ", piece)
            if _BREAK in piece:
                piece = _BREAKS.sub("\n", piece)
        self.text += piece

    def _flush(self) -> None:
        """End the block, if there is text for one; inline elements may run on into the next."""
        if self.has_text:
            if self.pieces:
                self._settle()
            text = self.text.strip()
            if text:
                self._add_block(text)
        self.text = ""
        self.pieces.clear()
        self.closed_marks.clear()
        self.has_text = self.is_after_break = False
        self.link_chars = 0
        if self.open_marks:
            self.open_marks = [(0, *mark[1:]) for mark in self.open_marks]

    def _add_block(self, text: str) -> None:
        inlines: tuple[Inline, ...] = ()
        if self.closed_marks or self.open_marks:
            end = len(self.text)
            spans = self.closed_marks
            if self.open_marks:
                spans += [(mark[0], end, *mark[1:]) for mark in self.open_marks]
            if len(spans) > 1:
                spans.sort()
            inlines = _inlines(text, spans, end - len(self.text.lstrip()))
        if _KEPT_SPACE in text:
            text = text.replace(_KEPT_SPACE, " ")
            if text.isspace():
                return
        link_share = min(1.0, self.link_chars / len(text))
        folded, word_count = fold_and_count(text)
        order, element = len(self.blocks), self.element
        self.blocks.append(Block(order, text, element, inlines, link_share, word_count, folded, element.is_hidden))


def _kind_of(node: LexborNode) -> tuple[str, _Kind]:
    tag = node.tag or ""
    if node.is_text_node:
        return tag, _Kind.TEXT
    if not node.is_element_node or tag in _SKIPPED_TAGS:
        return tag, _Kind.SKIPPED
    if tag in _BLOCK_TAGS or "-" in tag:  # custom elements are containers in practice
        return tag, _Kind.BLOCK
    return tag, {"br": _Kind.BREAK, "img": _Kind.PICTURE}.get(tag, _Kind.INLINE)


def _inlines(text: str, spans: list[_Span], lead: int) -> tuple[Inline, ...]:
    """The stretches that are set apart in a text that lost *lead* characters at its start."""
    inlines = []
    whole = len(text)
    for start, end, _, tag, names, href in spans:
        if start <= lead and end - lead >= whole:  # most: a link that is the whole block
            inlines.append(Inline(0, whole, tag, names, href))
            continue
        begin = max(0, start - lead)
        stretch = text[begin : max(0, end - lead)]
        if inner := stretch.strip():
            begin += stretch.index(inner)
            inlines.append(Inline(begin, begin + len(inner), tag, names, href))
    return tuple(inlines)


def _names(attributes: dict[str, str | None]) -> str:
    if _OTHER_NAMING.isdisjoint(attributes):
        return attributes.get("class") or ""
    return " ".join(filter(None, map(attributes.get, _NAMING)))


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
