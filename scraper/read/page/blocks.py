"""
What the walk over a page finds: its blocks of text with the elements they stand in, and its
pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from scraper.read.page.picture_source import picture_source
from scraper.text import squash
from scraper.urls import join_url


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


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
