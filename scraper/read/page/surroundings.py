"""
A block with what its surroundings say of it, and where the page's running text is.

The *main container* is the innermost element that holds most of the running text. What names say of
elements around it is left out: a theme that calls the whole page "sidebar-left" says nothing of its
blocks.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from scraper.read.page.blocks import Block, Element
from scraper.read.page.hints import Hint, element_hints, hints_of
from scraper.read.page.nodes import HEADINGS
from scraper.read.words.sentences import ends_sentence

_OUTSIDE = (
    Hint.COMMENT | Hint.CONSENT | Hint.RELATED | Hint.FOOTER | Hint.NAV | Hint.NEWSLETTER | Hint.CAPTION | Hint.AD
)
_WHOLE_PAGE_TAGS = frozenset(("body", "html", "main", "article"))
_FEWEST_PARAGRAPH_WORDS = 8  # entries of menus have fewer
_order = attrgetter("order")
# An inline element that holds so much of a block's text speaks for all of it; an element that holds
# so much of the running text may be the main container.
_NEARLY_ALL = 0.9
_MOST_TEXT = 0.7
# The weight at which the text that is shown, and not named as beside the article, is looked at
# alone; that of all text.
_LEAST_SHOWN, _LEAST_OF_ALL = 60, 1
FEWEST_LONG_WORDS = 18


@dataclass(slots=True, eq=False)
class View:
    """One block with what its surroundings say of it."""

    block: Block
    own: Hint  # of its element, the two around it, and inline elements that hold all of its text
    inherited: Hint  # of the elements between it and the main container
    is_inside: bool  # in the main container


def find_views(blocks: tuple[Block, ...]) -> list[View]:
    """The blocks of a page, each with its view."""
    hints = _hints_of_elements(blocks)
    places = _places(hints, _main_container(blocks, hints))
    views = []
    for block in blocks:
        own, inherited, is_inside = places[block.element]
        for start, end, _, names, _ in block.inlines:
            if names and end - start >= _NEARLY_ALL * len(block.text):
                own |= hints_of(names)
        views.append(View(block, own, inherited, is_inside))
    return views


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


def _places(hints: Mapping[Element, Hint], container: Element | None) -> dict[Element, tuple[Hint, Hint, bool]]:
    """
    What `View` tells of the place of an element's blocks: own hints, inherited ones, whether it is
    inside.
    """
    # What is said of the main container and of what is around it counts for nothing.
    said = dict(hints)
    for element in container.ancestors() if container else ():
        said[element] = Hint.NONE
    places: dict[Element, tuple[Hint, Hint, bool]] = {}
    for element, own in said.items():
        parent = element.parent
        if parent is None:
            places[element] = (own, Hint.NONE, container is None or element is container)
            continue
        _, inherited, is_inside = places[parent]
        near = own | said[parent]
        if parent.parent is not None:
            near |= said[parent.parent]
        if element.tag == "main":  # a page that has a side column is named so around its main part
            inherited &= ~Hint.ASIDE
        places[element] = (near, inherited | own, is_inside or element is container)
    return places


def _main_container(blocks: tuple[Block, ...], hints: Mapping[Element, Hint]) -> Element | None:
    """The innermost element that holds most of the running text."""
    weighed = [(block, weight) for block in blocks if (weight := _paragraph_weight(block))]
    outside = _elements_outside(hints)
    shown = [(block, weight) for block, weight in weighed if _is_shown_inside(block, outside)]
    for texts, least in ((shown, _LEAST_SHOWN), (weighed, _LEAST_OF_ALL)):
        total = sum(weight for _, weight in texts)
        if total >= least:
            held = _weights_held(texts, hints)
            return _innermost(element for element in held if held[element] >= _MOST_TEXT * total)
    return None


def _innermost(elements: Iterable[Element]) -> Element | None:
    found = max(elements, key=_order)
    # Where one paragraph is most of the running text, what stands beside it belongs to it all the
    # same.
    return found.parent if found.tag == "p" else found


def _weights_held(texts: Iterable[tuple[Block, float]], elements: Iterable[Element]) -> dict[Element, float]:
    """How much of some texts stands in each element; an element comes after the one around it."""
    held: dict[Element, float] = dict.fromkeys(elements, 0.0)
    for block, weight in texts:
        held[block.element] += weight
    # From the innermost outwards, so that each has all of its own before it is added to what is
    # around it.
    for element in reversed(held):
        if element.parent is not None:
            held[element.parent] += held[element]
    return held


def _is_shown_inside(block: Block, outside: Container[Element]) -> bool:
    return not block.is_hidden and block.element not in outside


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
    if "pre" in block.element.tags:  # a long listing is not the middle of the text that it belongs to
        weight *= 0.1
    return weight if ends_sentence(block.text) else weight * 0.5
