"""
What the configuration says of a site's pages by CSS selector: the roles of blocks, whether a
session has ended.
"""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import SelectolaxError

from scraper.errors import PageError
from scraper.model import BODY_ROLES, LabelledBlock, Role, Selectors
from scraper.read.page.blocks import Block, Outline
from scraper.read.page.markdown import render_block
from scraper.read.page.parse import Page

# What stands in a selected body and is no text all the same.
_KEPT_IN_BODY = frozenset((Role.CAPTION, Role.CREDIT, Role.PAYWALL, Role.NEWSLETTER, Role.HEADLINE))


def apply_selectors(
    page: Page, selectors: Selectors, outline: Outline, blocks: tuple[LabelledBlock, ...]
) -> tuple[LabelledBlock, ...]:
    """The blocks with the roles that selectors give them; what they remove is kept as "other"."""
    chosen: dict[int, Role] = {}
    for css, role in (
        (selectors.body, Role.BODY),
        (selectors.headline, Role.HEADLINE),
        (selectors.dek, Role.DEK),
        (selectors.byline, Role.BYLINE),
        (selectors.remove, Role.OTHER),
    ):
        selected = set(_find_blocks(page, css, outline))
        chosen |= dict.fromkeys(selected, role)
        if role is Role.BODY and selected:
            chosen |= {block.order: Role.OTHER for block in outline.blocks if block.order not in selected}
    return tuple(
        _selected(block, chosen[block.number], outline.blocks[block.number]) if block.number in chosen else block
        for block in blocks
    )


def _find_blocks(page: Page, css: tuple[str, ...], outline: Outline) -> Iterator[int]:
    """The numbers of the blocks in elements that selectors find."""
    nodes = {node.mem_id for selector in css for node in page.tree.css(selector)}
    for block in outline.blocks if nodes else ():
        if any(element.node_id in nodes for element in block.element.ancestors()):
            yield block.order


def _selected(block: LabelledBlock, role: Role, place: Block) -> LabelledBlock:
    # A block that was parted into a caption and its credit, a headline and its kicker, stays so.
    if block.text != place.text or not _may_become(block.role, role):
        return block
    return block._replace(role=role, reason="selector", confidence=1.0, markdown=block.markdown or render_block(place))


def _may_become(known: Role, role: Role) -> bool:
    """
    Whether a selector changes the role of a block: text stays the text it is, what is no text stays
    beside it.
    """
    match role:
        case Role.BODY:
            return known not in BODY_ROLES | _KEPT_IN_BODY
        case Role.OTHER:
            return known in BODY_ROLES
        case _:
            return True


def is_signed_out(page: Page, selectors: tuple[str, ...]) -> bool:
    """
    Whether a page shows that the reader's session has ended: one of the selectors finds something
    on it.

    Raises:
        PageError: A selector is none.

    >>> from scraper.read.page.parse import parse_page
    >>> is_signed_out(parse_page(b"<a class=log-in>Log in</a>", "https://a.example/"), ("a.log-in",))
    True
    """
    for selector in selectors:
        try:
            if page.tree.css_first(selector) is not None:
                return True
        except (SelectolaxError, ValueError) as error:
            raise PageError(page.url, f"the selector “{selector}” (signed_out) cannot be used: {error}") from error
    return False
