"""
A block with what its surroundings say of it, and where the page's running text is.

The *main container* is the innermost element that holds most of the running text. What names say
of elements around it is left out: a theme that calls the whole page "sidebar-left" says nothing of its blocks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice

from scraper.read.blocks import Block, Element
from scraper.read.names import Hint, element_hints, hints_of
from scraper.text import fold

FULL_STOP = re.compile(r"[.!?…。！？؟।][”\"'»)\]]*\s*$")
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_OUTSIDE = (
    Hint.COMMENT | Hint.CONSENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.NEWSLETTER | Hint.CAPTION | Hint.AD
)
_FEWEST_PARAGRAPH_WORDS = 8
FEWEST_LONG_WORDS = 18


@dataclass(frozen=True, slots=True)
class View:
    """One block with what its surroundings say of it."""

    block: Block
    own: Hint  # of its element, the two around it, and inline elements that hold all of its text
    inherited: Hint  # of the elements between it and the main container
    is_inside: bool  # in the main container
    folded: str


# ---------------------------------------------------------------- the main container


def find_views(blocks: tuple[Block, ...]) -> list[View]:
    """The blocks of a page, each with its view."""
    container, outer = _main_container(blocks)
    chains: dict[Element, tuple[Hint, bool]] = {}
    views = []
    for block in blocks:
        inherited, inside = _chain(block.element, container, outer, chains)
        own = Hint.NONE
        for element in islice(block.element.ancestors(), 3):
            if element in outer:
                break
            own |= element_hints(element)
        for inline in block.inlines:
            if inline.names and inline.end - inline.start >= 0.9 * len(block.text):
                own |= hints_of(inline.names)
        views.append(View(block, own, inherited, inside, fold(block.text)))
    return views


def _chain(
    element: Element, container: Element | None, outer: set[Element], known: dict[Element, tuple[Hint, bool]]
) -> tuple[Hint, bool]:
    """Hints of an element and those around it below the main container; whether it is inside that."""
    below: list[Element] = []
    hints, inside = Hint.NONE, container is None
    for around in element.ancestors():
        if around in known:
            hints, inside = known[around]
            break
        if around is container:
            inside = True
            break
        below.append(around)
    for around in reversed(below):
        if around not in outer and around.parent is not None:
            hints |= element_hints(around)
        known[around] = (hints, inside)
    return hints, inside


def _main_container(blocks: tuple[Block, ...]) -> tuple[Element | None, set[Element]]:
    """The innermost element that holds most of the running text, and the elements around it."""
    for is_careful in (True, False):
        weights: dict[Element, float] = defaultdict(float)
        total = 0.0
        outside: dict[int, bool] = {}
        for block in blocks:
            if block.is_hidden and is_careful:
                continue
            weight = _paragraph_weight(block)
            if not weight or (is_careful and _stands_outside(block.element, outside)):
                continue
            total += weight
            for element in block.element.ancestors():
                weights[element] += weight
        if total >= (60 if is_careful else 1):
            held = [element for element, weight in weights.items() if weight >= 0.7 * total]
            innermost = max(held, key=lambda element: element.order)
            return innermost, set(innermost.ancestors())
    return None, set()


def _paragraph_weight(block: Block) -> float:
    if block.word_count < _FEWEST_PARAGRAPH_WORDS or block.link_share > 0.5 or block.tag in HEADINGS:
        return 0.0
    weight = block.word_count * (1 - block.link_share)
    if block.tag in {"li", "td", "dd", "label", "button", "option"} and block.word_count < FEWEST_LONG_WORDS:
        weight *= 0.3
    return weight if FULL_STOP.search(block.text) else weight * 0.5


def _stands_outside(element: Element, known: dict[int, bool]) -> bool:
    for around in element.ancestors():
        if around.tag in {"body", "html", "main", "article"}:
            continue
        if around.order not in known:
            known[around.order] = bool(element_hints(around) & _OUTSIDE)
        if known[around.order]:
            return True
    return False
