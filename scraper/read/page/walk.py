"""
One walk over the tree: the text blocks of a page in reading order, and its pictures.

A block is a maximal run of text between block-level elements; two line breaks in a row
end one as well (paragraphs of pages that have no `<p>`). Nothing is lost: the texts of
all blocks together are the page's text, but for the numbers of a listing's lines, the marks that
lead to a heading, and what is said to screen readers amid a sentence. What a block *is* gets decided in `labels.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborNode

from scraper.read.page.blocks import Block, Element, Inline, Outline, Picture
from scraper.read.page.listings import FRAMES, LINES, is_gutter, is_listing, line_style, names_listing
from scraper.read.page.nodes import (
    EMPHASIS,
    HEADINGS,
    HIDDEN_TAGS,
    OF_LOOKS,
    PREFORMATTED_TAGS,
    Kind,
    is_centred_by,
    is_hiding,
    is_in_sentence,
    is_permalink,
    is_said_aside,
    kind_of,
    names_in,
)
from scraper.read.page.parse import Page
from scraper.read.page.picture_source import is_own_picture, picture_source
from scraper.text import fold_and_count, without_invisible

_SPACE = " \t\n\r\f"
_SPACES = re.compile(f"[{_SPACE}]+")
_BREAKS = re.compile(r" ?\x01 ?")
# In a block's raw text: a line break, and a space that its author laid out.
_BREAK = "\x01"
_KEPT_SPACE = "\x04"
_OUR_MARKS = re.compile("[\x01-\x04]")

# An inline element that says something about its text: where in the open block it starts, its
# number on the page, tag, names and target. A plain tuple: there are hundreds on a page.
_Mark = tuple[int, int, str, str, str | None]
# The same with the end of its stretch behind the start.
_Span = tuple[int, int, int, str, str, str | None]


def walk(page: Page) -> Outline:
    """The blocks and pictures of a page, in document order."""
    return _Walker(page).walk()


# A link that goes on to the end of a paragraph with so much text is no link that its author closed,
# if the next one leads to the same place.
_RUN_ON_WORDS, _RUN_ON_CHARACTERS = 12, 80


class _Walker:
    """Holds what a walk collects; recursion would end at Python's limit on deeply nested pages."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self.element = Element("html", "", None, 0, 0, is_hidden=False, tags=frozenset(("html",)))
        self.element_count = 0
        # How many elements around keep their white space; how many inline ones are code with lines.
        self.preformatted = 0
        self.lined = 0
        # In a listing or a heading some nodes are something else.
        self.is_particular = False
        # The text since the last block ended: settled up to the last mark, and in pieces behind
        # that.
        self.text = ""
        self.pieces: list[str] = []
        self.has_text = False
        self.is_after_break = self.is_after_line = False
        self.link_chars = 0
        # The inline elements open around it, and those that ended in it.
        self.mark_count = 0
        self.open_marks: list[_Mark] = []
        self.open_links = 0
        self.closed_marks: list[_Span] = []
        # A block that ends within a long link: perhaps nobody closed it.
        self.run_on: tuple[Block, Inline] | None = None

    def walk(self) -> Outline:
        # Bound once: this loop runs for each of a page's thousands of nodes.
        is_text, is_skipped, is_block, is_inline, is_break, _ = Kind
        kinds: dict[int, tuple[str, Kind]] = {}
        # The elements open around the current node, and how each ends; None where that changes
        # nothing.
        opened: list[tuple[LexborNode, Callable[[], None] | None]] = []
        node = self.page.tree.root
        while node is not None:
            number = node.tag_id
            tag, kind = kinds.get(number) or kinds.setdefault(number, kind_of(node))
            if (self.is_particular or tag == "button" or (self.has_text and tag == "span")) and kind is not is_text:
                kind = self._kind_here(node, tag, kind)
            if kind is is_text:
                text = node.text_content or ""
                # Most text nodes are the white space between two elements: those begin no block.
                if self.has_text or self.preformatted or not (text.isspace() and text.isascii()):
                    self._text(text)
            elif kind is is_block:
                close = self._open_block(node, tag)
                if (child := node.first_child) is not None:
                    opened.append((node, close))
                    node = child
                    continue
                close()
            elif kind is is_inline:
                # One without anything in it, such as an icon, sets no text apart.
                if (child := node.first_child) is not None:
                    opened.append((node, self._open_inline(node, tag)))
                    node = child
                    continue
            elif kind is is_break:
                self._break()
            elif kind is not is_skipped:
                self._picture(node)
            following = node.next
            while following is None and opened:
                node, end = opened.pop()
                if end is not None:
                    end()
                following = node.next
            node = following if opened else None
        self._flush()
        return Outline(tuple(self.blocks), tuple(self.pictures))

    def _kind_here(self, node: LexborNode, tag: str, kind: Kind) -> Kind:
        """What a node is in a listing or a heading, and a button anywhere, and a span amid a text."""
        if kind is Kind.BLOCK:
            if tag == "button" and is_in_sentence(node):
                return Kind.INLINE
            if "pre" in self.element.tags and tag in LINES:
                return Kind.SKIPPED if is_gutter(node) else kind
            if not ("pre" in self.element.tags and tag in FRAMES):
                return kind
            kind = Kind.INLINE
        if kind is Kind.INLINE:
            is_beside = is_permalink(node) if self.element.tag in HEADINGS else self.is_particular and is_gutter(node)
            return Kind.SKIPPED if is_beside or (self.has_text and is_said_aside(node)) else kind
        return kind

    def _open_block(self, node: LexborNode, tag: str) -> Callable[[], None]:
        """Begin a block, or a line of a listing: gives what ends it."""
        if self.is_particular and tag in LINES and "pre" in self.element.tags:
            self._end_line()
            return self._end_line
        if self.pieces or self.text:
            self._flush()
        around = self.element
        names, is_hidden, tags = "", around.is_hidden or tag in HIDDEN_TAGS, around.tags
        is_centred = around.is_centred or tag == "center"
        attributes = node.attributes
        if tag == "dialog":
            is_hidden = is_hidden or "open" not in attributes  # HTML §4.11.4
        if attributes:
            names = names_in(attributes)
            if "center" in names or not OF_LOOKS.isdisjoint(attributes):
                is_hidden = is_hidden or is_hiding(attributes)
                is_centred = is_centred_by(tag, attributes, is_centred=is_centred)
        if tag not in tags:
            tags |= {tag}
        if tag in PREFORMATTED_TAGS:
            self.preformatted += 1
        elif names and names_listing(names) and "pre" not in tags and is_listing(node):
            tags |= {"pre"}
        elif "-" in tag and is_own_picture(tag) and picture_source(attributes):
            self._picture(node)
        self.element_count += 1
        self.element = Element(
            tag, names, around, self.element_count, node.mem_id, is_hidden, tags, around.depth + 1, is_centred
        )
        self.is_particular = "pre" in tags or tag in HEADINGS
        return self._close_block

    def _close_block(self) -> None:
        if self.pieces or self.text:
            self._flush()
        element = self.element
        if element.tag in PREFORMATTED_TAGS:
            self.preformatted -= 1
        self.element = around = element.parent or element
        self.is_particular = "pre" in around.tags or around.tag in HEADINGS

    def _end_line(self) -> None:
        """End a line of a listing."""
        if self.has_text and not self.is_after_break:
            self.pieces.append(_BREAK)
            self.is_after_break = self.is_after_line = True

    def _open_inline(self, node: LexborNode, tag: str) -> Callable[[], None] | None:
        """
        Mark the start of an inline element, if it says something about its text: gives what ends
        it.
        """
        names, href = "", None
        if attributes := node.attributes:
            names, href = names_in(attributes), attributes.get("href") if tag == "a" else None
        if href is None and (
            (not names and tag not in EMPHASIS) or (self.is_particular and "pre" in self.element.tags)
        ):
            return None
        if href is not None and self.run_on is not None and self._is_run_on(href):
            return None
        if self.pieces:
            self._settle()
        self.open_marks.append((len(self.text), self.mark_count, tag, names, href))
        self.mark_count += 1
        self.open_links += href is not None
        is_kept, has_lines = line_style(node, tag) if tag == "code" else (False, False)
        self.preformatted += is_kept
        self.lined += has_lines
        return self._close_kept if is_kept else self._close_lined if has_lines else self._close_inline

    def _is_run_on(self, href: str) -> bool:
        """
        Whether a link is the one that the block before ended in, opened anew by the parser.

        Source: HTML Standard §13.2.4.3, the list of active formatting elements.
        """
        assert self.run_on is not None
        block, link = self.run_on
        if link.href != href:
            self.run_on = None
            return False
        count = len(block.inlines)
        block.inlines = tuple(inline for inline in block.inlines if inline is not link)
        if len(block.inlines) < count:
            block.link_share = max(0.0, block.link_share - (link.end - link.start) / len(block.text))
        return True

    def _close_kept(self) -> None:
        self.preformatted -= 1
        self._close_lined()

    def _close_lined(self) -> None:
        self.lined -= 1
        self._close_inline()

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
            if self.is_after_line and not text.strip():
                return
            text = (
                _OUR_MARKS.sub("", without_invisible(text))
                .replace("\t", "    ")
                .replace("\n", _BREAK)
                .replace(" ", _KEPT_SPACE)
            )
        core = text.strip()
        if not core.isprintable() and not self.preformatted:
            text = _OUR_MARKS.sub("", without_invisible(text))
            core = text.strip()
        self.pieces.append(text)
        if core:
            self.has_text = True
            self.is_after_break = self.preformatted > 0 and text.endswith(_BREAK)
            self.is_after_line = False
            if self.open_links:
                self.link_chars += len(core)

    def _break(self) -> None:
        # Two line breaks make a paragraph, unless the text is laid out by its author.
        if self.is_after_break and not (self.preformatted or self.lined):
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
        self.has_text = self.is_after_break = self.is_after_line = False
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
        block = Block(order, text, element, inlines, link_share, word_count, folded, element.is_hidden)
        self.blocks.append(block)
        if link_share > 0 and word_count >= _RUN_ON_WORDS and (link := _run_on_link(block)):
            self.run_on = (block, link)


def _run_on_link(block: Block) -> Inline | None:
    """The link that a block ends in, if it is longer than links are and the block no link as a whole."""
    last = next((inline for inline in block.inlines if inline.end >= len(block.text)), None)
    if last is None or last.href is None:
        return None
    fewest = _RUN_ON_CHARACTERS if last.start > 0 else 2 * _RUN_ON_CHARACTERS
    return last if last.end - last.start >= fewest else None


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
