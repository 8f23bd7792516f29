"""
A block with what its surroundings say of it, and where the page's running text is.

The *main container* is the innermost element that holds most of the running text. What names say
of elements around it is left out: a theme that calls the whole page "sidebar-left" says nothing of its blocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from itertools import islice
from typing import NamedTuple

from scraper.read.blocks import Block, Element
from scraper.read.names import Hint, element_hints, hints_of
from scraper.text import fold

_SENTENCE_ENDS = frozenset(".!?…。！？؟।")
_CLOSING = "”\"'»)]"
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_OUTSIDE = (
    Hint.COMMENT | Hint.CONSENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.NEWSLETTER | Hint.CAPTION | Hint.AD
)
_WHOLE_PAGE_TAGS = frozenset(("body", "html", "main", "article"))
_FEWEST_PARAGRAPH_WORDS = 8
FEWEST_LONG_WORDS = 18


class View(NamedTuple):
    """One block with what its surroundings say of it."""

    block: Block
    own: Hint  # of its element, the two around it, and inline elements that hold all of its text
    inherited: Hint  # of the elements between it and the main container
    is_inside: bool  # in the main container
    folded: str


def find_views(blocks: tuple[Block, ...]) -> list[View]:
    """The blocks of a page, each with its view."""
    hints = _hints_of_elements(blocks)
    container, outer = _main_container(blocks, hints)
    chains = _chains(hints, container, outer)
    owns: dict[Element, Hint] = {}
    views = []
    for block in blocks:
        element = block.element
        own = owns.get(element)
        if own is None:
            own = owns[element] = _own_hints(element, hints, outer)
        for inline in block.inlines:
            if inline.names and inline.end - inline.start >= 0.9 * len(block.text):
                own |= hints_of(inline.names)
        inherited, is_inside = chains[element]
        views.append(View(block, own, inherited, is_inside, fold(block.text)))
    return views


def ends_sentence(text: str) -> bool:
    """
    Whether a text ends as a sentence does. Asked of most blocks several times, and a pattern would search them whole.

    >>> ends_sentence("“Nobody was hurt.”"), ends_sentence("Read more")
    (True, False)
    """
    return text.rstrip().rstrip(_CLOSING)[-1:] in _SENTENCE_ENDS


def _own_hints(element: Element, hints: Mapping[Element, Hint], outer: Container[Element]) -> Hint:
    own = Hint.NONE
    for around in islice(element.ancestors(), 3):
        if around in outer:
            break
        own |= hints[around]
    return own


# ---------------------------------------------------------------- the elements around the blocks


def _hints_of_elements(blocks: tuple[Block, ...]) -> dict[Element, Hint]:
    """What each element that a block stands in speaks for; an element comes after the one around it."""
    hints: dict[Element, Hint] = {}
    for block in blocks:
        fresh: list[Element] = []
        element: Element | None = block.element
        while element is not None and element not in hints:
            fresh.append(element)
            element = element.parent
        for around in reversed(fresh):
            hints[around] = element_hints(around)
    return hints


def _chains(
    hints: Mapping[Element, Hint], container: Element | None, outer: Container[Element]
) -> dict[Element, tuple[Hint, bool]]:
    """Hints of each element and those around it below the main container; whether it is inside that."""
    chains: dict[Element, tuple[Hint, bool]] = {}
    for element, own in hints.items():
        if element is container:
            chains[element] = (Hint.NONE, True)
        elif element.parent is None:
            chains[element] = (Hint.NONE, container is None)
        elif element in outer:
            chains[element] = chains[element.parent]
        else:
            inherited, inside = chains[element.parent]
            chains[element] = (inherited | own, inside)
    return chains


def _main_container(
    blocks: tuple[Block, ...], hints: Mapping[Element, Hint]
) -> tuple[Element | None, frozenset[Element]]:
    """The innermost element that holds most of the running text, and the elements around it."""
    weighed = [(block, weight) for block in blocks if (weight := _paragraph_weight(block))]
    for is_careful in (True, False):
        weights: dict[Element, float] = defaultdict(float)
        total = 0.0
        outside = _elements_outside(hints) if is_careful else frozenset()
        for block, weight in weighed:
            if is_careful and (block.is_hidden or block.element in outside):
                continue
            total += weight
            for element in block.element.ancestors():
                weights[element] += weight
        if total >= (60 if is_careful else 1):
            held = [element for element, weight in weights.items() if weight >= 0.7 * total]
            innermost = max(held, key=lambda element: element.order)
            return innermost, frozenset(innermost.ancestors())
    return None, frozenset()


def _elements_outside(hints: Mapping[Element, Hint]) -> frozenset[Element]:
    """The elements that stand in one whose names put it beside the article."""
    outside: set[Element] = set()
    for element, own in hints.items():
        if element.parent in outside or (own & _OUTSIDE and element.tag not in _WHOLE_PAGE_TAGS):
            outside.add(element)
    return frozenset(outside)


def _paragraph_weight(block: Block) -> float:
    if block.word_count < _FEWEST_PARAGRAPH_WORDS or block.link_share > 0.5 or block.tag in HEADINGS:
        return 0.0
    weight = block.word_count * (1 - block.link_share)
    if block.tag in {"li", "td", "dd", "label", "button", "option"} and block.word_count < FEWEST_LONG_WORDS:
        weight *= 0.3
    return weight if ends_sentence(block.text) else weight * 0.5
