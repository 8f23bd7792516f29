"""
What stands in a page and is no text that it shows: filler, hidden lines among visible ones, and all
that lies behind a wall which can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from scraper.model import BODY_ROLES, LabelledBlock, Reason, Role
from scraper.read.access.asks import Text, find_wall
from scraper.read.page.blocks import Element, Outline
from scraper.read.page.nodes import HEADINGS, is_out_of_sight
from scraper.read.page.parse import Page
from scraper.read.words.language import is_filler
from scraper.text import count_words

Blocks = tuple[LabelledBlock, ...]
# Beside so many times as many words that are seen, hidden ones are no part of the text; more are a
# text that a script shows, or answers that open on a click.
_BESIDE = 4
_OPENS = HEADINGS | {"summary", "button", "dt", "label"}


def without_filler(blocks: Blocks) -> Blocks:
    """The blocks with what only fills the place of a text as no text."""
    return tuple(
        block._replace(role=Role.OTHER, reason=Reason.FILLER)
        if block.role in BODY_ROLES and is_filler(block.text)
        else block
        for block in blocks
    )


def without_hidden(page: Page, outline: Outline, blocks: Blocks) -> Blocks:
    """The blocks with hidden lines among visible ones as no text: who reads the page never sees them."""
    hidden = _hidden_body(page, outline, blocks)
    words = sum(count_words(blocks[i].text) for i in hidden)
    seen = sum(count_words(block.text) for block in blocks if block.role in BODY_ROLES) - words
    if not hidden or seen < _BESIDE * words:
        return blocks
    return _as_hidden(blocks, {i for i in hidden if i == 0 or blocks[i - 1].tag not in _OPENS})


def has_wall(outline: Outline, blocks: Blocks) -> bool:
    """Whether a wall that can be seen stands below what is shown of the text, or in its place."""
    hidden = {block.order for block in outline.blocks if block.is_hidden}
    return find_wall(Text(blocks, hidden)) is not None


def behind_wall(page: Page, outline: Outline, blocks: Blocks) -> tuple[Blocks, int]:
    """
    The blocks with hidden ones as no text where a visible wall stands below what is shown, and how
    many words those have.

    A page that shows nothing of its text has a script that does.
    """
    hidden = _hidden_body(page, outline, blocks)
    if not hidden or len(hidden) == sum(block.role in BODY_ROLES for block in blocks):
        return blocks, 0
    shown = _as_hidden(blocks, hidden)
    if not has_wall(outline, shown):
        return blocks, 0
    return shown, sum(count_words(blocks[i].text) for i in hidden)


def _hidden_body(page: Page, outline: Outline, blocks: Blocks) -> set[int]:
    """
    The places of the blocks of a text that nobody sees; what is only kept from screen readers is
    seen.
    """
    hidden = {
        i for i, block in enumerate(blocks) if block.role in BODY_ROLES and outline.blocks[block.number].is_hidden
    }
    if not hidden:
        return hidden
    unseen = {node.mem_id for node in page.tree.css("[hidden], [style]") if is_out_of_sight(node.attributes)}
    return {i for i in hidden if any(element.node_id in unseen for element in _around(outline, blocks[i]))}


def _around(outline: Outline, block: LabelledBlock) -> Iterator[Element]:
    return outline.blocks[block.number].element.ancestors()


def _as_hidden(blocks: Blocks, places: set[int]) -> Blocks:
    return tuple(
        block._replace(role=Role.OTHER, reason=Reason.HIDDEN) if i in places else block
        for i, block in enumerate(blocks)
    )
